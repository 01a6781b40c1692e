/**
 * Protections of what is kept, and of who may ask the daemon for what.
 *
 * @module
 */

import { inFile, type Mutation } from "./mutation.ts";

/** What an agent with a shell has to pass. */
export const VAULT_AND_DAEMON: readonly Mutation[] = [
  ...inFile("src/daemon/service.ts", ["tests/daemon/service_test.ts"], [
    [
      "what reveals or widens needs a proof",
      "  if (proof === undefined) {\n    throw new DeniedError",
      "  if (proof === undefined) {\n    if (true as boolean) return { nonce: new Uint8Array(0), mac: new Uint8Array(0) } as ActProof;\n    throw new DeniedError",
    ],
    [
      "a proof holds once and for one act",
      "if (takeNonce(proof.nonce) && vault.verifyAct(proof.nonce, text, proof.mac)) return proof;",
      "if (takeNonce(proof.nonce)) return proof;",
    ],
    ["a nonce is taken", "if (takeNonce(proof.nonce) && vault", "takeNonce(proof.nonce); if (vault"],
    ["secrets come back sealed", "return { ...outcome, payload: sealed };", "void sealed; return outcome;"],
  ]),
  ...inFile("src/daemon/nonces.ts", ["tests/daemon/nonces_test.ts"], [
    [
      "a nonce ages",
      "return at !== undefined && this.#clock.monotonic() - at <= NONCE_LIFE_MS;",
      "return at !== undefined;",
    ],
  ]),
  ...inFile("src/daemon/session.ts", ["tests/daemon/session_test.ts"], [
    [
      "a forgotten daemon locks",
      "return Math.min(this.#idleMs - this.#idle, MAX_SESSION_MS - this.#age);",
      "return Infinity;",
    ],
  ]),
  ...inFile("src/daemon/keyring.ts", ["tests/daemon/caller_keyring_test.ts", "tests/e2e/tamper_test.ts"], [
    [
      "rows that were changed are refused",
      'return { kind: this.#isCurrent(entry.sealed) ? "live" : "tampered", credential: entry };',
      'return { kind: "live", credential: entry };',
    ],
    [
      "the scope of a caller holds",
      'if (!this.#covers(scope, entry.projectId, entry.name)) return { kind: "unknown" };\n      return',
      "return",
    ],
  ]),
  ...inFile("src/daemon/callers.ts", ["tests/daemon/callers_test.ts"], [
    [
      "a caller's secret is compared",
      "if (equalInConstantTime(entry.record.digest, digest)) found = entry;",
      "found = entry;",
    ],
    [
      "a caller's time ends",
      "if (expiresAt === null || this.#now() < expiresAt) return false;",
      "return false;",
    ],
    [
      "plain callers can be shut out",
      "return this.#options.requireCaller() ? this.#refuse(null) : PLAIN_CALLER;",
      "return PLAIN_CALLER;",
    ],
  ]),
  ...inFile("src/core/edit_rules.ts", ["tests/core/edit_rules_test.ts"], [
    ["other hosts need the password", "return !isNarrower(", "return false && !isNarrower("],
    [
      "another place needs the password",
      "if (patch.place !== undefined && !samePlace(patch.place, before.place)) return true;",
      "",
    ],
    [
      "another type needs the password",
      "if (patch.type !== undefined && patch.type !== before.type) return true;",
      "",
    ],
    [
      "another name needs the password",
      "if (patch.name !== undefined && patch.name !== before.name) return true;",
      "",
    ],
  ]),
  ...inFile("src/vault/aead.ts", ["tests/vault/aead_test.ts", "tests/vault/tamper_test.ts"], [
    ["values are bound to their row", "  decipher.setAAD(additionalData);\n", ""],
  ]),
  ...inFile(
    "src/vault/ledger.ts",
    ["tests/vault/tamper_test.ts", "tests/attacks/database_put_back_test.ts"],
    [
      ["an older vault is noticed", "if (generation < this.#seen) {", "if (false as boolean) {"],
    ],
  ),
  ...inFile("src/vault/settings.ts", ["tests/vault/settings_test.ts"], [
    [
      "removed settings are noticed",
      "if (!equalInConstantTime(expected, found.digest(TABLE))) throw settingTampered(undefined);",
      "",
    ],
  ]),
  ...inFile("src/vault/documents.ts", ["tests/vault/documents_test.ts"], [
    [
      "removed documents are noticed",
      "if (!equalInConstantTime(expected, found.digest(TABLE))) throw documentTampered(kind, undefined);",
      "",
    ],
  ]),
  ...inFile("src/vault/attempts.ts", ["tests/vault/open_test.ts"], [
    ["wrong passwords have to wait", "if (left <= 0) return;", "return;"],
  ]),
  ...inFile("src/vault/kdf.ts", ["tests/vault/kdf_test.ts", "tests/vault/tamper_test.ts"], [
    ["weak parameters are refused before deriving", "if (why === undefined) return;", "return;"],
  ]),
  ...inFile("src/core/audit_chain.ts", ["tests/core/audit_chain_test.ts"], [
    [
      "a removed row is found",
      'if (row.seq !== this.#seq + 1) return bad(this.#seq + 1, "the row is missing");',
      "",
    ],
    ["an edited row is found", "if (!equalInConstantTime(this.#link, row.mac)) {", "if (false as boolean) {"],
    ["a cut-off end is found", "if (this.#seq < head.seq) return bad(", "if (false as boolean) return bad("],
  ]),
  ...inFile("src/vault/audit/generation.ts", ["tests/vault/audit/thread_test.ts"], [
    ["no row goes into the log twice", ".run(next, from) > 0;", ".run(next, from) >= 0;"],
  ]),
  ...inFile("src/vault/audit/journal_recovery.ts", ["tests/vault/audit/thread_test.ts"], [
    [
      "what two generations hold is taken once",
      "line.again && underWay.lines.length > 0",
      "false as boolean",
    ],
  ]),
  ...inFile("src/vault/audit/journal_line.ts", ["tests/vault/audit/journal_test.ts"], [
    [
      "the journal's lines are authenticated",
      "if (!equalInConstantTime(utf8(line.slice(0, MAC_DIGITS)), utf8(mac.toHex()))) return undefined;",
      "",
    ],
  ]),
  ...inFile("src/platform/private_file.ts", ["tests/platform/private_file_test.ts"], [
    [
      "links are not followed",
      "if (opened.ino !== named.ino || opened.dev !== named.dev) {",
      "if (false as boolean) {",
      ["tests/platform/private_file_test.ts"],
    ],
  ]),
  ...inFile("src/platform/group_witness.ts", ["tests/platform/run_program_test.ts"], [
    ["no signal reaches a program twice", "return waiter.resolve(true);", "return waiter.resolve(false);"],
    [
      "a signal to us alone reaches the program",
      "if (known >= 0 || this.#ended) return true;",
      "return true;",
    ],
  ]),
];
