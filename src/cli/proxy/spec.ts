/**
 * The commands on the proxy and the daemon that carries it.
 *
 * @module
 */

import { LOCKED, missing } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Proxy";

/** Port the proxy listens on unless told otherwise. */
export const DEFAULT_PORT = 7700;

/** `serve`, `stop`. */
export const proxyCommands: readonly CommandSpec[] = [
  {
    path: ["serve"],
    group: GROUP,
    summary: "open the proxy; show what happens until Ctrl-C closes it",
    description:
      "With --json, one JSON object a line: first where the proxy listens, then the rows of the log. " +
      "On a terminal it asks about requests that wait for approval.",
    positionals: [],
    options: {
      port: {
        type: "integer",
        metavar: "PORT",
        min: 1,
        max: 65_535,
        default: String(DEFAULT_PORT),
        description: "port on 127.0.0.1 and ::1",
      },
      "random-port": { type: "flag", description: "any free port" },
      daemon: { type: "flag", description: "return once it accepts connections, leave it open" },
      "all-projects": { type: "flag", description: "let callers use the credentials of all projects" },
      "no-fallback": {
        type: "flag",
        description: "ignore WISPKEY_FALLBACK_* variables until the next unlock",
      },
      "no-notify": {
        type: "flag",
        description: "no desktop notification when a request waits for approval",
      },
      intercept: {
        type: "flag",
        description:
          "open https tunnels of all callers to hosts of credentials; they must trust 'wispkey ca'",
      },
    },
    examples: [
      { line: "wispkey serve", note: "on port 7700, in the foreground" },
      { line: "wispkey serve --random-port --daemon --json", note: "prints {pid, port, address}" },
    ],
    exits: [[1, "the port is in use"], LOCKED, missing("such project")],
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    path: ["stop"],
    group: GROUP,
    summary: "close the proxy, forget the key, end the daemon",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey stop", note: "requests under way are finished first" }],
    exits: [],
    load: async () => (await import("./stop.ts")).stop,
  },
];
