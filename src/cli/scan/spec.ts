/**
 * `wispkey scan`.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";

/** The command that looks for secrets that lie about. */
export const scanCommands: readonly CommandSpec[] = [
  {
    path: ["scan"],
    group: "Credentials",
    summary: "find secrets that lie in files, or in a git history",
    description:
      "Looks through the files below PATH that git does not ignore, tells which of the secrets are in the vault " +
      "already if it is unlocked, and how to import them. Secrets themselves are never shown. A line that holds " +
      "the words wispkey:ignore is passed over.",
    positionals: [{
      name: "PATH",
      complete: "file",
      description: "file or directory; the working directory by default",
      optional: true,
    }],
    options: {
      git: { type: "flag", description: "scan everything that the repository's history ever added" },
      staged: { type: "flag", description: "scan what is about to be committed" },
      "no-ignore": { type: "flag", description: "scan files that git ignores, too" },
      "install-hook": {
        type: "flag",
        description: "have git scan before each commit, and refuse it if it finds any",
      },
      project: {
        type: "text",
        metavar: "NAME",
        complete: "project",
        env: "WISPKEY_PROJECT",
        default: "the active project",
        description: "project whose credentials are compared",
      },
    },
    examples: [
      { line: "wispkey scan", note: "the files below the working directory" },
      { line: "wispkey scan --git", note: "what was ever committed" },
      { line: "wispkey scan --install-hook", note: "so that none is committed" },
    ],
    exits: [[1, "secrets were found"]],
    load: async () => (await import("./scan.ts")).scan,
  },
];
