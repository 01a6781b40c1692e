/**
 * What one policy holds against one use: the plain reading of a policy, clause by clause. The index that requests go
 * through (`rule_set.ts`) must say the same.
 *
 * @module
 */

import { matchesHostRule } from "./host_rule.ts";
import { coversPath, matchesPathRule, readPath } from "./path_rule.ts";
import { type ApprovalRule, looksAtPathOrMethod, type Policy } from "./policy.ts";
import { isWithin, scheduleText } from "./schedule.ts";
import type { PolicyClause, PolicyObjection, PolicyQuestion } from "./verdict.ts";

/** Clauses in the order in which a policy names them, rate limits and approvals aside. */
export const CLAUSE_ORDER = [
  "deny",
  "expires",
  "allowed_hosts",
  "denied_hosts",
  "allowed_methods",
  "allowed_paths",
  "denied_paths",
  "time_window",
  "max_body",
] as const satisfies readonly PolicyClause[];

/** One of {@linkcode CLAUSE_ORDER}. */
export type StaticClause = typeof CLAUSE_ORDER[number];

/** The first clause that objects, rate limits and approvals aside; null if none does. `now` in ms since the epoch. */
export function failingClause(policy: Policy, question: PolicyQuestion, now: number): StaticClause | null {
  return CLAUSE_ORDER.find((clause) => CLAUSES[clause](policy, question, now)) ?? null;
}

/** Whether a policy asks a person about a request. What can be read in two ways is asked about. */
export function needsApproval(
  { approval }: Policy,
  { method, methodOverridden, path }: PolicyQuestion,
): boolean {
  if (typeof approval === "boolean") return approval;
  if (methodOverridden) return true;
  const read = readPath(path);
  return approval.some((rule) => read === null || matchesApproval(rule, method, read));
}

/** Whether a request is one of those for which a person is asked; `path` as `readPath` gives it. */
export function matchesApproval(rule: ApprovalRule, method: string, path: string): boolean {
  return (rule.method === null || rule.method === method.toUpperCase()) &&
    (rule.path === null || coversPath(rule.path, path));
}

/** Why a clause objects. Nothing in it comes from the client. */
export function objectionOf(policy: Policy, clause: StaticClause, question: PolicyQuestion): PolicyObjection {
  return { policy: policy.name, clause, reason: reasonOf(policy, clause, question) };
}

/** Whether each clause objects. */
const CLAUSES: Readonly<
  Record<StaticClause, (policy: Policy, question: PolicyQuestion, now: number) => boolean>
> = {
  deny: ({ deny }) => deny,
  expires: ({ expires }, _, now) => expires !== null && now >= expires,
  allowed_hosts: ({ allowedHosts }, target) =>
    allowedHosts !== null && !allowedHosts.some((rule) => matchesHostRule(rule, target)),
  denied_hosts: ({ deniedHosts }, target) =>
    deniedHosts?.some((rule) => matchesHostRule(rule, target)) === true,
  allowed_methods: (policy, { method, methodOverridden }) =>
    (methodOverridden && looksAtPathOrMethod(policy)) || policy.allowedMethods?.includes(method) === false,
  allowed_paths: (policy, { path }) => {
    if (!looksAtPathOrMethod(policy)) return false;
    const read = readPath(path);
    if (read === null) return true;
    return policy.allowedPaths?.some((rule) => matchesPathRule(rule, read)) === false;
  },
  denied_paths: ({ deniedPaths }, { path }) => {
    const read = deniedPaths === null ? null : readPath(path);
    return read !== null && deniedPaths?.some((rule) => coversPath(rule, read)) === true;
  },
  time_window: ({ schedule }, _, now) => schedule !== null && !isWithin(schedule, now),
  max_body: ({ maxBody }, { bodyBytes }) => maxBody !== null && (bodyBytes === null || bodyBytes > maxBody),
};

function reasonOf(policy: Policy, clause: StaticClause, question: PolicyQuestion): string {
  switch (clause) {
    case "deny":
      return "it denies all use";
    case "expires":
      return `it allowed use until ${new Date(policy.expires ?? 0).toISOString()}`;
    case "allowed_hosts":
      return "the host is not among allowed_hosts";
    case "denied_hosts":
      return "the host is among denied_hosts";
    case "allowed_methods":
      return question.methodOverridden
        ? "the request asks for another method than its own"
        : "the method is not among allowed_methods";
    case "allowed_paths":
      return readPath(question.path) === null
        ? "hosts could read the path in two ways"
        : "the path is not among allowed_paths";
    case "denied_paths":
      return "the path is among denied_paths";
    case "time_window":
      return `it is outside ${policy.schedule === null ? "its hours" : scheduleText(policy.schedule)}`;
    case "max_body":
      return `the body is larger than ${policy.maxBody} bytes`;
  }
}
