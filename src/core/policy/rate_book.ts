/**
 * The sliding windows of all rate limits. It outlives the policies, so that writing the file anew resets no count.
 *
 * @module
 */

import type { Policy } from "./policy.ts";
import { SlidingWindow } from "./sliding_window.ts";
import type { PolicyObjection, PolicySubject } from "./verdict.ts";

/** With so many windows, those without a use are dropped. */
const MAX_IDLE = 4096;

/** A policy's window for one credential or caller. */
interface Counter {
  readonly policy: Policy;
  readonly window: SlidingWindow;
}

/** Counts uses by policy and credential, or by policy and caller. */
export class RateBook {
  readonly #windows = new Map<string, SlidingWindow>();
  /** Windows that were looked up, by list of policies, and by credential and caller. */
  #ready = new WeakMap<readonly Policy[], Map<string, readonly Counter[]>>();
  #sweepAt = MAX_IDLE;

  /** The objection of the first of some policies whose limit is reached; null if a use fits into all. */
  objection(
    policies: readonly Policy[],
    subject: PolicySubject,
    caller: string | null,
    now: number,
  ): (PolicyObjection & { retryAfter: number }) | null {
    for (const { policy, window } of this.#counters(policies, subject, caller, now)) {
      const wait = window.waitMs(now);
      if (wait > 0) {
        return {
          policy: policy.name,
          clause: "rate_limit",
          reason: `more than ${policy.rateLimit?.text} is too often`,
          retryAfter: Math.max(1, Math.ceil(wait / 1000)),
        };
      }
    }
    return null;
  }

  /** Counts a use for each policy; answers what takes it back. */
  count(policies: readonly Policy[], subject: PolicySubject, caller: string | null, now: number): () => void {
    const counted = this.#counters(policies, subject, caller, now).map(({ window }) =>
      [window, window.count(now)] as const
    );
    return () => {
      for (const [window, use] of counted.splice(0)) window.uncount(use);
    };
  }

  /** Takes over what another book has counted of the same uses, where the two differ the stricter count of each. */
  adopt(other: RateBook): void {
    for (const [key, window] of other.#windows) {
      const own = this.#windows.get(key);
      this.#windows.set(key, own === undefined ? window : SlidingWindow.strictest(own, window));
    }
    this.#ready = new WeakMap();
  }

  /** Forgets all rates but these, by {@linkcode rateName}. */
  retain(rates: ReadonlySet<string>): void {
    for (const key of this.#windows.keys()) {
      if (!rates.has(key.slice(0, key.lastIndexOf("\n")))) this.#windows.delete(key);
    }
    this.#ready = new WeakMap();
  }

  #counters(
    policies: readonly Policy[],
    subject: PolicySubject,
    caller: string | null,
    now: number,
  ): readonly Counter[] {
    if (policies.length === 0) return [];
    if (this.#windows.size >= this.#sweepAt) this.#sweep(now);
    let known = this.#ready.get(policies);
    if (known === undefined) this.#ready.set(policies, known = new Map());
    const whose = `${subject.id}\n${caller === null ? "" : `=${caller}`}`;
    let counters = known.get(whose);
    if (counters === undefined) {
      counters = policies.flatMap((policy) => {
        const window = this.#window(policy, subject, caller);
        return window === undefined ? [] : [{ policy, window }];
      });
      known.set(whose, counters);
    }
    return counters;
  }

  #window(policy: Policy, subject: PolicySubject, caller: string | null): SlidingWindow | undefined {
    const { rateLimit, rateKey } = policy;
    if (rateLimit === null) return undefined;
    const whose = rateKey === "credential" ? `credential ${subject.id}` : `caller ${caller ?? ""}`;
    const key = `${rateName(policy)}\n${whose}`;
    let window = this.#windows.get(key);
    if (window === undefined) {
      window = new SlidingWindow(rateLimit.limit, rateLimit.windowMs);
      this.#windows.set(key, window);
    }
    return window;
  }

  #sweep(now: number): void {
    for (const [key, window] of this.#windows) if (window.used(now) === 0) this.#windows.delete(key);
    this.#ready = new WeakMap();
    this.#sweepAt = Math.max(MAX_IDLE, 2 * this.#windows.size);
  }
}

/** What tells one rate limit from another: the policy's name, the rate, and what it is counted by. */
export function rateName({ name, rateLimit, rateKey }: Policy): string {
  return `${name}\n${rateLimit?.limit}/${rateLimit?.windowMs}\n${rateKey}`;
}
