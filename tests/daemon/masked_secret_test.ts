import assert from "node:assert/strict";
import fc from "fast-check";
import { MaskedSecret } from "../../src/daemon/masked_secret.ts";

Deno.test("a masked secret opens as it was, again and again, each time in a buffer of its own", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const given = bytes.slice();
    const masked = new MaskedSecret(given);
    given.fill(0);
    const first = masked.open();
    assert.deepEqual(first, bytes);
    first.fill(0);
    assert.deepEqual(masked.open(), bytes);
  }));
});

Deno.test("a wiped secret opens as zeros only", () => {
  const masked = new MaskedSecret(new Uint8Array(32).fill(7));
  masked.wipe();
  assert.deepEqual(masked.open(), new Uint8Array(32));
});
