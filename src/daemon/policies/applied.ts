/**
 * The policies as their owner applied them: kept sealed in the vault, so that whoever edits the file loosens nothing.
 *
 * @module
 */

import { fromUtf8, utf8 } from "../../core/bytes.ts";
import type { Bindings, Policy } from "../../core/policy/policy.ts";
import { isAbout } from "../../core/policy/policy.ts";
import type { PolicySubject } from "../../core/policy/verdict.ts";
import type { AuditNote, Vault } from "../../vault/mod.ts";

const KIND = "policy";
const ID = "applied";

/** What was applied. */
export interface AppliedPolicies {
  /** The text, as it was shown. */
  readonly text: string;
  /** When, ms since the epoch. */
  readonly at: number;
  /** Credentials that each policy was about then. */
  readonly bindings: Bindings;
}

/** How it is stored. */
interface Stored {
  text: string;
  at: number;
  bindings: [policy: string, ids: string[]][];
}

/**
 * What was applied last; null if nothing ever was.
 *
 * @throws {DeniedError} `document_tampered`; {LockedError} `vault_locked`.
 */
export function readApplied(vault: Vault): AppliedPolicies | null {
  const bytes = vault.documents.get(KIND, ID);
  if (bytes === undefined) return null;
  // The document is authenticated, so it is of the form in which it was written.
  const { text, at, bindings } = JSON.parse(fromUtf8(bytes)) as Stored;
  return { text, at, bindings: new Map(bindings.map(([policy, ids]) => [policy, new Set(ids)])) };
}

/**
 * Keeps what the owner applies now, bound to the credentials that there are.
 *
 * @param kept credentials that policies stay bound to, whatever they are called now
 */
export function writeApplied(
  vault: Vault,
  text: string,
  policies: readonly Policy[],
  at: number,
  kept: Bindings = new Map(),
  note: AuditNote = {},
): void {
  const subjects = subjectsOf(vault);
  const isBound = (policy: Policy, subject: PolicySubject) =>
    isAbout(policy, subject) || kept.get(policy.name)?.has(subject.id) === true;
  const stored: Stored = {
    text,
    at,
    // What is about every credential needs no list of them.
    bindings: policies.filter(({ credential, project }) => credential !== null || project !== null).map(
      (policy) => [policy.name, subjects.filter((subject) => isBound(policy, subject)).map(({ id }) => id)],
    ),
  };
  const reason = `${policies.length} polic${policies.length === 1 ? "y" : "ies"}`;
  vault.documents.put(KIND, ID, utf8(JSON.stringify(stored)), { event: "PolicyApplied", reason, ...note });
}

/** All credentials, as policies see them. */
export function subjectsOf(vault: Vault): PolicySubject[] {
  const projects = new Map(vault.projects.list().map(({ id, name }) => [id, name]));
  return vault.credentials.list().map(({ id, name, projectId }) => ({
    id,
    name,
    project: projects.get(projectId) ?? "",
  }));
}
