/**
 * Step 7: do the policies let each credential be used so? They are asked once for each credential of a request, whatever
 * its mode; what they need to know of the body is read before.
 *
 * @module
 */

import type { BodyNeeds, PolicyQuestion, Verdict } from "../../core/policy/verdict.ts";
import { objectionText } from "../../core/policy/verdict.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import type { RequestContext, StepServices } from "../context.ts";
import { gather, HeldBody } from "../held_body.ts";
import { isForm } from "../method_override.ts";
import type { ProxyCredential } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import { MAX_HELD_BYTES } from "./check_body.ts";

/**
 * Refuses what a policy forbids: 403 `policy_denied`, 429 `rate_limited` with `Retry-After`, and 503 `policy_invalid` while
 * the policies cannot be read; 413 `body_too_large` for a body that a policy has to see whole and that is larger than what is
 * held. Leaves the verdicts in {@linkcode RequestContext.judgements}.
 */
export function checkPolicy(context: RequestContext, services: StepServices): Promise<void> | void {
  if (context.uses.length === 0) return;
  const credentials = context.credentials();
  if (context.body !== null && !(context.body instanceof HeldBody)) {
    const needs = combined(credentials.map((c) => services.policy.bodyNeeds(c, callerName(context))));
    if (mustHold(context, needs)) {
      return hold(context, needs).then(() => judge(context, services, credentials));
    }
  }
  judge(context, services, credentials);
}

function judge(
  context: RequestContext,
  services: StepServices,
  credentials: readonly ProxyCredential[],
): void {
  for (const credential of credentials) {
    const judgement = services.policy.judge(questionOf(context, credential));
    context.judgements = [...context.judgements, { credential, judgement }];
    for (const objection of judgement.monitored) {
      services.audit.note({
        event: "PolicyWouldDeny",
        credential: credential.name,
        project: credential.project,
        tokenFingerprint: credential.tokenFingerprint,
        reason: objectionText(objection),
        ...context.auditTarget(),
      });
    }
    const { verdict } = judgement;
    if (verdict.kind !== "allow" && verdict.kind !== "approve") throw refusalOf(verdict, credential, context);
  }
}

function questionOf(context: RequestContext, credential: ProxyCredential): PolicyQuestion {
  const { scheme, host, port, path } = context.target;
  return {
    credential,
    caller: callerName(context),
    method: context.head.method,
    methodOverridden: context.methodOverrides.length > 0,
    scheme,
    host,
    port,
    path,
    bodyBytes: bodyBytes(context),
  };
}

function callerName({ caller }: RequestContext): string | null {
  return caller.kind === "plain" ? null : caller.name;
}

function bodyBytes({ body }: RequestContext): number | null {
  if (body === null) return 0;
  return body instanceof HeldBody ? body.bytes.length : body.length;
}

function combined(all: readonly BodyNeeds[]): BodyNeeds {
  const sizes = all.map(({ maxBody }) => maxBody ?? Infinity);
  const least = Math.min(...sizes);
  return { maxBody: least === Infinity ? null : least, forms: all.some(({ forms }) => forms) };
}

function mustHold({ body, head }: RequestContext, needs: BodyNeeds): boolean {
  if (body === null) return false;
  if (body.length === null && needs.maxBody !== null) return true;
  if (!needs.forms) return false;
  return isForm(head.headers);
}

async function hold(context: RequestContext, { maxBody }: BodyNeeds): Promise<void> {
  const { body } = context;
  if (body === null) return;
  const gathered = await gather(body, MAX_HELD_BYTES);
  if (gathered.whole) {
    context.body = new HeldBody(gathered.bytes, body, false);
    return;
  }
  const why = maxBody === null
    ? "is a form whose method a policy looks at"
    : "has a size that a policy limits";
  throw new Refusal(413, {
    code: "body_too_large",
    message: `cannot carry the request: its body ${why}, and it is larger than ${MAX_HELD_BYTES} bytes`,
    ...(body.length === null ? { hint: "send it with a Content-Length" } : {}),
  });
}

function refusalOf(
  verdict: Exclude<Verdict, { kind: "allow" | "approve" }>,
  credential: ProxyCredential,
  { head }: RequestContext,
): Refusal {
  const cannot = `cannot use '${credential.name}'`;
  if (verdict.kind === "invalid") {
    const { reason, hint } = verdict;
    return new Refusal(503, { code: "policy_invalid", message: `${cannot}: ${reason}`, hint, credential });
  }
  const message = `${cannot}: ${objectionText(verdict)}`;
  if (verdict.kind === "limit") {
    const hint = `try again in ${verdict.retryAfter} s`;
    return new Refusal(429, { code: "rate_limited", message, hint, credential, objection: verdict });
  }
  const method = shellQuote(head.method);
  const hint = `wispkey policy explain --credential ${
    shellQuote(credential.name)
  } --method ${method} --url URL`;
  return new Refusal(403, { code: "policy_denied", message, hint, credential, objection: verdict });
}
