import assert from "node:assert/strict";
import { argon2id } from "hash-wasm";
import { utf8 } from "../../src/core/bytes.ts";
import {
  checkKdfParameters,
  DEFAULT_KDF_COST,
  deriveKek,
  deriveWithWasm,
  KDF_LIMITS,
  type KdfParameters,
  newKdfParameters,
} from "../../src/vault/kdf.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { assertCode, assertRejects } from "./support.ts";

const LIMITS = CHEAP_KDF.kdfLimits ?? KDF_LIMITS;

/** Figures of the reference implementation's own test, Argon2id version 0x13: password, salt, t, KiB, p, tag. */
const FIGURES: readonly [string, string, number, number, number, string][] = [
  ["password", "somesalt", 2, 65536, 1, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"],
  ["password", "somesalt", 2, 256, 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"],
  ["password", "somesalt", 2, 256, 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"],
  ["password", "somesalt", 1, 65536, 1, "f6a5adc1ba723dddef9b5ac1d464e180fcd9dffc9d1cbf76cca2fed795d9ca98"],
  ["password", "somesalt", 4, 65536, 1, "9025d48e68ef7395cca9079da4c4ec3affb3c8911fe4f86d1a2520856f63172c"],
  [
    "differentpassword",
    "somesalt",
    2,
    65536,
    1,
    "0b84d652cf6b0c4beaef0dfe278ba6a80df6696281d7e0d2891b817d8c458fde",
  ],
  ["password", "diffsalt", 2, 65536, 1, "bdf32b05ccc42eb15d58fd19b1f856b113da1e9a5874fdcc544308565aa8141c"],
];

/** A key that cannot be exported is known by what it encrypts. */
async function encryptZeros(key: CryptoKey): Promise<string> {
  const zeros = new Uint8Array(16);
  const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, zeros);
  return new Uint8Array(ciphertext).toHex();
}

async function encryptZerosUnder(tag: Uint8Array<ArrayBuffer>): Promise<string> {
  return await encryptZeros(await crypto.subtle.importKey("raw", tag, "AES-GCM", false, ["encrypt"]));
}

for (const [password, salt, passes, memoryKiB, parallelism, tag] of FIGURES) {
  Deno.test(`the key is the reference figure for t=${passes} m=${memoryKiB} p=${parallelism} ${password} ${salt}`, async () => {
    const parameters: KdfParameters = { memoryKiB, passes, parallelism, salt: utf8(salt) };
    const expected = await encryptZerosUnder(Uint8Array.fromHex(tag));
    assert.equal(await encryptZeros(await deriveKek(utf8(password), parameters, LIMITS)), expected);
    assert.equal(await encryptZeros(await deriveWithWasm(utf8(password), parameters)), expected);
  });
}

Deno.test("the runtime's Argon2id gives the figure of RFC 9106, section 5.3", async () => {
  const base = await crypto.subtle.importKey(
    "raw-secret" as "raw",
    new Uint8Array(32).fill(1),
    "Argon2id",
    false,
    ["deriveBits"],
  );
  const algorithm = {
    name: "Argon2id",
    memory: 32,
    passes: 3,
    parallelism: 4,
    nonce: new Uint8Array(16).fill(2),
    secretValue: new Uint8Array(8).fill(3),
    associatedData: new Uint8Array(12).fill(4),
  };
  const tag = new Uint8Array(await crypto.subtle.deriveBits(algorithm, base, 256));
  assert.equal(tag.toHex(), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
});

Deno.test("the derivation agrees with a second implementation at the cost of a new vault", async () => {
  const parameters = newKdfParameters();
  const password = crypto.getRandomValues(new Uint8Array(24));
  const tag = await argon2id({
    password,
    salt: parameters.salt,
    memorySize: parameters.memoryKiB,
    iterations: parameters.passes,
    parallelism: parameters.parallelism,
    hashLength: 32,
    outputType: "binary",
  });
  assert.equal(
    await encryptZeros(await deriveKek(password, parameters)),
    await encryptZerosUnder(new Uint8Array(tag)),
  );
});

Deno.test("the derived key cannot be exported and the password's bytes are left as they were", async () => {
  const password = utf8("unchanged");
  const kek = await deriveKek(password, newKdfParameters(CHEAP_KDF.kdf), LIMITS);
  assert.equal(kek.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", kek));
  assert.deepEqual(password, utf8("unchanged"));
});

Deno.test("a new vault takes 64 MiB, three passes, four lanes and a salt of its own", () => {
  assert.deepEqual({ ...DEFAULT_KDF_COST }, { memoryKiB: 65_536, passes: 3, parallelism: 4 });
  const one = newKdfParameters();
  assert.equal(one.salt.length, 16);
  assert.notDeepEqual(one.salt, newKdfParameters().salt);
  checkKdfParameters(one);
});

const GOOD: KdfParameters = { ...DEFAULT_KDF_COST, salt: new Uint8Array(16) };
for (
  const [what, change] of [
    ["too little memory", { memoryKiB: 19_455 }],
    ["a memory bomb", { memoryKiB: 1_048_577 }],
    ["too few passes", { passes: 1 }],
    ["too many passes", { passes: 33 }],
    ["no lanes", { parallelism: 0 }],
    ["too many lanes", { parallelism: 17 }],
    ["a fraction of a pass", { passes: 2.5 }],
    ["memory that is not a number", { memoryKiB: NaN }],
    ["a negative memory", { memoryKiB: -65_536 }],
    ["a short salt", { salt: new Uint8Array(15) }],
    ["an overlong salt", { salt: new Uint8Array(65) }],
  ] as const
) {
  Deno.test(`parameters with ${what} are refused before deriving`, async () => {
    const parameters = { ...GOOD, ...change };
    assertCode(() => checkKdfParameters(parameters), "kdf_parameters");
    await assertRejects(deriveKek(utf8("a password"), parameters), "kdf_parameters");
  });
}

Deno.test("the least and the greatest allowed parameters pass", () => {
  checkKdfParameters({ memoryKiB: 19_456, passes: 2, parallelism: 1, salt: new Uint8Array(16) });
  checkKdfParameters({ memoryKiB: 1_048_576, passes: 32, parallelism: 16, salt: new Uint8Array(64) });
});

Deno.test("the event loop keeps turning during a derivation", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  try {
    await deriveKek(utf8("a password"), newKdfParameters());
  } finally {
    clearInterval(timer);
  }
  assert(turns >= 3, `only ${turns} turns`);
});
