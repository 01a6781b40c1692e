/**
 * The commands on settings.
 *
 * @module
 */

import { LOCKED, NO_VAULT, NOBODY } from "../exits.ts";
import { SETTINGS } from "../../core/settings.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Settings";
const KEY = {
  name: "KEY",
  description: "name of the setting",
  noun: "setting",
  choices: Object.keys(SETTINGS),
};

/** `config get`, `config set`, `config list`, `config unset`. */
export const configCommands: readonly CommandSpec[] = [
  {
    path: ["config", "get"],
    group: GROUP,
    summary: "show one setting",
    positionals: [KEY],
    options: {},
    examples: [{ line: "wispkey config get session.timeout", note: "the value in force" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./get.ts")).configGet,
  },
  {
    path: ["config", "set"],
    group: GROUP,
    summary: "change one setting, with the master password",
    positionals: [KEY, {
      name: "VALUE",
      description: "the new value; for proxy.extra_ca a file, '-' reads standard input",
    }],
    options: {},
    examples: [{ line: "wispkey config set session.timeout 60", note: "lock after an hour" }, {
      line: "wispkey config set proxy.upstream http://proxy.example.com:3128",
      note: "reach hosts through a proxy",
    }, {
      line: "wispkey config set proxy.extra_ca company-ca.pem",
      note: "trust another authority, too",
    }],
    exits: [LOCKED, NO_VAULT, NOBODY],
    load: async () => (await import("./set.ts")).configSet,
  },
  {
    path: ["config", "list"],
    group: GROUP,
    summary: "show all settings",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey config list", note: "values, defaults and meanings" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./list.ts")).configList,
  },
  {
    path: ["config", "unset"],
    group: GROUP,
    summary: "put one setting back to its default, with the master password",
    positionals: [KEY],
    options: {},
    examples: [{ line: "wispkey config unset session.timeout", note: "30 minutes again" }],
    exits: [LOCKED, NO_VAULT, NOBODY],
    load: async () => (await import("./unset.ts")).configUnset,
  },
];
