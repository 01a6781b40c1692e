import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../src/core/bytes.ts";
import { KEY_LENGTH, NONCE_LENGTH, open, seal, TAG_LENGTH } from "../../src/vault/aead.ts";
import { readVectors, type WycheproofFile } from "./vectors.ts";

const KEY = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
const bytes = fc.uint8Array({ maxLength: 300 });

Deno.test("what was sealed opens under the same key and additional data", () => {
  fc.assert(fc.property(bytes, bytes, (plaintext, additional) => {
    const sealed = seal(KEY, plaintext, additional);
    assert.equal(sealed.nonce.length, NONCE_LENGTH);
    assert.equal(sealed.tag.length, TAG_LENGTH);
    assert.equal(sealed.ciphertext.length, plaintext.length);
    assert.deepEqual(open(KEY, sealed, additional), new Uint8Array(plaintext));
  }));
});

Deno.test("a change of any bit anywhere is noticed", () => {
  const parts = ["nonce", "ciphertext", "tag", "additional", "key"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.nat(), fc.nat(7), (part, position, bit) => {
      const additional = utf8("bound to this");
      const key = KEY.slice();
      const sealed = seal(key, utf8("a secret value"), additional);
      const target = { ...sealed, additional, key }[part];
      const at = position % target.length;
      target[at] = (target[at] ?? 0) ^ (1 << bit);
      assert.equal(open(key, sealed, additional), undefined);
    }),
  );
});

Deno.test("a cut tag or an odd nonce never opens", () => {
  const sealed = seal(KEY, utf8("value"), utf8("aad"));
  assert.equal(open(KEY, { ...sealed, tag: sealed.tag.subarray(0, 4) }, utf8("aad")), undefined);
  assert.equal(open(KEY, { ...sealed, tag: new Uint8Array(0) }, utf8("aad")), undefined);
  assert.equal(open(KEY, { ...sealed, nonce: new Uint8Array(16) }, utf8("aad")), undefined);
  assert.equal(open(KEY, { ...sealed, nonce: new Uint8Array(0) }, utf8("aad")), undefined);
});

Deno.test("each encryption takes a nonce of its own", () => {
  const nonces = new Set(Array.from({ length: 200 }, () => seal(KEY, utf8("v"), utf8("")).nonce.toHex()));
  assert.equal(nonces.size, 200);
});

Deno.test("an opened value is a buffer of its own that can be wiped", () => {
  const plain = open(KEY, seal(KEY, utf8("value"), utf8("")), utf8(""));
  assert(plain);
  assert.equal(plain.buffer.byteLength, plain.length);
  assert.equal(plain.byteOffset, 0);
});

Deno.test("the Wycheproof figures for AES-256-GCM hold", () => {
  interface Case {
    key: string;
    iv: string;
    aad: string;
    msg: string;
    ct: string;
    tag: string;
  }
  const file = readVectors<WycheproofFile<Case>>("wycheproof_aes_gcm.json");
  if (file === undefined) return;
  let count = 0;
  for (const group of file.testGroups) {
    if (group.keySize !== 256 || group.ivSize !== 96 || group.tagSize !== 128) continue;
    for (const test of group.tests) {
      const [key, nonce, aad, msg, ciphertext, tag] = [
        test.key,
        test.iv,
        test.aad,
        test.msg,
        test.ct,
        test.tag,
      ]
        .map((hex) => Uint8Array.fromHex(hex)) as [
          Uint8Array,
          Uint8Array,
          Uint8Array,
          Uint8Array,
          Uint8Array,
          Uint8Array,
        ];
      const opened = open(key, { nonce, ciphertext, tag }, aad);
      assert.equal(opened?.toHex(), test.result === "valid" ? test.msg : undefined, `case ${test.tcId}`);
      if (test.result === "valid") {
        const sealed = seal(key, msg, aad, nonce);
        assert.equal(sealed.ciphertext.toHex() + sealed.tag.toHex(), test.ct + test.tag, `case ${test.tcId}`);
      }
      count++;
    }
  }
  assert(count > 50, `only ${count} cases were of our sizes`);
});
