/**
 * Step 7: write down what is about to happen. No row, no use.
 *
 * @module
 */

import type { AuditEntry } from "../../core/audit.ts";
import type { RequestContext, StepServices } from "../context.ts";
import type { ProxyCredential } from "../ports.ts";
import { Refusal } from "../refusal.ts";

/** Commits one intent row for each credential before any secret byte is made; 503 `audit_unavailable` if that fails. */
export function recordIntent(context: RequestContext, services: StepServices): Promise<void> | void {
  if (context.uses.length === 0) return;
  return commit(context, services);
}

async function commit(context: RequestContext, services: StepServices): Promise<void> {
  const credentials = context.credentials();
  try {
    // All are handed over in one turn, so that the log can commit them together.
    const rows = credentials.map((credential) => services.audit.intent(intentOf(credential, context)));
    const numbers = await Promise.all(rows);
    context.intents = credentials.map((credential, i) => ({ credential, seq: numbers[i] ?? 0 }));
  } catch {
    // The log's own error stays in the daemon; a caller only needs to know that nothing was sent.
    throw new Refusal(503, {
      code: "audit_unavailable",
      message: "cannot use the token: the log cannot be written",
      hint: "wispkey doctor",
    });
  }
}

function intentOf(credential: ProxyCredential, context: RequestContext): AuditEntry {
  return {
    event: "CredentialUsed",
    credential: credential.name,
    project: credential.project,
    tokenFingerprint: credential.tokenFingerprint,
    ...context.auditTarget(),
  };
}
