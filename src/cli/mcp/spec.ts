/**
 * The commands for agents that speak the Model Context Protocol.
 *
 * @module
 */

import { CLIENT_NAMES } from "../plugin/clients.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Agents";

/** `mcp serve`, `mcp config`. */
export const mcpCommands: readonly CommandSpec[] = [
  {
    path: ["mcp", "serve"],
    group: GROUP,
    summary: "serve an agent by the Model Context Protocol (stdio)",
    description:
      "Asks the daemon and needs no password: unlock the vault yourself. Where WISPKEY_PASSWORD is set it unlocks at its " +
      "start, which is weaker, as the agent can read that variable. The tools give tokens, never secrets. With --http it " +
      "listens on loopback instead and prints the bearer token that clients need on standard error.",
    positionals: [],
    options: {
      http: { type: "flag", description: "serve Streamable HTTP on 127.0.0.1, at /mcp" },
      port: {
        type: "integer",
        metavar: "PORT",
        min: 0,
        max: 65_535,
        default: "0",
        description: "with --http: port to listen on; 0 = any free one",
      },
    },
    examples: [
      { line: "wispkey mcp serve", note: "as an agent's configuration names it" },
      { line: "wispkey mcp serve --http --port 7701", note: "for clients that speak HTTP" },
    ],
    exits: [[1, "the port is in use"]],
    load: async () => (await import("./serve.ts")).mcpServe,
  },
  {
    path: ["mcp", "config"],
    group: GROUP,
    summary: "print what an agent's configuration says of the MCP server",
    positionals: [{ name: "CLIENT", description: "the agent", noun: "client", choices: CLIENT_NAMES }],
    options: {},
    examples: [
      { line: "wispkey mcp config cursor", note: "to put in by hand" },
      { line: "wispkey mcp config codex > server.toml", note: "the snippet alone goes to stdout" },
    ],
    exits: [],
    load: async () => (await import("./config.ts")).mcpConfig,
  },
];
