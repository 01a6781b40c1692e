/**
 * The commands on partitions.
 *
 * @module
 */

import { LOCKED, missing, NOBODY } from "../exits.ts";
import type { CommandSpec, OptionSpec } from "../spec.ts";

const GROUP = "Projects and partitions";
const NAME = { name: "NAME", description: "name of the partition" };
const KNOWN = { ...NAME, complete: "partition" } as const;
const PROJECT: OptionSpec = {
  type: "text",
  metavar: "NAME",
  complete: "project",
  env: "WISPKEY_PROJECT",
  default: "the active project",
  description: "project it belongs to",
};

/** `partition create`, `list`, `assign`, `rename`, `delete`. */
export const partitionCommands: readonly CommandSpec[] = [
  {
    path: ["partition", "create"],
    group: GROUP,
    summary: "make a partition in a project",
    positionals: [NAME],
    options: {
      description: { type: "text", metavar: "TEXT", hyphenValue: true, description: "what it is for" },
      project: PROJECT,
    },
    examples: [{ line: "wispkey partition create staging", note: "in the active project" }],
    exits: [LOCKED, missing("such project")],
    load: async () => (await import("./create.ts")).partitionCreate,
  },
  {
    path: ["partition", "list"],
    group: GROUP,
    summary: "list partitions",
    positionals: [],
    options: { project: PROJECT, "all-projects": { type: "flag", description: "of all projects" } },
    examples: [{ line: "wispkey partition list --all-projects", note: "with the project of each" }],
    exits: [LOCKED, missing("such project")],
    load: async () => (await import("./list.ts")).partitionList,
  },
  {
    path: ["partition", "assign"],
    group: GROUP,
    summary: "put a credential into another partition of its project",
    description: "Asks for the master password.",
    positionals: [{ name: "CREDENTIAL", description: "name of the credential", complete: "credential" }],
    options: {
      to: { type: "text", metavar: "PARTITION", complete: "partition", description: "where it is to lie" },
      partition: {
        type: "text",
        metavar: "PARTITION",
        complete: "partition",
        description: "the same as --to",
      },
      project: PROJECT,
    },
    examples: [{ line: "wispkey partition assign my-credential --to staging", note: "its token stays" }],
    exits: [LOCKED, missing("such credential, project or partition"), NOBODY],
    load: async () => (await import("./assign.ts")).partitionAssign,
  },
  {
    path: ["partition", "rename"],
    group: GROUP,
    summary: "give a partition another name",
    description: "Asks for the master password.",
    positionals: [KNOWN, { name: "NEW", description: "its new name" }],
    options: { project: PROJECT },
    examples: [{ line: "wispkey partition rename staging preview", note: "its credentials stay in it" }],
    exits: [LOCKED, missing("such project or partition"), NOBODY],
    load: async () => (await import("./rename.ts")).partitionRename,
  },
  {
    path: ["partition", "delete"],
    group: GROUP,
    summary: "delete a partition; its credentials move to 'personal'",
    description: "Says what moves where, then asks, also for the master password.",
    positionals: [KNOWN],
    options: {
      project: PROJECT,
      "remove-credentials": {
        type: "flag",
        description: "remove its credentials for good, do not move them",
      },
    },
    examples: [{ line: "wispkey partition delete staging", note: "nothing is lost" }],
    exits: [[1, "the answer was no"], LOCKED, missing("such project or partition"), NOBODY],
    load: async () => (await import("./delete.ts")).partitionDelete,
  },
];
