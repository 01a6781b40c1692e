/**
 * The commands on the vault as a whole.
 *
 * @module
 */

import { NO_VAULT } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Vault";
const ENVIRONMENT_PASSWORD = "In CI, WISPKEY_PASSWORD answers for the prompt.";

/** `init`, `unlock`, `lock`, `passwd`, `status`, `doctor`. */
export const vaultCommands: readonly CommandSpec[] = [
  {
    path: ["init"],
    group: GROUP,
    summary: "make a vault and leave it unlocked",
    description:
      `Asks for a new master password twice. ${ENVIRONMENT_PASSWORD} There is no way to recover it.`,
    positionals: [],
    options: {},
    examples: [
      { line: "wispkey init", note: "in ~/.wispkey" },
      { line: "WISPKEY_VAULT_PATH=./vault wispkey init", note: "somewhere else" },
    ],
    exits: [[1, "there is a vault already, or its directory cannot be used"], [
      3,
      "nobody can be asked for a password",
    ]],
    load: async () => (await import("./init.ts")).init,
  },
  {
    path: ["unlock"],
    group: GROUP,
    summary: "start a fresh daemon that holds the open vault",
    description: `Prints when a credential was last used, so that a use that was not yours is seen. ` +
      ENVIRONMENT_PASSWORD,
    positionals: [],
    options: {
      timeout: {
        type: "integer",
        metavar: "MINUTES",
        min: 0,
        max: 525_600,
        env: "WISPKEY_SESSION_TIMEOUT",
        default: "the setting session.timeout, 30",
        description: "lock after so long without use; 0 = never",
      },
      "all-projects": { type: "flag", description: "let proxy callers use the credentials of all projects" },
    },
    examples: [
      { line: "wispkey unlock", note: "for 30 minutes of idleness" },
      { line: "wispkey unlock --timeout 480", note: "for a working day" },
    ],
    exits: [[3, "the password was wrong, or nobody can be asked"], NO_VAULT],
    load: async () => (await import("./unlock.ts")).unlock,
  },
  {
    path: ["lock"],
    group: GROUP,
    summary: "forget the key now; traffic without tokens goes on",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey lock", note: "when you leave the desk" }],
    exits: [],
    load: async () => (await import("./lock.ts")).lock,
  },
  {
    path: ["passwd"],
    group: GROUP,
    summary: "change the master password",
    positionals: [],
    options: {
      "new-password-file": {
        type: "text",
        metavar: "PATH",
        complete: "file",
        description: "file with the new password on one line; - is standard input",
      },
    },
    examples: [{ line: "wispkey passwd", note: "asks for the old one once and the new one twice" }],
    exits: [[3, "the old password was wrong, or nobody can be asked"], NO_VAULT],
    load: async () => (await import("./passwd.ts")).passwd,
  },
  {
    path: ["status"],
    group: GROUP,
    summary: "show vault, lock and proxy; works while locked",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey status --json", note: "for a program" }],
    exits: [],
    load: async () => (await import("./status.ts")).status,
  },
  {
    path: ["doctor"],
    group: GROUP,
    summary: "look for what is broken, tampered with or left open",
    description: "The rows of the vault are checked too if it is unlocked, or WISPKEY_PASSWORD is set.",
    positionals: [],
    options: {
      accept: {
        type: "flag",
        description:
          "take the rows as they stand, after you have looked at what was removed or put back; asks the password",
      },
    },
    examples: [{ line: "wispkey doctor", note: "every finding with the command that mends it" }],
    exits: [
      [1, "something is wrong"],
      [3, "--accept, and the vault is locked, or the password was wrong"],
      [4, "--accept, and there is no vault"],
      [5, "--accept, and nobody can be asked for the password"],
    ],
    load: async () => (await import("./doctor.ts")).doctor,
  },
];
