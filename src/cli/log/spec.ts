/**
 * The commands on the log.
 *
 * @module
 */

import { LOCKED, NO_VAULT } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";
import { FILTER_OPTIONS } from "./filter.ts";

const GROUP = "Log";

/** `log`, `log stats`, `log verify`, `log export`, `log prune`. */
export const logCommands: readonly CommandSpec[] = [
  {
    path: ["log"],
    group: GROUP,
    summary: "show what was done and used, newest first; works while locked",
    positionals: [],
    options: {
      last: {
        type: "integer",
        metavar: "COUNT",
        min: 1,
        max: 1_000_000,
        default: "50",
        description: "how many rows",
      },
      ...FILTER_OPTIONS,
      follow: { type: "flag", short: "f", description: "oldest first, and go on with the rows that come" },
      csv: { type: "flag", description: "comma separated, safe to open in a spreadsheet" },
      ndjson: { type: "flag", description: "one JSON object a line" },
      "as-policy-test": {
        type: "flag",
        description: "a file for 'wispkey policy test': what happened is what is expected",
      },
    },
    examples: [
      { line: "wispkey log --last 10", note: "the newest ten" },
      { line: "wispkey log --credential openai --since 2026-01-31", note: "one credential's, from a day on" },
      { line: "wispkey log --denied --since 24h --csv", note: "a day's refusals for a spreadsheet" },
    ],
    exits: [NO_VAULT],
    load: async () => (await import("./show.ts")).log,
  },
  {
    path: ["log", "stats"],
    group: GROUP,
    summary: "count uses and refusals by credential, host and day",
    positionals: [],
    options: FILTER_OPTIONS,
    examples: [{ line: "wispkey log stats --since 7d", note: "of the last week" }],
    exits: [NO_VAULT],
    load: async () => (await import("./stats.ts")).logStats,
  },
  {
    path: ["log", "verify"],
    group: GROUP,
    summary: "check that no row of the log was edited, removed, moved or cut off",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey log verify", note: "names the first row that is not as it was written" }],
    exits: [[1, "the log was changed"], LOCKED, NO_VAULT],
    load: async () => (await import("./verify.ts")).logVerify,
  },
  {
    path: ["log", "export"],
    group: GROUP,
    summary: "write rows to a file, oldest first, one JSON object a line",
    description: "The file is its owner's alone. The export is a row of the log itself.",
    positionals: [{ name: "FILE", description: "the file, or - for standard output", complete: "file" }],
    options: {
      ...FILTER_OPTIONS,
      csv: { type: "flag", description: "comma separated, safe to open in a spreadsheet" },
      ndjson: { type: "flag", description: "one JSON object a line, as without it" },
      force: { type: "flag", description: "replace a file that is there" },
    },
    examples: [
      { line: "wispkey log export log.ndjson", note: "all of it" },
      { line: "wispkey log export refusals.csv --csv --denied --since 30d", note: "a month's refusals" },
    ],
    exits: [[1, "the file is there already, or cannot be written"], LOCKED, NO_VAULT],
    load: async () => (await import("./export.ts")).logExport,
  },
  {
    path: ["log", "prune"],
    group: GROUP,
    summary: "remove the oldest rows, with the master password",
    description:
      "What is left can still be verified. The settings log.max_age and log.max_rows do it by themselves.",
    positionals: [],
    options: {
      before: {
        type: "text",
        metavar: "TIME",
        description: "rows before then: YYYY-MM-DD, or so long ago as 90d",
      },
      keep: { type: "integer", metavar: "COUNT", min: 1, description: "all but so many of the newest" },
    },
    examples: [{ line: "wispkey log prune --before 90d", note: "rows older than 90 days" }],
    exits: [
      [1, "the answer was no"],
      LOCKED,
      NO_VAULT,
      [5, "the log was changed, or nobody can be asked for the password"],
    ],
    load: async () => (await import("./prune.ts")).logPrune,
  },
];
