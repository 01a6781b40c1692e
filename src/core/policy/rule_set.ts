/**
 * The policies about one credential and caller, prepared so that a request takes microseconds however many they are. Says
 * the same as `examine.ts`, which reads them one by one: what matters is which policy, in the order of the file, objects
 * first, and with which of its clauses.
 *
 * @module
 */

import { CLAUSE_ORDER, matchesApproval, objectionOf, type StaticClause } from "./examine.ts";
import { type HostRule, matchesHostRule } from "./host_rule.ts";
import { coversPath, matchesPathRule, type PathRule, readPath } from "./path_rule.ts";
import { looksAtPathOrMethod, type Policy } from "./policy.ts";
import { isWithin, type Schedule, scheduleText } from "./schedule.ts";
import { type BodyNeeds, NO_NEEDS, type PolicyObjection, type PolicyQuestion } from "./verdict.ts";

/** Hosts and methods whose answers are kept; a client may ask for any number of them. */
const MAX_REMEMBERED = 512;

/** Something that the policy at `index` says and no earlier one has said. */
interface Ranked<T> {
  readonly index: number;
  readonly value: T;
}

/** No policy objects: greater than any rank. */
const NONE = Number.MAX_SAFE_INTEGER;

/** Policies that all apply to the same uses. */
export class RuleSet {
  /** Those with a rate limit, in order. */
  readonly rated: readonly Policy[];
  /** Those that ask a person, in order. */
  readonly asking: readonly Policy[];
  /** What must be known of a body. */
  readonly needs: BodyNeeds;
  readonly #policies: readonly Policy[];
  readonly #deny: number;
  readonly #exact: number;
  readonly #expiries: readonly Ranked<number>[];
  readonly #sizes: readonly Ranked<number>[];
  readonly #schedules: readonly Ranked<Schedule>[];
  readonly #hostRules: readonly Ranked<Policy>[];
  readonly #methodRules: readonly Ranked<readonly string[]>[];
  readonly #allowedPaths: readonly Ranked<readonly PathRule[]>[];
  readonly #deniedPaths: DeniedPaths;
  readonly #hosts = new Map<string, number>();
  readonly #methods = new Map<string, number>();

  /** Prepares policies, given in the order of their file. */
  constructor(policies: readonly Policy[]) {
    this.#policies = policies;
    this.rated = policies.filter(({ rateLimit }) => rateLimit !== null);
    this.asking = policies.filter(({ approval }) => approval !== false);
    this.#deny = rank(policies.findIndex(({ deny }) => deny), "deny");
    this.#exact = policies.findIndex(looksAtPathOrMethod);
    this.#expiries = falling(policies, ({ expires }) => expires);
    this.#sizes = falling(policies, ({ maxBody }) => maxBody);
    this.#schedules = distinct(policies, ({ schedule }) => schedule, scheduleText);
    this.#hostRules = distinct(
      policies,
      (policy) => policy.allowedHosts === null && policy.deniedHosts === null ? null : policy,
      ({ allowedHosts, deniedHosts }) => `${texts(allowedHosts)}\n${texts(deniedHosts)}`,
    );
    this.#methodRules = distinct(policies, ({ allowedMethods }) => allowedMethods, (list) => list.join());
    this.#allowedPaths = distinct(policies, ({ allowedPaths }) => allowedPaths, texts);
    this.#deniedPaths = new DeniedPaths(policies);
    this.needs = needsOf(policies);
  }

  /** Number of policies. */
  get size(): number {
    return this.#policies.length;
  }

  /** The first objection, rate limits and approvals aside. `now` in ms since the epoch. */
  objection(question: PolicyQuestion, now: number): PolicyObjection | null {
    if (this.#policies.length === 0) return null;
    const path = this.#exact < 0 ? "" : readPath(question.path);
    const first = Math.min(
      this.#deny,
      firstOf(this.#expiries, "expires", (expires) => now >= expires),
      this.#host(question),
      question.methodOverridden ? rank(this.#exact, "allowed_methods") : NONE,
      this.#method(question.method),
      path === null ? rank(this.#exact, "allowed_paths") : this.#path(path),
      firstOf(this.#schedules, "time_window", (schedule) => !isWithin(schedule, now)),
      firstOf(
        this.#sizes,
        "max_body",
        (most) => question.bodyBytes === null || question.bodyBytes > most,
      ),
    );
    if (first === NONE) return null;
    const policy = this.#policies[Math.floor(first / CLAUSE_ORDER.length)];
    const clause = CLAUSE_ORDER[first % CLAUSE_ORDER.length];
    if (policy === undefined || clause === undefined) throw new Error("a rank of no policy");
    return objectionOf(policy, clause, question);
  }

  /** The first policy that asks a person about a request. */
  asks({ method, methodOverridden, path }: PolicyQuestion): Policy | undefined {
    if (this.asking.length === 0) return undefined;
    const read = readPath(path);
    return this.asking.find(({ approval }) =>
      typeof approval === "boolean" || methodOverridden || read === null ||
      approval.some((rule) => matchesApproval(rule, method, read))
    );
  }

  #host(question: PolicyQuestion): number {
    if (this.#hostRules.length === 0) return NONE;
    const { scheme, host, port } = question;
    return remembered(this.#hosts, `${scheme} ${port} ${host}`, () => {
      const matches = (rule: HostRule) => matchesHostRule(rule, question);
      for (const { index, value: { allowedHosts, deniedHosts } } of this.#hostRules) {
        if (allowedHosts !== null && !allowedHosts.some(matches)) return rank(index, "allowed_hosts");
        if (deniedHosts?.some(matches)) return rank(index, "denied_hosts");
      }
      return NONE;
    });
  }

  #method(method: string): number {
    if (this.#methodRules.length === 0) return NONE;
    return remembered(
      this.#methods,
      method,
      () => firstOf(this.#methodRules, "allowed_methods", (allowed) => !allowed.includes(method)),
    );
  }

  #path(path: string): number {
    return Math.min(
      firstOf(
        this.#allowedPaths,
        "allowed_paths",
        (rules) => !rules.some((rule) => matchesPathRule(rule, path)),
      ),
      this.#deniedPaths.first(path),
    );
  }
}

/** Denied paths by their first segment, so that those of other places cost nothing. */
class DeniedPaths {
  readonly #bySegment = new Map<string, Ranked<PathRule>[]>();
  readonly #anywhere: Ranked<PathRule>[] = [];

  constructor(policies: readonly Policy[]) {
    const known = new Set<string>();
    for (const [index, { deniedPaths }] of policies.entries()) {
      for (const rule of deniedPaths ?? []) {
        if (known.has(rule.folded.glob)) continue;
        known.add(rule.folded.glob);
        this.#place(rule).push({ index, value: rule });
      }
    }
  }

  first(path: string): number {
    const covers = (rule: PathRule) => coversPath(rule, path);
    const here = this.#bySegment.get(firstSegment(path.toLowerCase())) ?? [];
    return Math.min(firstOf(here, "denied_paths", covers), firstOf(this.#anywhere, "denied_paths", covers));
  }

  #place({ folded: { glob } }: PathRule): Ranked<PathRule>[] {
    const segment = firstSegment(glob);
    if (segment.includes("*")) return this.#anywhere;
    let list = this.#bySegment.get(segment);
    if (list === undefined) this.#bySegment.set(segment, list = []);
    return list;
  }
}

function firstSegment(path: string): string {
  const end = path.indexOf("/", 1);
  return end < 0 ? path : path.slice(0, end);
}

/** Policies in order, and within one its clauses in order, as one number. */
function rank(index: number, clause: StaticClause): number {
  return index < 0 ? NONE : index * CLAUSE_ORDER.length + CLAUSE_ORDER.indexOf(clause);
}

function firstOf<T>(
  list: readonly Ranked<T>[],
  clause: StaticClause,
  objects: (value: T) => boolean,
): number {
  for (const { index, value } of list) if (objects(value)) return rank(index, clause);
  return NONE;
}

/** Each different value at its first policy: the later ones can only object after it. */
function distinct<T>(
  policies: readonly Policy[],
  valueOf: (policy: Policy) => T | null,
  textOf: (value: T) => string,
): Ranked<T>[] {
  const found = new Map<string, Ranked<T>>();
  for (const [index, policy] of policies.entries()) {
    const value = valueOf(policy);
    if (value === null) continue;
    const text = textOf(value);
    if (!found.has(text)) found.set(text, { index, value });
  }
  return [...found.values()];
}

/** Of limits only those below all earlier ones: the others can only object after them. */
function falling(policies: readonly Policy[], valueOf: (policy: Policy) => number | null): Ranked<number>[] {
  const found: Ranked<number>[] = [];
  for (const [index, policy] of policies.entries()) {
    const value = valueOf(policy);
    if (value !== null && value < (found.at(-1)?.value ?? Infinity)) found.push({ index, value });
  }
  return found;
}

function remembered(answers: Map<string, number>, key: string, compute: () => number): number {
  let answer = answers.get(key);
  if (answer === undefined) {
    if (answers.size >= MAX_REMEMBERED) answers.clear();
    answers.set(key, answer = compute());
  }
  return answer;
}

function texts(rules: readonly { readonly text: string }[] | null): string {
  return rules === null ? "" : rules.map(({ text }) => text).join("\t");
}

function needsOf(policies: readonly Policy[]): BodyNeeds {
  if (policies.length === 0) return NO_NEEDS;
  const sizes = policies.map(({ maxBody }) => maxBody ?? Infinity);
  const least = sizes.reduce((a, b) => Math.min(a, b));
  return { maxBody: least === Infinity ? null : least, forms: policies.some(looksAtPathOrMethod) };
}
