import assert from "node:assert/strict";
import { HitLimit } from "../../../src/proxy/scrub/hit_limit.ts";

Deno.test("thirty hits a minute are shown, for each credential by itself", () => {
  let time = 0;
  const limit = new HitLimit(() => time);
  assert.equal(limit.isEmpty, true);
  for (let i = 0; i < 29; i++) limit.note("a");
  assert.equal(limit.wait("a"), 0);
  time = 20_000;
  limit.note("a");
  assert.equal(limit.isEmpty, false);
  assert.equal(limit.wait("a"), 40);
  assert.equal(limit.wait("b"), 0);
  time = 59_999;
  assert.equal(limit.wait("a"), 1);
  time = 60_000;
  assert.equal(limit.wait("a"), 0);
  assert.equal(limit.isEmpty, true);
  limit.note("a");
  assert.equal(limit.wait("a"), 0, "the minute begins anew");
});

Deno.test("any number of credentials takes bounded memory", () => {
  const limit = new HitLimit(() => 0);
  for (let i = 0; i < 30; i++) limit.note("first");
  for (let i = 0; i < 4_095; i++) limit.note(String(i));
  assert.ok(limit.wait("first") > 0);
  limit.note("one more");
  assert.equal(limit.wait("first"), 0, "the longest counted one was forgotten");
});
