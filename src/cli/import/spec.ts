/**
 * `wispkey import`.
 *
 * @module
 */

import { LOCKED, missing } from "../exits.ts";
import { FORMATS } from "../../importer/formats/types.ts";
import type { CommandSpec } from "../spec.ts";

/** The commands that take secrets over from where they lie. */
export const importCommands: readonly CommandSpec[] = [
  {
    path: ["import"],
    group: "Credentials",
    summary: "take over the secrets of a .env file, or of another source",
    description:
      "SOURCE is a file (.env, JSON, YAML, AWS credentials, .npmrc, .pypirc, .netrc, .git-credentials, gh's hosts.yml, " +
      "a Docker configuration, a Kubernetes Secret, CSV or JSON of a password manager), - for standard input, " +
      "op://VAULT/ITEM/FIELD for 1Password, or bw://ITEM for Bitwarden. What is no secret is left as it is. " +
      "What would be kept is shown first. Beside the file SOURCE.wispkey is written: the same text, with tokens in the " +
      "place of secrets.",
    positionals: [{
      name: "SOURCE",
      description: "file, -, op://… or bw://…",
      optional: true,
      complete: "file",
    }],
    options: {
      as: {
        type: "text",
        metavar: "FORMAT",
        choices: FORMATS,
        default: "by name and content",
        description: "format of the source",
      },
      env: { type: "flag", description: "import from the current environment, not from a file" },
      prefix: { type: "text", metavar: "TEXT", description: "begin every credential's name with TEXT-" },
      only: { type: "list", metavar: "VARIABLES", description: "only these variables, comma separated" },
      "dry-run": { type: "flag", description: "show what would be done, and do nothing" },
      output: {
        type: "text",
        metavar: "PATH",
        complete: "file",
        default: "SOURCE.wispkey",
        description: "where the copy with tokens goes",
      },
      "no-copy": { type: "flag", description: "write no copy" },
      "in-place": {
        type: "flag",
        description: "rewrite SOURCE itself, after an encrypted copy of it was put into the vault",
      },
      restore: {
        type: "flag",
        description: "write SOURCE back as it was before --in-place; asks for the master password",
      },
      backups: { type: "flag", description: "list the files that --in-place has kept" },
      forget: {
        type: "flag",
        description: "remove what is kept of SOURCE, or of all files; asks for the master password",
      },
      keep: { type: "integer", metavar: "COUNT", min: 0, description: "but for so many of the newest" },
      partition: {
        type: "text",
        metavar: "NAME",
        complete: "partition",
        default: "personal",
        description: "partition they go to",
      },
      project: {
        type: "text",
        metavar: "NAME",
        complete: "project",
        env: "WISPKEY_PROJECT",
        default: "the active project",
        description: "project they go to",
      },
    },
    examples: [
      { line: "wispkey import .env", note: "shows what it found, asks, keeps it, writes .env.wispkey" },
      { line: "wispkey import .env --in-place --yes", note: "swaps the secrets in .env itself" },
      { line: "wispkey import .env --restore", note: "gives the file back as it was" },
      { line: "wispkey import --forget --keep 20", note: "removes the oldest of the files that are kept" },
      { line: "wispkey import ~/.aws/credentials --no-copy", note: "another format" },
      {
        line: "kubectl get secret app -o json | wispkey import - --as json --prefix app",
        note: "from a pipe",
      },
    ],
    exits: [
      [1, "the answer was no, or the source cannot be read"],
      LOCKED,
      missing("such file, partition, project or backup"),
      [5, "--restore or --forget, and nobody can be asked for the password"],
    ],
    load: async () => (await import("./import.ts")).importSecrets,
  },
];
