/**
 * The commands that bring a vault from elsewhere, or keep a copy of it.
 *
 * @module
 */

import { NO_VAULT } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Vault";

/** `migrate`, `backup`, `restore`. */
export const keepingCommands: readonly CommandSpec[] = [
  {
    path: ["migrate"],
    group: GROUP,
    summary: "take over the vault of an earlier build, tokens included",
    description:
      "Shows what is there and where it may go, then asks. Credentials without hosts go nowhere until you " +
      "say so; hosts are proposed. The earlier vault stays as it is; its session file, which holds its key in clear, " +
      "is removed.",
    positionals: [{
      name: "DIR",
      description: "directory of the earlier vault; this vault's if left out",
      optional: true,
    }],
    options: {
      "earlier-password-file": {
        type: "text",
        metavar: "PATH",
        complete: "file",
        env: "WISPKEY_PASSWORD",
        default: "a prompt",
        description: "file with the earlier vault's master password",
      },
      "set-hosts": { type: "flag", description: "let credentials go to the hosts that are proposed" },
      "dry-run": { type: "flag", description: "say what would be done, change nothing" },
    },
    examples: [
      { line: "wispkey migrate", note: "where both builds use ~/.wispkey" },
      { line: "wispkey migrate /old/vault --dry-run", note: "look first" },
    ],
    exits: [[3, "a password was wrong, or nobody can be asked"], [
      4,
      "there is no vault of an earlier build",
    ]],
    load: async () => (await import("./migrate.ts")).migrate,
  },
  {
    path: ["backup"],
    group: GROUP,
    summary: "write a copy of the vault, as it is encrypted",
    description: "Needs no password and works while the vault is in use.",
    positionals: [{ name: "PATH", description: "the file to write", complete: "file" }],
    options: {},
    examples: [{
      line: "wispkey backup wispkey-backup.db",
      note: "put it where the machine's loss cannot reach it",
    }],
    exits: [[1, "the answer was no, or the file cannot be written"], NO_VAULT],
    load: async () => (await import("./backup.ts")).backup,
  },
  {
    path: ["restore"],
    group: GROUP,
    summary: "put a backup in the place of the vault",
    description:
      "Asks for the master password that the backup has, checks it, and asks before it replaces the vault, " +
      "which stays beside it.",
    positionals: [{ name: "PATH", description: "the backup", complete: "file" }],
    options: {},
    examples: [{ line: "wispkey restore wispkey-backup.db", note: "a running daemon is stopped" }],
    exits: [
      [1, "the answer was no, or the backup is damaged"],
      [3, "the password was wrong, or nobody can be asked"],
      [4, "there is no such file"],
    ],
    load: async () => (await import("./restore.ts")).restore,
  },
];
