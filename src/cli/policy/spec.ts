/**
 * The commands on policies.
 *
 * @module
 */

import type { CommandSpec } from "../spec.ts";

const GROUP = "Policies and approvals";
const INVALID = [1, "a file holds mistakes"] as const;
const LOCKED = [3, "the vault is locked"] as const;
const NO_FILE = [4, "there is no such file"] as const;
const POLICIES = {
  type: "text",
  metavar: "FILE",
  complete: "file",
  default: "those in force: applied and in policies.toml",
  description: "ask the policies of this file, without a vault",
} as const;

/** `policy init`, `check`, `explain`, `test`. */
export const policyCommands: readonly CommandSpec[] = [
  {
    path: ["policy", "init"],
    group: GROUP,
    summary: "write policies.toml with commented examples; never overwrites",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey policy init", note: "then edit it, check it and apply it" }],
    exits: [[1, "there is a file already"], [4, "there is no vault"]],
    load: async () => (await import("./init.ts")).policyInit,
  },
  {
    path: ["policy", "check"],
    group: GROUP,
    summary: "say whether a policy file is understood, and every mistake with line and column",
    positionals: [{
      name: "FILE",
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
    path: ["policy", "explain"],
    group: GROUP,
    summary: "say which policy decides about a use, and why",
    description:
      "Policies only restrict: whatever they say, the host must be among the credential's own. How often a credential was " +
      "used before is not looked at.",
    positionals: [],
    options: {
      credential: { type: "text", metavar: "NAME", description: "the credential; required" },
      url: { type: "text", metavar: "URL", description: "where the request goes; required" },
      method: { type: "text", metavar: "METHOD", default: "GET", description: "its method" },
      caller: { type: "text", metavar: "NAME", description: "a caller with a name, as 'run' gives one" },
      project: {
        type: "text",
        metavar: "NAME",
        default: "the active one",
        description: "the credential's project",
      },
      at: { type: "text", metavar: "TIME", default: "now", description: "2027-01-31T17:00:00-05:00" },
      "body-size": { type: "text", metavar: "SIZE", default: "0", description: "bytes, or 64KiB" },
      policies: POLICIES,
    },
    examples: [
      {
        line:
          "wispkey policy explain --credential github --method DELETE --url https://api.github.com/repos/a/b",
        note: "may it delete?",
      },
      {
        line:
          "wispkey policy explain --credential aws-prod --url https://api.aws.com/v1 --at 2027-01-31T02:00:00Z",
        note: "and at night?",
      },
    ],
    exits: [INVALID, LOCKED, NO_FILE],
    load: async () => (await import("./explain.ts")).policyExplain,
  },
  {
    path: ["policy", "test"],
    group: GROUP,
    summary: "put recorded requests before the policies and compare the verdicts",
    positionals: [{ name: "FILE", description: "recorded requests, - for standard input" }],
    options: { policies: POLICIES },
    examples: [
      { line: "wispkey policy test requests.toml", note: "is what must pass still allowed?" },
      {
        line: "wispkey policy test requests.toml --policies policies.toml",
        note: "in CI, where there is no vault",
      },
      { line: "wispkey log --as-policy-test > requests.toml", note: "make one from what happened" },
    ],
    exits: [[1, "a verdict is not the expected one, or a file holds mistakes"], LOCKED, NO_FILE],
    load: async () => (await import("./test.ts")).policyTest,
  },
];
