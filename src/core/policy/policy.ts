/**
 * A policy, read and understood. Policies only restrict: without any, a credential goes wherever its hosts allow.
 *
 * @module
 */

import type { RateLimit } from "./amounts.ts";
import type { HostRule } from "./host_rule.ts";
import { matchesName, type NameGlob } from "./name_glob.ts";
import type { PathRule } from "./path_rule.ts";
import type { Schedule } from "./schedule.ts";
import type { PolicySubject } from "./verdict.ts";

/** Requests for which a person is asked. */
export interface ApprovalRule {
  /** As it was written. */
  readonly text: string;
  /** The method; null for all. */
  readonly method: string | null;
  /** The paths; null for all. */
  readonly path: PathRule | null;
}

/** What uses share a rate limit: those of one credential, or those of one caller. */
export type RateKey = "credential" | "caller";

/** One policy. Null stands for a key that was not given. */
export interface Policy {
  /** Its name, unique in its file. */
  readonly name: string;
  /** Line of its header in the file. */
  readonly line: number;
  /** Credentials it is about; null for all. */
  readonly credential: readonly NameGlob[] | null;
  /** Callers it is about, besides those without a name; null for all. */
  readonly caller: readonly NameGlob[] | null;
  /** Projects whose credentials it is about; null for all. */
  readonly project: readonly NameGlob[] | null;
  /** Only these hosts. */
  readonly allowedHosts: readonly HostRule[] | null;
  /** None of these hosts. */
  readonly deniedHosts: readonly HostRule[] | null;
  /** Only these methods, in upper case. */
  readonly allowedMethods: readonly string[] | null;
  /** Only these paths. */
  readonly allowedPaths: readonly PathRule[] | null;
  /** None of these paths. */
  readonly deniedPaths: readonly PathRule[] | null;
  /** Only so often. */
  readonly rateLimit: RateLimit | null;
  /** Whose uses are counted together. */
  readonly rateKey: RateKey;
  /** Only at these times. */
  readonly schedule: Schedule | null;
  /** Only bodies of at most so many bytes. */
  readonly maxBody: number | null;
  /** Only before this moment, ms since the epoch. */
  readonly expires: number | null;
  /** Nothing at all. */
  readonly deny: boolean;
  /** Whether a person must be asked: never, always, or for these requests. */
  readonly approval: boolean | readonly ApprovalRule[];
  /** Whether it only tells what it would deny. */
  readonly monitor: boolean;
}

/** Ids of the credentials that a policy was about when it was applied, by its name: renaming one does not free it. */
export type Bindings = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Whether a policy is about a use. What is bound to callers by name binds those without a name too: nobody escapes by
 * leaving it out.
 */
export function governs(
  policy: Policy,
  subject: PolicySubject,
  caller: string | null,
  bindings?: Bindings,
): boolean {
  if (caller !== null && !matchesAny(policy.caller, caller)) return false;
  return isAbout(policy, subject) || bindings?.get(policy.name)?.has(subject.id) === true;
}

/** Whether a policy is about a credential by its names. */
export function isAbout(policy: Policy, { name, project }: Omit<PolicySubject, "id">): boolean {
  return matchesAny(policy.credential, name) && matchesAny(policy.project, project);
}

/** Whether a policy looks at paths or methods, so that it must know for certain what they are. */
export function looksAtPathOrMethod(
  { allowedMethods, allowedPaths, deniedPaths, approval }: Policy,
): boolean {
  return allowedMethods !== null || allowedPaths !== null || deniedPaths !== null || Array.isArray(approval);
}

function matchesAny(globs: readonly NameGlob[] | null, name: string): boolean {
  return globs === null || globs.some((glob) => matchesName(glob, name));
}
