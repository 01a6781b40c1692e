import assert from "node:assert/strict";
import {
  BODY_BLOCK,
  giveBlock,
  LARGE_BLOCK,
  MEDIUM_BLOCK,
  OUTPUT_BLOCK,
  SMALL_BLOCK,
  takeBlock,
} from "../../../src/proxy/http/blocks.ts";

Deno.test("a block is as large as asked for, in one of few sizes", () => {
  for (
    const [asked, given] of [
      [1, SMALL_BLOCK],
      [SMALL_BLOCK, SMALL_BLOCK],
      [SMALL_BLOCK + 1, MEDIUM_BLOCK],
      [LARGE_BLOCK, LARGE_BLOCK],
      [LARGE_BLOCK + 1, BODY_BLOCK],
      [BODY_BLOCK + 1, OUTPUT_BLOCK],
      [OUTPUT_BLOCK + 1, OUTPUT_BLOCK + 1],
    ] as const
  ) assert.equal(takeBlock(asked).length, given);
});

Deno.test("a block that was given back is lent again, to one at a time", () => {
  const first = takeBlock(MEDIUM_BLOCK);
  giveBlock(first);
  const second = takeBlock(MEDIUM_BLOCK);
  const third = takeBlock(MEDIUM_BLOCK);
  assert.equal(second, first);
  assert.notEqual(third, first);
});

Deno.test("what is kept for later is bounded", () => {
  const blocks = Array.from({ length: 200 }, () => new Uint8Array(LARGE_BLOCK));
  const returned = new Set(blocks);
  for (const block of blocks) giveBlock(block);
  let kept = 0;
  while (returned.has(takeBlock(LARGE_BLOCK))) kept++;
  assert.ok(kept > 0 && kept * LARGE_BLOCK <= 4 * 1024 * 1024, `${kept} kept`);
});

Deno.test("a block of an odd size is not kept", () => {
  const odd = takeBlock(OUTPUT_BLOCK + 1);
  giveBlock(odd);
  assert.notEqual(takeBlock(OUTPUT_BLOCK + 1), odd);
});
