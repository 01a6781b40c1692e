/**
 * The command that agents' hooks call.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";

/** `guard`. */
export const guardCommands: readonly CommandSpec[] = [
  {
    path: ["guard"],
    group: "Agents",
    summary: "judge what an agent is about to do, as its hook",
    description:
      "Reads the hook's JSON from standard input and answers in the client's own words. Refuses commands, texts and tool " +
      "inputs that hold a real key (by its form, or because it is in the vault), commands that show, copy or send secrets, " +
      "and the reading of files where secrets lie; says what to do instead. It approves nothing.",
    positionals: [],
    options: {
      client: {
        type: "text",
        metavar: "CLIENT",
        choices: ["claude", "codex", "cursor", "gemini", "windsurf"],
        description: "in whose words to answer; told from the input by default",
      },
      "fail-closed": {
        type: "flag",
        description: "refuse what cannot be judged, for instance while the vault is locked",
      },
    },
    examples: [
      { line: "wispkey guard", note: "as the hook's command; `wispkey plugin install` writes it" },
      { line: "wispkey guard --fail-closed", note: "where nothing may pass unjudged" },
    ],
    exits: [[2, "refused, for clients that go by the exit code"]],
    load: async () => (await import("./guard.ts")).guardCommand,
  },
];
