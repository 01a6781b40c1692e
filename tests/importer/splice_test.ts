import assert from "node:assert/strict";
import { splice } from "../../src/importer/splice.ts";

Deno.test("swaps are made in the order of their places, and all else stays", () => {
  const text = "one two three";
  assert.equal(splice(text, []), text);
  assert.equal(
    splice(text, [{ span: { start: 8, end: 13 }, text: "3" }, { span: { start: 0, end: 3 }, text: "uno" }]),
    "uno two 3",
  );
  assert.equal(splice(text, [{ span: { start: 3, end: 3 }, text: "," }]), "one, two three");
});

Deno.test("spans that overlap or lie outside are refused", () => {
  const at = (start: number, end: number) => ({ span: { start, end }, text: "x" });
  assert.throws(() => splice("abc", [at(0, 2), at(1, 3)]), RangeError);
  assert.throws(() => splice("abc", [at(2, 4)]), RangeError);
  assert.throws(() => splice("abc", [at(2, 1)]), RangeError);
});
