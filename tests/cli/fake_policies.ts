/**
 * What the fake daemon answers about policies: as the real one, over texts that tests set.
 *
 * @module
 */

import { fromUtf8 } from "../../src/core/bytes.ts";
import { comparePolicies } from "../../src/core/policy/difference.ts";
import { mistakeText } from "../../src/core/policy/mistake.ts";
import { type PolicyNote, policyNotes } from "../../src/core/policy/notes.ts";
import { parsePolicies } from "../../src/core/policy/parse.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import type { PolicyStatus } from "../../src/daemon/api/policies.ts";

/** Where the fake vault's policy file lies. */
export const POLICY_PATH = "/home/me/.wispkey/policies.toml";

/** The policies of a fake vault. */
export class FakePolicies {
  /** Text that was applied. */
  applied: string | null = null;
  /** Credentials there are, all in one project. */
  credentials: () => readonly { id: string; name: string }[] = () => [];
  /** What is wrong with what was applied. */
  spoiled: PolicyStatus["spoiled"] = null;
  /** Text of the file; null if there is none. */
  file: string | null = null;

  apply(payload: Uint8Array): void {
    this.applied = fromUtf8(payload);
  }

  status(): PolicyStatus {
    const read = parsePolicies(this.file ?? "");
    const policies = read.ok ? read.policies : [];
    const applied = policiesOf(this.applied ?? "");
    return {
      path: POLICY_PATH,
      file: this.file === null
        ? "absent"
        : !read.ok
        ? "invalid"
        : this.file === this.applied
        ? "applied"
        : "different",
      filePolicies: policies.length,
      mistakes: read.ok ? [] : read.mistakes.map((mistake) => mistakeText("policies.toml", mistake)),
      applied: this.applied,
      appliedAt: this.applied === null ? null : Date.UTC(2026, 0, 30),
      appliedPolicies: applied.length,
      changes: read.ok ? comparePolicies(applied, policies) : [],
      spoiled: this.spoiled,
      notes: this.notes([...applied, ...policies]),
    };
  }

  /** Only names that nothing has; what is bound under another name the real daemon knows. */
  notes(policies: readonly Policy[]): PolicyNote[] {
    const subjects = this.credentials().map((each) => ({ ...each, project: "default" }));
    const notes = policyNotes(policies, subjects, ["default"], new Map());
    return [...new Map(notes.map((note) => [note.policy + note.text, note])).values()];
  }

  examine(payload: Uint8Array): PolicyNote[] {
    return this.notes(policiesOf(fromUtf8(payload)));
  }
}

function policiesOf(text: string): readonly Policy[] {
  const read = parsePolicies(text);
  if (!read.ok) throw new Error("the applied text holds mistakes");
  return read.policies;
}
