/**
 * Step 6: write down what is about to happen. No row, no use.
 *
 * @module
 */

import type { RequestContext, StepServices } from "../context.ts";
import { Refusal } from "../refusal.ts";

/** Commits one intent row for each credential before any secret byte is made; 503 `audit_unavailable` if that fails. */
export function recordIntent(context: RequestContext, services: StepServices): Promise<void> | void {
  if (context.uses.length === 0) return;
  return commit(context, services);
}

async function commit(context: RequestContext, services: StepServices): Promise<void> {
  const where = context.auditTarget();
  try {
    context.intents = await Promise.all(
      context.credentials().map(async (credential) => {
        const seq = await services.audit.intent({
          event: "CredentialUsed",
          credential: credential.name,
          project: credential.project,
          tokenFingerprint: credential.tokenFingerprint,
          ...where,
        });
        return { credential, seq };
      }),
    );
  } catch {
    // The log's own error stays in the daemon; a caller only needs to know that nothing was sent.
    throw new Refusal(503, {
      code: "audit_unavailable",
      message: "cannot use the token: the log cannot be written",
      hint: "wispkey doctor",
    });
  }
}
