import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { utf8 } from "../../src/core/bytes.ts";
import { deriveKek, newKdfParameters } from "../../src/vault/kdf.ts";
import {
  hkdf,
  KEY_PURPOSES,
  MAC_LENGTH,
  newDataKey,
  unwrapDataKey,
  VaultKeys,
  wrapDataKey,
} from "../../src/vault/keys.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { readVectors, type WycheproofFile } from "./vectors.ts";

async function kekOf(password: string, parameters = newKdfParameters(CHEAP_KDF.kdf)) {
  return { kek: await deriveKek(utf8(password), parameters, CHEAP_KDF.kdfLimits), parameters };
}

Deno.test("a wrapped data key comes back under the same password, vault and parameters", async () => {
  const { kek, parameters } = await kekOf("a password");
  const dataKey = newDataKey();
  const stored = await wrapDataKey(kek, dataKey, "vault-1", parameters);
  assert.equal(stored.wrapped.length, 48);
  assert.deepEqual(await unwrapDataKey(kek, stored, "vault-1", parameters), dataKey);
});

Deno.test("a wrapped data key is bound to its vault and to every parameter", async () => {
  const { kek, parameters } = await kekOf("a password");
  const stored = await wrapDataKey(kek, newDataKey(), "vault-1", parameters);
  assert.equal(await unwrapDataKey(kek, stored, "vault-2", parameters), undefined);
  for (const change of [{ memoryKiB: 65 }, { passes: 2 }, { parallelism: 2 }, { salt: new Uint8Array(16) }]) {
    assert.equal(await unwrapDataKey(kek, stored, "vault-1", { ...parameters, ...change }), undefined);
  }
  const other = (await kekOf("another", parameters)).kek;
  assert.equal(await unwrapDataKey(other, stored, "vault-1", parameters), undefined);
  const cut = { ...stored, wrapped: stored.wrapped.subarray(1) };
  assert.equal(await unwrapDataKey(kek, cut, "vault-1", parameters), undefined);
});

Deno.test("every purpose and every vault has a key of its own", () => {
  const dataKey = newDataKey();
  const seen = new Set<string>([dataKey.toHex()]);
  for (const id of ["vault-1", "vault-2"]) {
    const keys = new VaultKeys(dataKey, id);
    for (const purpose of KEY_PURPOSES) seen.add(keys.key(purpose).toHex());
    keys.wipe();
  }
  assert.equal(seen.size, 1 + 2 * KEY_PURPOSES.length);
});

Deno.test("the MAC is plain HMAC-SHA256 under the purpose's key", () => {
  const keys = new VaultKeys(newDataKey(), "vault-1");
  const expected = createHmac("sha256", keys.key("audit")).update("message").digest("hex");
  assert.equal(keys.mac("audit", utf8("message")).toHex(), expected);
  assert.equal(keys.mac("audit", utf8("message")).length, MAC_LENGTH);
  assert.notEqual(keys.mac("rows", utf8("message")).toHex(), expected);
});

Deno.test("wiped keys are zeros and refuse every use", () => {
  const dataKey = newDataKey();
  const keys = new VaultKeys(dataKey, "vault-1");
  const held = keys.key("values");
  const exported = keys.exportDataKey();
  assert.deepEqual(exported, dataKey);
  keys.wipe();
  assert.deepEqual(held, new Uint8Array(32));
  assert.deepEqual(exported, dataKey, "a copy is the caller's");
  assert.throws(() => keys.key("values"));
  assert.throws(() => keys.mac("rows", utf8("x")));
  assert.throws(() => keys.exportDataKey());
});

Deno.test("a data key of another length is refused", () => {
  assert.throws(() => new VaultKeys(new Uint8Array(16), "vault-1"), RangeError);
});

Deno.test("HKDF gives the figure of RFC 5869, appendix A.1", () => {
  const okm = hkdf(
    new Uint8Array(22).fill(0x0b),
    Uint8Array.fromHex("000102030405060708090a0b0c"),
    Uint8Array.fromHex("f0f1f2f3f4f5f6f7f8f9"),
    42,
  );
  assert.equal(
    okm.toHex(),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
  );
});

Deno.test("the Wycheproof figures for HKDF-SHA256 hold", () => {
  interface Case {
    ikm: string;
    salt: string;
    info: string;
    size: number;
    okm: string;
  }
  const file = readVectors<WycheproofFile<Case>>("wycheproof_hkdf_sha256.json");
  if (file === undefined) return;
  let valid = 0;
  for (const { tests } of file.testGroups) {
    for (const test of tests) {
      const run = () =>
        hkdf(
          Uint8Array.fromHex(test.ikm),
          Uint8Array.fromHex(test.salt),
          Uint8Array.fromHex(test.info),
          test.size,
        ).toHex();
      if (test.result === "valid") {
        assert.equal(run(), test.okm, `case ${test.tcId}`);
        valid++;
      } else assert.throws(run, `case ${test.tcId}`);
    }
  }
  assert(valid > 50, `only ${valid} valid cases`);
});
