/**
 * `run`, and the commands on callers.
 *
 * @module
 */

import { LOCKED, missing, NO_VAULT } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Programs";

/** `run`, `callers list`, `callers revoke`. */
export const runCommands: readonly CommandSpec[] = [
  {
    path: ["run"],
    group: GROUP,
    summary: "run a program that sees tokens while its requests carry the keys",
    description:
      "The program's environment leads it to the proxy as a caller of its own; variables that hold a stored " +
      "secret hold its token instead. Streams, terminal, signals and exit code are the program's. With --reveal it gets " +
      "the real values, for what no proxy can do (databases, SSH keys, CI), and they are masked in its output.",
    positionals: [
      {
        name: "COMMAND",
        description: "the program and its arguments, after --",
        rest: true,
        complete: "program",
      },
    ],
    options: {
      "env-file": {
        type: "list",
        metavar: "PATH",
        complete: "file",
        description: "variables from a .env file, over those of the environment",
      },
      only: {
        type: "list",
        metavar: "NAMES",
        complete: "credential",
        description: "the only credentials it may use",
      },
      set: { type: "list", metavar: "VAR=NAME", description: "a variable with a credential's token" },
      file: {
        type: "list",
        metavar: "VAR=NAME",
        description: "with --reveal: a variable with the path of a private file that holds the value",
      },
      project: {
        type: "text",
        metavar: "NAME",
        complete: "project",
        env: "WISPKEY_PROJECT",
        description: "project of the credentials; the active one by default",
      },
      caller: { type: "text", metavar: "NAME", description: "its name in policies and the log" },
      for: {
        type: "integer",
        metavar: "MINUTES",
        min: 1,
        max: 525_600,
        description: "refuse its requests after so long",
      },
      "no-base-urls": { type: "flag", description: "leave the base URLs of SDKs as they are" },
      reveal: { type: "flag", description: "give it real values; asks for the master password" },
      "no-mask": { type: "flag", description: "with --reveal: leave its output and its terminal alone" },
    },
    examples: [
      { line: "wispkey run -- claude", note: "an agent with tokens in its environment" },
      { line: "wispkey run --env-file .env -- node app.mjs", note: "an app as it is" },
      {
        line: "wispkey run --only github --set GITHUB_TOKEN=github -- npm test",
        note: "one key, and no other",
      },
      {
        line: "wispkey run --reveal --set DATABASE_URL=db -- psql",
        note: "the real value, masked in the output",
      },
      {
        line: "wispkey run --reveal --file KEY=deploy-key -- sh -c 'ssh -i \"$KEY\" host'",
        note: "a private file that is removed at the end",
      },
    ],
    exits: [
      [126, "the program cannot be executed"],
      [127, "there is no such program"],
      LOCKED,
      missing("such project or credential"),
      [5, "--reveal, and nobody can be asked for the password"],
    ],
    load: async () => (await import("./run.ts")).run,
  },
  {
    path: ["callers", "list"],
    group: GROUP,
    summary: "list the programs that run has started",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey callers list", note: "names, scopes and times" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("../callers/list.ts")).listCallers,
  },
  {
    path: ["callers", "revoke"],
    group: GROUP,
    summary: "refuse a caller's requests from now on",
    description: "The program goes on running; its tokens are refused. Several callers may have one name.",
    positionals: [{ name: "CALLER", description: "name or id of the caller" }],
    options: {},
    examples: [{ line: "wispkey callers revoke claude", note: "every caller of that name" }],
    exits: [LOCKED, missing("such caller")],
    load: async () => (await import("../callers/revoke.ts")).revokeCaller,
  },
];
