/**
 * The commands on projects and partitions.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";

const GROUP = "Settings and projects";
const LOCKED = [3, "the vault is locked, or the password was wrong"] as const;

/** `project list`, `project current`, `project use`, `partition create`. */
export const projectCommands: readonly CommandSpec[] = [
  {
    path: ["project", "list"],
    group: GROUP,
    summary: "list projects",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey project list", note: "the active one is marked" }],
    exits: [LOCKED],
    load: async () => (await import("./list.ts")).projectList,
  },
  {
    path: ["project", "current"],
    group: GROUP,
    summary: "show the active project and what decided for it",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey project current", note: "works while locked" }],
    exits: [],
    load: async () => (await import("./current.ts")).projectCurrent,
  },
  {
    path: ["project", "use"],
    group: GROUP,
    summary: "choose the project that commands work in",
    positionals: [{ name: "NAME", description: "name of the project" }],
    options: {},
    examples: [{ line: "wispkey project use acme", note: "until another is chosen" }],
    exits: [LOCKED, [4, "there is no such project"]],
    load: async () => (await import("./use.ts")).projectUse,
  },
  {
    path: ["partition", "create"],
    group: GROUP,
    summary: "make a partition in a project",
    positionals: [{ name: "NAME", description: "name of the partition" }],
    options: {
      description: { type: "text", metavar: "TEXT", hyphenValue: true, description: "what it is for" },
      project: {
        type: "text",
        metavar: "NAME",
        env: "WISPKEY_PROJECT",
        default: "the active project",
        description: "project it belongs to",
      },
    },
    examples: [{ line: "wispkey partition create work", note: "in the active project" }],
    exits: [LOCKED, [4, "there is no such project"]],
    load: async () => (await import("./partition_create.ts")).partitionCreate,
  },
];
