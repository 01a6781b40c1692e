/**
 * The order of things, the same for every request whatever its mode: caller → route → find tokens (and their scope) → hosts
 * → places → body → policies → approval → audit intent → inject. Dialling, relaying and the audit result follow in `forward.ts`.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";
import { objectionText } from "../core/policy/verdict.ts";
import type { RequestContext, Step, StepServices } from "./context.ts";
import { type Answer, toRefusal } from "./refusal.ts";
import { awaitApproval, refuseUnapproved } from "./steps/await_approval.ts";
import { checkBody } from "./steps/check_body.ts";
import { checkCaller } from "./steps/check_caller.ts";
import { checkHosts } from "./steps/check_hosts.ts";
import { checkPlaces } from "./steps/check_places.ts";
import { checkPolicy } from "./steps/check_policy.ts";
import { findTokens } from "./steps/find_tokens.ts";
import { inject } from "./steps/inject.ts";
import { recordIntent } from "./steps/record_intent.ts";
import { route } from "./steps/route.ts";

/** All steps before the upstream, in their order. */
export const STEPS: readonly Step[] = [
  checkCaller,
  route,
  findTokens,
  checkHosts,
  checkPlaces,
  checkBody,
  checkPolicy,
  awaitApproval,
  recordIntent,
  inject,
];

/** The steps for a message over a WebSocket that is open: who calls and where it goes is settled. */
export const MESSAGE_STEPS: readonly Step[] = [
  checkHosts,
  checkPlaces,
  checkPolicy,
  refuseUnapproved,
  recordIntent,
];

/**
 * Runs a request through the steps. Returns at once, without a promise, if no step has to wait.
 *
 * @returns an answer of ourselves, or undefined if the request may go out as `context.outgoing`
 * @throws {Refusal} or another error of a step; denials are written down by {@linkcode noteDenial}.
 */
export function runSteps(
  context: RequestContext,
  services: StepServices,
  steps: readonly Step[] = STEPS,
): Answer | undefined | Promise<Answer | undefined> {
  for (let i = 0; i < steps.length; i++) {
    const outcome = steps[i]?.(context, services);
    if (outcome instanceof Promise) return resume(outcome, context, services, steps.slice(i + 1));
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

async function resume(
  waiting: Promise<Answer | void>,
  context: RequestContext,
  services: StepServices,
  rest: readonly Step[],
): Promise<Answer | undefined> {
  return await waiting ?? await runSteps(context, services, rest);
}

// Refusals that are about a token; others (a bad target, a browser) are not uses that were denied.
const DENIALS: ReadonlySet<string> = new Set([
  "address_refused",
  "approval_required",
  "credential_changed",
  "credential_tampered",
  "host_not_allowed",
  "misplaced_token",
  "policy_denied",
  "policy_invalid",
  "rate_limited",
  "retired_token",
  "too_many_approvals",
  "unknown_token",
  "value_not_allowed_here",
  "vault_locked",
]);

/** Writes a denied use of a token down: who, where to, why; no query, no token. */
export function noteDenial(context: RequestContext, services: StepServices, error: unknown): void {
  const refusal = toRefusal(error);
  if (!DENIALS.has(refusal.code) || !context.isRouted) return;
  if (context.intents.length > 0) {
    noteResult(context, services, {
      denied: true,
      reason: refusal.code,
      status: refusal.status,
      requestId: context.requestId,
    });
    return;
  }
  const credential = refusal.credential ?? context.uses[0]?.credential;
  const entry: AuditEntry = {
    event: refusal.objection === undefined ? "CredentialDenied" : "PolicyDenied",
    denied: true,
    reason: refusal.objection === undefined ? refusal.code : objectionText(refusal.objection),
    status: refusal.status,
    requestId: context.requestId,
    ...context.auditTarget(),
  };
  if (credential !== undefined) {
    entry.credential = credential.name;
    if (credential.project !== undefined) entry.project = credential.project;
    if (credential.tokenFingerprint !== undefined) entry.tokenFingerprint = credential.tokenFingerprint;
  }
  services.audit.note(entry);
}

/** Writes down how the uses of a request ended, for each intent row; what that says already is not said again. */
export function noteResult(
  context: RequestContext,
  services: StepServices,
  result: Pick<AuditEntry, "status" | "denied" | "reason" | "bytesIn" | "bytesOut" | "requestId">,
): void {
  for (const { credential, seq } of context.intents) {
    services.audit.note({
      event: "CredentialUseFinished",
      credential: credential.name,
      refersTo: seq,
      durationMs: Math.round(performance.now() - context.startedAt),
      ...result,
    });
  }
}
