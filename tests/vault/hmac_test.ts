import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { utf8 } from "../../src/core/bytes.ts";
import { HmacKey, sha256 } from "../../src/vault/hmac.ts";

Deno.test("HMAC-SHA256 gives RFC 4231's figures", () => {
  const one = new HmacKey(new Uint8Array(20).fill(0x0b)).mac(utf8("Hi There"));
  assert.equal(one.toHex(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  const two = new HmacKey(utf8("Jefe")).mac(utf8("what do ya want for nothing?"));
  assert.equal(two.toHex(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
});

Deno.test("HMAC-SHA256 agrees with the runtime's own for any key and message", () => {
  const key = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(key, fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 4 }), (key, messages) => {
      const ours = new HmacKey(key);
      for (const message of messages) {
        assert.equal(ours.mac(message).toHex(), createHmac("sha256", key).update(message).digest("hex"));
        assert.equal(sha256(message).toHex(), createHash("sha256").update(message).digest("hex"));
      }
    }),
  );
});

Deno.test("a wiped key no longer gives its MACs, and a key of over 64 bytes is refused", () => {
  const key = new HmacKey(utf8("Jefe"));
  const before = key.mac(utf8("m")).toHex();
  key.wipe();
  assert.notEqual(key.mac(utf8("m")).toHex(), before);
  assert.throws(() => new HmacKey(new Uint8Array(65)), RangeError);
});
