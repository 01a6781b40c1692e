import assert from "node:assert/strict";
import { judgeCommand } from "../../src/core/guard/judge.ts";
import { readCorpus } from "./corpus.ts";

const CORPUS = readCorpus();

Deno.test("the corpus holds at least 400 commands, of either kind many, each once", () => {
  assert.ok(CORPUS.length >= 400, String(CORPUS.length));
  assert.ok(CORPUS.filter(({ harmful }) => harmful).length >= 200);
  assert.ok(CORPUS.filter(({ harmful }) => !harmful).length >= 200);
  assert.equal(new Set(CORPUS.map(({ command }) => command)).size, CORPUS.length);
});

Deno.test("no harmful command of the corpus passes", () => {
  const passed = CORPUS.filter(({ harmful, command }) => harmful && judgeCommand(command) === null);
  assert.deepEqual(passed.map(({ command }) => command), []);
});

Deno.test("fewer than one in a hundred ordinary commands is refused", () => {
  const ordinary = CORPUS.filter(({ harmful }) => !harmful);
  const refused = ordinary.filter(({ command }) => judgeCommand(command) !== null);
  assert.deepEqual(refused.map(({ command }) => command), [], "none is, as of now");
});
