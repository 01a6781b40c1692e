/**
 * The key of a vault of an earlier build. Its header is a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`: the hash
 * proves the password, and the key is derived by the same function with the salt's Base64 text, not its bytes, as salt.
 *
 * @module
 */

import { equalInConstantTime, utf8, wipe } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";
import { KEY_LENGTH } from "../vault/aead.ts";
import { checkKdfParameters, deriveBytes, KDF_LIMITS } from "../vault/kdf.ts";

const PHC =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{43})$/;

/** What a verifier says. */
export interface EarlierVerifier {
  /** Cost of both derivations. */
  cost: { memoryKiB: number; passes: number; parallelism: number };
  /** The salt as its text stands there. */
  saltText: string;
  /** 32 bytes. */
  hash: Uint8Array;
}

/**
 * Reads a PHC string.
 *
 * @throws {FailedError} `earlier_vault_damaged`, `kdf_parameters`.
 */
function parseVerifier(phc: string): EarlierVerifier {
  const [, memory, passes, parallelism, saltText, hash] = PHC.exec(phc) ?? [];
  if (saltText === undefined || hash === undefined) {
    throw new FailedError("cannot migrate: the header of the earlier vault is damaged", {
      code: "earlier_vault_damaged",
      hint: "put back a copy of that vault that you trust",
    });
  }
  const cost = { memoryKiB: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  // The file is open to whoever runs as the same user: it must not be able to ask for all memory.
  checkKdfParameters({ ...cost, salt: utf8(saltText) }, {
    ...KDF_LIMITS,
    minMemoryKiB: 8,
    minPasses: 1,
    minSaltLength: 8,
  });
  return { cost, saltText, hash: Uint8Array.fromBase64(hash) };
}

/**
 * The key of the values, which the caller wipes; undefined if the password is wrong.
 *
 * @throws {FailedError} as {@linkcode parseVerifier}.
 */
export async function deriveEarlierKey(phc: string, password: Uint8Array): Promise<Uint8Array | undefined> {
  const { cost, saltText, hash } = parseVerifier(phc);
  const proof = await deriveBytes(password, { ...cost, salt: Uint8Array.fromBase64(saltText) }, KEY_LENGTH);
  const right = equalInConstantTime(proof, hash);
  wipe(proof);
  return right ? await deriveBytes(password, { ...cost, salt: utf8(saltText) }, KEY_LENGTH) : undefined;
}
