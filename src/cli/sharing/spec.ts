/**
 * The commands that export and import bundles.
 *
 * @module
 */

import { LOCKED, missing, NOBODY } from "../exits.ts";
import type { CommandSpec, OptionSpec } from "../spec.ts";

const GROUP = "Sharing";
const UNREADABLE = [1, "the passphrase is wrong, or the file is damaged; the vault is unchanged"] as const;
const REPLACING = [5, "--on-conflict replace, and nobody can be asked for the password"] as const;
const PROJECT: OptionSpec = {
  type: "text",
  metavar: "NAME",
  complete: "project",
  env: "WISPKEY_PROJECT",
  default: "the active project",
  description: "project it lies in",
};
const INTO: OptionSpec = {
  type: "text",
  metavar: "NAME",
  default: "the one it came from",
  description: "project to import into, made if there is none",
};
const INTO_PARTITION: OptionSpec = {
  type: "text",
  metavar: "NAME",
  default: "the one it came from",
  description: "partition to import into, made if there is none",
};
const PASSPHRASE_FILE: OptionSpec = {
  type: "text",
  metavar: "PATH",
  complete: "file",
  env: "WISPKEY_BUNDLE_PASSPHRASE",
  default: "a prompt",
  description: "file with the bundle's passphrase, - for stdin",
};

const EXPORT: CommandSpec["options"] = {
  output: {
    type: "text",
    metavar: "PATH",
    short: "o",
    complete: "file",
    description: "the file to write; required",
  },
  "bundle-passphrase-file": PASSPHRASE_FILE,
  recipient: {
    type: "list",
    metavar: "AGE-KEY",
    description: "age public keys (age1...) instead of a passphrase",
  },
  v1: { type: "flag", description: "write the format of earlier builds" },
};
const IMPORT: CommandSpec["options"] = {
  "bundle-passphrase-file": PASSPHRASE_FILE,
  identity: {
    type: "text",
    metavar: "PATH",
    complete: "file",
    description: "file with your age private key, for a bundle made for it",
  },
  "on-conflict": {
    type: "text",
    metavar: "CHOICE",
    choices: ["skip", "rename", "replace"],
    default: "skip",
    description: "what to do where a name is taken",
  },
  "dry-run": { type: "flag", description: "say what would be done, change nothing" },
};

const EXPORT_TEXT =
  "Asks for the master password, and for a passphrase of its own (12 characters at least) that locks the file.";
const IMPORT_TEXT =
  "All or nothing. New names get new tokens and need no master password; --on-conflict replace asks for it.";

/** `project export`, `partition export`, `credential export`, and the three imports. */
export const sharingCommands: readonly CommandSpec[] = [
  {
    path: ["project", "export"],
    group: GROUP,
    summary: "write a project with its secrets to an encrypted file",
    description: EXPORT_TEXT,
    positionals: [{ name: "NAME", description: "name of the project", complete: "project" }],
    options: EXPORT,
    examples: [{
      line: "wispkey project export client-alpha --output client-alpha.wkbundle",
      note: "all partitions",
    }],
    exits: [LOCKED, missing("such project"), NOBODY],
    load: async () => (await import("./export.ts")).projectExport,
  },
  {
    path: ["project", "import"],
    group: GROUP,
    summary: "take a project over from an encrypted file",
    description: IMPORT_TEXT,
    positionals: [{ name: "PATH", description: "the file", complete: "file" }],
    options: { ...IMPORT, project: INTO },
    examples: [
      { line: "wispkey project import client-alpha.wkbundle --dry-run", note: "look first" },
      {
        line: "wispkey project import client-alpha.wkbundle --identity key.txt",
        note: "made for your age key",
      },
    ],
    exits: [UNREADABLE, LOCKED, missing("such file, project or partition"), REPLACING],
    load: async () => (await import("./import.ts")).projectImport,
  },
  {
    path: ["partition", "export"],
    group: GROUP,
    summary: "write a partition with its secrets to an encrypted file",
    description: EXPORT_TEXT,
    positionals: [{ name: "NAME", description: "name of the partition", complete: "partition" }],
    options: { ...EXPORT, project: PROJECT },
    examples: [{
      line: "wispkey partition export staging --output staging.wkbundle",
      note: "of the active project",
    }],
    exits: [LOCKED, missing("such partition"), NOBODY],
    load: async () => (await import("./export.ts")).partitionExport,
  },
  {
    path: ["partition", "import"],
    group: GROUP,
    summary: "take a partition over from an encrypted file",
    description: IMPORT_TEXT,
    positionals: [{ name: "PATH", description: "the file", complete: "file" }],
    options: { ...IMPORT, project: INTO, partition: INTO_PARTITION },
    examples: [{ line: "wispkey partition import staging.wkbundle", note: "under its own name" }],
    exits: [UNREADABLE, LOCKED, missing("such file, project or partition"), REPLACING],
    load: async () => (await import("./import.ts")).partitionImport,
  },
  {
    path: ["credential", "export"],
    group: GROUP,
    summary: "write one credential with its secret to an encrypted file",
    description: EXPORT_TEXT,
    positionals: [{ name: "NAME", description: "name of the credential", complete: "credential" }],
    options: { ...EXPORT, project: PROJECT },
    examples: [{
      line: "wispkey credential export openai-key --output openai-key.wkcred",
      note: "for one person",
    }],
    exits: [LOCKED, missing("such credential"), NOBODY],
    load: async () => (await import("./export.ts")).credentialExport,
  },
  {
    path: ["credential", "import"],
    group: GROUP,
    summary: "take one credential over from an encrypted file",
    description: IMPORT_TEXT,
    positionals: [{ name: "PATH", description: "the file", complete: "file" }],
    options: { ...IMPORT, project: INTO, partition: INTO_PARTITION },
    examples: [
      {
        line: "wispkey credential import openai-key.wkcred --project client-alpha",
        note: "into another project",
      },
    ],
    exits: [UNREADABLE, LOCKED, missing("such file, project or partition"), REPLACING],
    load: async () => (await import("./import.ts")).credentialImport,
  },
];
