/**
 * The policies of one file, found by credential and caller.
 *
 * @module
 */

import { type Bindings, governs, type Policy } from "./policy.ts";
import { RuleSet } from "./rule_set.ts";
import type { PolicySubject } from "./verdict.ts";

/** Pairs of credential and caller whose policies are kept ready. */
const MAX_REMEMBERED = 4096;

/** The policies about one credential and caller. */
export interface Governing {
  /** Those that are enforced. */
  readonly enforced: RuleSet;
  /** Those that only tell what they would deny. */
  readonly monitored: RuleSet;
}

/** Policies in the order of their file. */
export class PolicyIndex {
  /** The policies themselves. */
  readonly policies: readonly Policy[];
  /** Credentials they were bound to when they were applied. */
  readonly bindings: Bindings;
  readonly #known = new Map<string, Governing>();

  /** An index over policies. */
  constructor(policies: readonly Policy[], bindings: Bindings = new Map()) {
    this.policies = policies;
    this.bindings = bindings;
  }

  /** The policies about a credential and a caller; null is one without a name. */
  governing(subject: PolicySubject, caller: string | null): Governing {
    const key = `${subject.id}\n${subject.project}\n${subject.name}\n${caller === null ? "" : `=${caller}`}`;
    let found = this.#known.get(key);
    if (found === undefined) {
      if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
      const policies = this.policies.filter((policy) => governs(policy, subject, caller, this.bindings));
      found = {
        enforced: new RuleSet(policies.filter(({ monitor }) => !monitor)),
        monitored: new RuleSet(policies.filter(({ monitor }) => monitor)),
      };
      this.#known.set(key, found);
    }
    return found;
  }
}
