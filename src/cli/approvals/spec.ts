/**
 * The commands on approvals.
 *
 * @module
 */

import { LOCKED, missing, NO_VAULT } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Policies and approvals";
const ID = { name: "ID", description: "as 'wispkey approvals list' shows it" };
const NOT_FOUND = missing("such question waits any more");

/** `approvals`, `approvals list`, `approvals approve`, `approvals deny`. */
export const approvalCommands: readonly CommandSpec[] = [
  {
    path: ["approvals"],
    group: GROUP,
    summary: "short for 'approvals list'",
    description: "Answer with 'wispkey approvals approve ID' or 'wispkey approvals deny ID'.",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey approvals", note: "what waits for a person" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./list.ts")).approvalsList,
  },
  {
    path: ["approvals", "list"],
    group: GROUP,
    summary: "show the requests that wait for a person",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey approvals list", note: "caller, request, body and policy of each" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./list.ts")).approvalsList,
  },
  {
    path: ["approvals", "approve"],
    group: GROUP,
    summary: "let a held request go on, with the master password",
    description:
      "Exactly the request that is held goes on, once, unless it is widened. Every approval ends with the key.",
    positionals: [ID],
    options: {
      for: {
        type: "text",
        metavar: "TIME",
        description: "and the same request again for so long: 90s, 10m, 2h",
      },
      session: { type: "flag", description: "and the same request again until the vault is locked" },
      "this-path": {
        type: "flag",
        description:
          "other queries, headers and bodies to the same method, host and path, too; with --for or --session",
      },
    },
    examples: [
      { line: "wispkey approvals approve 3f9a1c0b7d2e", note: "once" },
      {
        line: "wispkey approvals approve 3f9a1c0b7d2e --this-path --for 10m",
        note: "whatever goes there for ten minutes",
      },
    ],
    exits: [
      LOCKED,
      NOT_FOUND,
      [5, "something else waits than was shown, or nobody can be asked for the password"],
    ],
    load: async () => (await import("./approve.ts")).approvalsApprove,
  },
  {
    path: ["approvals", "deny"],
    group: GROUP,
    summary: "refuse a held request",
    positionals: [ID],
    options: {},
    examples: [{ line: "wispkey approvals deny 3f9a1c0b7d2e", note: "its client gets 403 approval_denied" }],
    exits: [LOCKED, NOT_FOUND],
    load: async () => (await import("./deny.ts")).approvalsDeny,
  },
];
