/**
 * The commands on policies.
 *
 * @module
 */

import { LOCKED, missing, NO_VAULT, NOBODY } from "../exits.ts";
import type { CommandSpec } from "../spec.ts";

const GROUP = "Policies and approvals";
const INVALID = [1, "a file holds mistakes"] as const;
const NO_FILE = [4, "there is no such file"] as const;
const POLICIES = {
  type: "text",
  metavar: "FILE",
  complete: "file",
  default: "those in force: applied and in policies.toml",
  description: "ask the policies of this file, without a vault",
} as const;

/** `policy init`, `list`, `check`, `apply`, `explain`, `test`. */
export const policyCommands: readonly CommandSpec[] = [
  {
    path: ["policy", "init"],
    group: GROUP,
    summary: "write policies.toml with commented examples; never overwrites",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey policy init", note: "then edit it, check it and apply it" }],
    exits: [[1, "there is a file already"], NO_VAULT],
    load: async () => (await import("./init.ts")).policyInit,
  },
  {
    path: ["policy", "list"],
    group: GROUP,
    summary: "show the applied policies, those in the file, and how they differ",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey policy list", note: "what each does, in one line" }],
    exits: [LOCKED, NO_VAULT],
    load: async () => (await import("./list.ts")).policyList,
  },
  {
    path: ["policy", "check"],
    group: GROUP,
    summary: "show every mistake of a policy file, with line and column",
    positionals: [{
      name: "FILE",
      complete: "file",
      description: "policy file, - for standard input; policies.toml of the vault by default",
      optional: true,
    }],
    options: {},
    examples: [
      { line: "wispkey policy check", note: "the vault's own; needs no password" },
      { line: "wispkey policy check team.toml --json", note: "for editors and CI" },
    ],
    exits: [INVALID, NO_FILE],
    load: async () => (await import("./check.ts")).policyCheck,
  },
  {
    path: ["policy", "apply"],
    group: GROUP,
    summary: "let the policy file count, with the master password",
    description:
      "Shows what changes before the password is asked. Without a file, what was applied is taken away. What is tighter " +
      "than before counts without this, as soon as policies.toml is saved.",
    positionals: [],
    options: {
      file: {
        type: "text",
        metavar: "FILE",
        complete: "file",
        default: "policies.toml of the vault",
        description: "apply this file's text",
      },
    },
    examples: [{ line: "wispkey policy apply", note: "after 'wispkey policy check'" }],
    exits: [INVALID, LOCKED, missing("such file"), NOBODY],
    load: async () => (await import("./apply.ts")).policyApply,
  },
  {
    path: ["policy", "explain"],
    group: GROUP,
    summary: "say which policy decides about a use, and why",
    description:
      "Policies only restrict: whatever they say, the host must be among the credential's own. How often a credential was " +
      "used before is not looked at.",
    positionals: [],
    options: {
      credential: {
        type: "text",
        metavar: "NAME",
        complete: "credential",
        description: "the credential; required",
      },
      url: { type: "text", metavar: "URL", description: "where the request goes; required" },
      method: { type: "text", metavar: "METHOD", default: "GET", description: "its method" },
      caller: { type: "text", metavar: "NAME", description: "a caller with a name, as 'run' gives one" },
      project: {
        type: "text",
        metavar: "NAME",
        complete: "project",
        default: "the active one",
        description: "the credential's project",
      },
      at: { type: "text", metavar: "TIME", default: "now", description: "2027-01-31T17:00:00-05:00" },
      "body-size": { type: "text", metavar: "SIZE", default: "0", description: "bytes, or 64KiB" },
      policies: POLICIES,
    },
    examples: [
      {
        line: "wispkey policy explain --credential github --method PUT --url https://api.github.com/",
        note: "may it write?",
      },
      {
        line: "wispkey policy explain --credential aws --url https://a.aws.com/ --at 2027-01-31T02:00Z",
        note: "and at night?",
      },
    ],
    exits: [INVALID, LOCKED, missing("such file")],
    load: async () => (await import("./explain.ts")).policyExplain,
  },
  {
    path: ["policy", "test"],
    group: GROUP,
    summary: "put recorded requests before the policies, compare verdicts",
    description: "'wispkey log --as-policy-test > requests.toml' makes such a file of what happened.",
    positionals: [{ name: "FILE", description: "recorded requests, - for standard input", complete: "file" }],
    options: { policies: POLICIES },
    examples: [
      { line: "wispkey policy test requests.toml", note: "is what must pass still allowed?" },
      {
        line: "wispkey policy test requests.toml --policies policies.toml",
        note: "in CI, where there is no vault",
      },
    ],
    exits: [[1, "a verdict is not the expected one, or a file holds mistakes"], LOCKED, missing("such file")],
    load: async () => (await import("./test.ts")).policyTest,
  },
];
