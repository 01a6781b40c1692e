/**
 * The commands on projects.
 *
 * @module
 */

import { LOCKED, missing, NO_VAULT, NOBODY } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Projects and partitions";
const NAME = { name: "NAME", description: "name of the project" };
const KNOWN = { ...NAME, complete: "project" } as const;

/** `project create`, `list`, `current`, `use`, `rename`, `delete`. */
export const projectCommands: readonly CommandSpec[] = [
  {
    path: ["project", "create"],
    group: GROUP,
    summary: "make a project",
    positionals: [NAME],
    options: {
      description: { type: "text", metavar: "TEXT", hyphenValue: true, description: "what it is for" },
    },
    examples: [{ line: "wispkey project create client-alpha", note: "with its own partition 'personal'" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./create.ts")).projectCreate,
  },
  {
    path: ["project", "list"],
    group: GROUP,
    summary: "list projects",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey project list", note: "the active one is marked" }],
    exits: [LOCKED, NO_VAULT],
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
    positionals: [KNOWN],
    options: {},
    examples: [{ line: "wispkey project use acme", note: "until another is chosen" }],
    exits: [LOCKED, missing("such project")],
    load: async () => (await import("./use.ts")).projectUse,
  },
  {
    path: ["project", "rename"],
    group: GROUP,
    summary: "give a project another name",
    description: "Asks for the master password.",
    positionals: [KNOWN, { name: "NEW", description: "its new name" }],
    options: {},
    examples: [{ line: "wispkey project rename acme acme-2026", note: "credentials and tokens stay" }],
    exits: [LOCKED, missing("such project"), NOBODY],
    load: async () => (await import("./rename.ts")).projectRename,
  },
  {
    path: ["project", "delete"],
    group: GROUP,
    summary: "delete a project; its credentials move to 'default'",
    description: "Says what moves where, then asks, also for the master password.",
    positionals: [KNOWN],
    options: {
      "remove-credentials": {
        type: "flag",
        description: "remove its credentials for good, do not move them",
      },
    },
    examples: [{ line: "wispkey project delete acme", note: "nothing is lost" }],
    exits: [[1, "the answer was no"], LOCKED, missing("such project"), NOBODY],
    load: async () => (await import("./delete.ts")).projectDelete,
  },
];
