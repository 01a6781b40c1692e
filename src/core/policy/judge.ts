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
  #indexes: readonly PolicyIndex[] = [];
  #book = new RateBook();
  #ratedKnown = new Map<string, readonly Policy[]>();

  /** Without policies. `now` in ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Puts policies in force: all of the indexes at once, since policies only restrict.
   *
   * @param past uses of at least the longest window of their rate limits, oldest first: all counts begin from them
   */
  enforce(indexes: readonly PolicyIndex[], past: Iterable<PastUse>): void {
    const before = this.#book;
    this.#indexes = indexes;
    this.#ratedKnown.clear();
    this.#book = new RateBook();
    for (const { at, subject, caller } of past) {
      this.#book.count(this.#rated(subject, caller), subject, caller, at);
    }
    this.#book.adopt(before, this.#now());
  }

  /** The longest window of a rate limit among some policies, ms; 0 if there is none. */
  static longestWindow(indexes: readonly PolicyIndex[]): number {
    const all = indexes.flatMap(({ policies }) => policies);
    return all.reduce((longest, { rateLimit }) => Math.max(longest, rateLimit?.windowMs ?? 0), 0);
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
    const rated = this.#rated(credential, caller);
    const uncount = rated.length === 0 ? NOTHING : this.#book.count(rated, credential, caller, now);
    return { verdict, monitored, uncount };
  }

  #verdict(sets: readonly RuleSet[], question: PolicyQuestion, now: number): Verdict {
    for (const set of sets) {
      const objection = set.objection(question, now);
      if (objection !== null) return { kind: "deny", ...objection };
    }
    for (const set of sets) {
      const objection = this.#book.objection(set.rated, question.credential, question.caller, now);
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

  /** The policies with rate limits, enforced or not; one that stands the same in both files is counted once. */
  #rated(subject: PolicySubject, caller: string | null): readonly Policy[] {
    const key = `${subject.id}\n${subject.project}\n${subject.name}\n${caller === null ? "" : `=${caller}`}`;
    let rated = this.#ratedKnown.get(key);
    if (rated === undefined) {
      const found = new Map<string, Policy>();
      for (const index of this.#indexes) {
        const { enforced, monitored } = index.governing(subject, caller);
        for (const set of [enforced, monitored]) {
          for (const policy of set.rated) found.set(rateName(policy), policy);
        }
      }
      if (this.#ratedKnown.size >= MAX_REMEMBERED) this.#ratedKnown.clear();
      this.#ratedKnown.set(key, rated = [...found.values()]);
    }
    return rated;
  }
}
