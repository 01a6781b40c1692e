/**
 * Answers for uses of credentials: the policies that were applied and those in the file, both at once.
 *
 * @module
 */

import type { Policy } from "./policy.ts";
import type { PolicyIndex } from "./policy_index.ts";
import { RateBook, rateName } from "./rate_book.ts";
import type { RuleSet } from "./rule_set.ts";
import {
  type BodyNeeds,
  type Judgement,
  NO_OBJECTION,
  type PolicyObjection,
  type PolicyQuestion,
  type PolicySubject,
  type Verdict,
} from "./verdict.ts";

/** Pairs of credential and caller whose rate limits are kept ready. */
const MAX_REMEMBERED = 4096;

const NOTHING = () => {};

/** A use that happened before, as the log tells it. */
export interface PastUse {
  /** When, ms since the epoch. */
  readonly at: number;
  /** The credential. */
  readonly subject: PolicySubject;
  /** Name of the caller; null for one without a name. */
  readonly caller: string | null;
}

/** Policies in force. */
export class PolicyJudge {
  readonly #now: () => number;
  readonly #book = new RateBook();
  #indexes: readonly PolicyIndex[] = [];
  /** The uses before of rates that are not counted yet. */
  #past = new RateBook();
  /** What each rate limit is about whose uses are all counted, by {@linkcode rateName}. */
  #counted: ReadonlyMap<string, string> = new Map();
  /** The same of those whose uses before are yet to be counted. Until then they let none pass. */
  #uncounted: ReadonlyMap<string, string> = new Map();
  #ratedKnown = new Map<string, readonly Policy[]>();
  /** Numbers of lists of bound credentials, which may be long: two that are not the same one count as different. */
  readonly #lists = new WeakMap<ReadonlySet<string>, number>();
  #listCount = 0;

  /** Without policies. `now` in ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Puts policies in force, with all counts at once: {@linkcode begin}, {@linkcode countPast} and {@linkcode finish} in one.
   *
   * @param past uses of at least the longest window of their rate limits, oldest first
   */
  enforce(indexes: readonly PolicyIndex[], past: Iterable<PastUse>): void {
    this.begin(indexes);
    this.countPast(past);
    this.finish();
  }

  /**
   * Puts policies in force: all of the indexes at once, since policies only restrict. Rate limits that stood before, about the
   * same credentials and callers, go on with what they have counted; the others let nothing pass until {@linkcode finish}.
   *
   * @returns how far back uses have to be counted first, ms; 0 if no rate limit is new
   */
  begin(indexes: readonly PolicyIndex[]): number {
    const rates = this.#ratesOf(indexes);
    const isCounted = ([rate, about]: [string, string]) => this.#counted.get(rate) === about;
    this.#uncounted = new Map([...rates].filter((each) => !isCounted(each)));
    this.#counted = new Map([...rates].filter(isCounted));
    this.#indexes = indexes;
    this.#ratedKnown.clear();
    this.#past = new RateBook();
    this.#book.retain(new Set(rates.keys()));
    const uncounted = rated(indexes).filter(({ policy }) => this.#uncounted.has(rateName(policy)));
    return uncounted.reduce((longest, { policy }) => Math.max(longest, policy.rateLimit?.windowMs ?? 0), 0);
  }

  /** Counts uses that happened before {@linkcode begin} for the rate limits that are new. Oldest first, in as many parts as it takes. */
  countPast(past: Iterable<PastUse>): void {
    for (const { at, subject, caller } of past) {
      this.#past.count(this.#rated(subject, caller, this.#uncounted), subject, caller, at);
    }
  }

  /** All uses before are counted. */
  finish(): void {
    this.#book.adopt(this.#past);
    this.#past = new RateBook();
    this.#counted = new Map([...this.#counted, ...this.#uncounted]);
    this.#uncounted = new Map();
    this.#ratedKnown.clear();
  }

  /** What must be known of the body before {@linkcode PolicyJudge.judge} can answer. */
  bodyNeeds(subject: PolicySubject, caller: string | null): BodyNeeds {
    let maxBody: number | null = null;
    let forms = false;
    for (const index of this.#indexes) {
      const { enforced, monitored } = index.governing(subject, caller);
      if (enforced.needs.maxBody !== null) maxBody = Math.min(maxBody ?? Infinity, enforced.needs.maxBody);
      forms ||= enforced.needs.forms || monitored.needs.forms;
    }
    return { maxBody, forms };
  }

  /** Answers for a use; if it may happen it is counted. */
  judge(question: PolicyQuestion): Judgement {
    if (this.#indexes.length === 0) return NO_OBJECTION;
    const now = this.#now();
    const { credential, caller } = question;
    const governing = this.#indexes.map((index) => index.governing(credential, caller));
    const verdict = this.#verdict(governing.map(({ enforced }) => enforced), question, now);
    const monitored = this.#monitored(governing.map(({ monitored }) => monitored), question, now);
    const isDenied = verdict.kind !== "allow" && verdict.kind !== "approve";
    if (isDenied) return { verdict, monitored, uncount: NOTHING };
    const rated = this.#rated(credential, caller, this.#counted);
    const uncount = rated.length === 0 ? NOTHING : this.#book.count(rated, credential, caller, now);
    return { verdict, monitored, uncount };
  }

  #verdict(sets: readonly RuleSet[], question: PolicyQuestion, now: number): Verdict {
    for (const set of sets) {
      const objection = set.objection(question, now);
      if (objection !== null) return { kind: "deny", ...objection };
    }
    for (const set of sets) {
      const objection = this.#unready(set) ??
        this.#book.objection(set.rated, question.credential, question.caller, now);
      if (objection !== null) return { kind: "limit", ...objection };
    }
    for (const set of sets) {
      const policy = set.asks(question);
      if (policy !== undefined) {
        return {
          kind: "approve",
          policy: policy.name,
          clause: "require_approval",
          reason: "a person must approve it",
        };
      }
    }
    return NO_OBJECTION.verdict;
  }

  #unready({ rated }: RuleSet): (PolicyObjection & { retryAfter: number }) | null {
    if (this.#uncounted.size === 0) return null;
    const policy = rated.find((policy) => this.#uncounted.has(rateName(policy)));
    if (policy === undefined) return null;
    const reason = "earlier uses are still being counted";
    return { policy: policy.name, clause: "rate_limit", reason, retryAfter: 1 };
  }

  /** The first objection of each file's monitoring policies; one that both files have is told once. */
  #monitored(sets: readonly RuleSet[], question: PolicyQuestion, now: number): PolicyObjection[] {
    const found: PolicyObjection[] = [];
    for (const set of sets) {
      if (set.size === 0) continue;
      const objection = set.objection(question, now) ??
        this.#book.objection(set.rated, question.credential, question.caller, now);
      if (objection === null) continue;
      const isKnown = found.some(({ policy, clause }) =>
        policy === objection.policy && clause === objection.clause
      );
      if (!isKnown) found.push(objection);
    }
    return found;
  }

  /** What each rate is about, by its name: two texts that are the same count the same uses. */
  #ratesOf(indexes: readonly PolicyIndex[]): Map<string, string> {
    const about = new Map<string, Set<string>>();
    for (const { policy, index } of rated(indexes)) {
      const { name, credential, caller, project } = policy;
      const globs = [credential, caller, project].map((list) => list?.map(({ text }) => text).sort() ?? null);
      const texts = about.get(rateName(policy)) ?? new Set();
      const said = JSON.stringify([...globs, this.#numberOf(index.bindings.get(name))]);
      about.set(rateName(policy), texts.add(said));
    }
    return new Map([...about].map(([rate, texts]) => [rate, [...texts].sort().join("\n")]));
  }

  #numberOf(list: ReadonlySet<string> | undefined): number {
    if (list === undefined || list.size === 0) return 0;
    const number = this.#lists.get(list) ?? ++this.#listCount;
    this.#lists.set(list, number);
    return number;
  }

  /** Those of some rates that are about a use, enforced or not; one that stands the same in both files is counted once. */
  #rated(
    subject: PolicySubject,
    caller: string | null,
    rates: ReadonlyMap<string, string>,
  ): readonly Policy[] {
    const whose = `${subject.id}\n${subject.project}\n${subject.name}\n${
      caller === null ? "" : `=${caller}`
    }`;
    const key = `${rates === this.#counted ? "" : "un"}counted\n${whose}`;
    let rated = this.#ratedKnown.get(key);
    if (rated === undefined) {
      const found = new Map<string, Policy>();
      for (const index of this.#indexes) {
        const { enforced, monitored } = index.governing(subject, caller);
        for (const policy of [...enforced.rated, ...monitored.rated]) {
          const rate = rateName(policy);
          if (rates.has(rate)) found.set(rate, policy);
        }
      }
      if (this.#ratedKnown.size >= MAX_REMEMBERED) this.#ratedKnown.clear();
      this.#ratedKnown.set(key, rated = [...found.values()]);
    }
    return rated;
  }
}

interface Rated {
  readonly policy: Policy;
  readonly index: PolicyIndex;
}

function rated(indexes: readonly PolicyIndex[]): Rated[] {
  return indexes.flatMap((index) =>
    index.policies.filter(({ rateLimit }) => rateLimit !== null).map((policy) => ({ policy, index }))
  );
}
