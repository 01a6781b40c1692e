/**
 * The commands that join agents to WispKey.
 *
 * @module
 */

import type { CommandSpec, OptionSpec, PositionalSpec } from "../spec.ts";
import { CLIENT_NAMES } from "./clients.ts";

const GROUP = "Agents";

const CLIENT: PositionalSpec = {
  name: "CLIENT",
  description: "the agent",
  noun: "client",
  choices: CLIENT_NAMES,
};
const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  user: { type: "flag", description: "your own configuration; the default" },
  project: { type: "flag", description: "that of the project in the working directory" },
  "dry-run": { type: "flag", description: "show what would be done" },
};

/** `plugin install`, `plugin uninstall`. */
export const pluginCommands: readonly CommandSpec[] = [
  {
    path: ["plugin", "install"],
    group: GROUP,
    summary: "write the MCP server and the guard into an agent's configuration",
    description:
      "Adds its own entries and leaves every other character as it is, comments included; a copy of the file as it was is " +
      "kept beside it. No password is written. Installing again brings the entries up to date.",
    positionals: [CLIENT],
    options: OPTIONS,
    examples: [
      { line: "wispkey plugin install claude", note: "for Claude Code, in every project" },
      { line: "wispkey plugin install cursor --project", note: "for whoever works on this project" },
      { line: "wispkey plugin install zed --dry-run", note: "which files would change" },
    ],
    exits: [[1, "a configuration cannot be read or written; none was changed"]],
    load: async () => (await import("./install.ts")).installPlugin,
  },
  {
    path: ["plugin", "uninstall"],
    group: GROUP,
    summary: "take them out of an agent's configuration",
    description:
      "A file that was not changed since is put back as it was, byte for byte; otherwise the entries alone are taken out.",
    positionals: [CLIENT],
    options: OPTIONS,
    examples: [{ line: "wispkey plugin uninstall claude", note: "what install has written" }],
    exits: [[1, "a configuration cannot be read or written"]],
    load: async () => (await import("./uninstall.ts")).uninstallPlugin,
  },
];
