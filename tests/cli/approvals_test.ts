import assert from "node:assert/strict";
import { json, run } from "./fake.ts";
import { QUESTION } from "./fake_log.ts";

Deno.test("approvals without a verb lists what waits", async () => {
  const [bare, list] = [await run(["approvals"]), await run(["approvals", "list"])];
  assert.equal(bare.code, 0, bare.stderr);
  assert.equal(bare.stdout, list.stdout);
  assert.match(bare.stdout, new RegExp(QUESTION.id));
  assert.equal(json(await run(["approvals", "--json"])).approvals[0].id, QUESTION.id);
});

Deno.test("a misspelt verb of approvals or log is named, not taken for an argument", async () => {
  for (const [noun, typed, meant] of [["approvals", "aprove", "approve"], ["log", "verfy", "verify"]]) {
    const ran = await run([noun ?? "", typed ?? "", "x"]);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, new RegExp(`'${noun} ${typed}': did you mean '${meant}'`));
  }
  const id = await run(["approvals", QUESTION.id]);
  assert.equal(id.code, 2);
  assert.ok(!id.stderr.includes(QUESTION.id), "what has not the shape of a name is not repeated");
});
