/**
 * Step 8: has a person to be asked? The request is held, whole, until there is an answer. What is approved is exactly what
 * is held, so nothing can be put in its place.
 *
 * @module
 */

import { MAX_SHOWN_TEXT, sha256Hex } from "../../core/approval.ts";
import { utf8 } from "../../core/bytes.ts";
import { canonical } from "../../core/canonical.ts";
import { redactTokens } from "../../core/token_finder.ts";
import type { ApprovalDraft, ApprovalOutcome } from "../approvals.ts";
import type { RequestContext, StepServices } from "../context.ts";
import { gather, HeldBody } from "../held_body.ts";
import { Refusal } from "../refusal.ts";
import { MAX_HELD_BYTES } from "./check_body.ts";
import { callerOf } from "./check_caller.ts";
import { checkPolicy } from "./check_policy.ts";

/**
 * Header fields that an approval does not look at: they say how a message travels, not what it asks for, and clients change
 * them from one attempt to the next.
 */
const IMMATERIAL: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "date",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "traceparent",
  "tracestate",
  "transfer-encoding",
  "user-agent",
]);

/**
 * Waits for the approval that policies want: 403 `approval_denied`, `approval_timed_out`, 429 `too_many_approvals`, 413
 * `body_too_large` for a body that cannot be held, 503 `vault_locked`.
 */
export function awaitApproval(context: RequestContext, services: StepServices): Promise<void> | void {
  if (!wantsApproval(context)) return;
  return ask(context, services);
}

/** For messages over an open WebSocket: nobody can be asked about what streams by. 403 `approval_required`. */
export function refuseUnapproved(context: RequestContext): void {
  if (!wantsApproval(context)) return;
  throw new Refusal(403, {
    code: "approval_required",
    message:
      "cannot use a token in a WebSocket message: a policy wants a person's approval, which needs a request",
    hint: "wispkey policy list",
  });
}

function wantsApproval({ judgements }: RequestContext): boolean {
  return judgements.some(({ judgement }) => judgement.verdict.kind === "approve");
}

async function ask(context: RequestContext, services: StepServices): Promise<void> {
  const body = await holdBody(context);
  const draft = await draftOf(context, body);
  // With nobody to ask, the answer is no.
  const outcome = await services.approvals?.ask(draft, context.target.path, context.gone) ?? "denied";
  if (outcome !== "approved") throw refusalOf(outcome, context);
  // A person may take minutes: who was revoked and what was forbidden meanwhile stays so.
  callerOf(context, services);
  context.uncount();
  await checkPolicy(context, services);
}

async function holdBody(context: RequestContext): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = context;
  if (body === null) return new Uint8Array(0);
  if (body instanceof HeldBody && body.bytes.length <= MAX_HELD_BYTES) return body.bytes.slice();
  if (body.length !== null && body.length > MAX_HELD_BYTES) throw tooLarge();
  const gathered = await gather(body, MAX_HELD_BYTES);
  if (!gathered.whole || gathered.bytes.length > MAX_HELD_BYTES) throw tooLarge();
  context.body = new HeldBody(gathered.bytes, body, false);
  return gathered.bytes;
}

async function draftOf(context: RequestContext, body: Uint8Array<ArrayBuffer>): Promise<ApprovalDraft> {
  const { caller, target, fields, judgements } = context;
  const wanted = judgements.filter(({ judgement }) => judgement.verdict.kind === "approve");
  const policies = wanted.flatMap(({ judgement: { verdict } }) =>
    verdict.kind === "approve" ? [verdict.policy] : []
  );
  const { host = "", path = "", method = "" } = context.auditTarget();
  const headers = [...fields, ...context.body?.trailers ?? []].filter(({ lower }) => !IMMATERIAL.has(lower));
  return {
    caller: caller.kind === "plain" ? null : caller.name,
    credentials: context.credentials().map(({ project, name }) => `${project}/${name}`),
    policies: [...new Set(policies)],
    // Some hosts take the other one.
    method: [method, ...context.methodOverrides.map(shown)].join(" as "),
    scheme: target.scheme,
    host,
    path: shown(path),
    bodyBytes: body.length,
    bodySha256: await sha256Hex(body),
    targetSha256: await sha256Hex(utf8(`${context.head.method} ${target.path}${target.query}`)),
    headersSha256: await sha256Hex(
      new Uint8Array(canonical(headers.flatMap(({ lower, value }) => [lower, value]))),
    ),
  };
}

function shown(text: string): string {
  const safe = redactTokens(text);
  return safe.length > MAX_SHOWN_TEXT ? `${safe.slice(0, MAX_SHOWN_TEXT)}…` : safe;
}

function refusalOf(outcome: Exclude<ApprovalOutcome, "approved">, context: RequestContext): Error {
  const [first] = context.judgements.filter(({ judgement }) => judgement.verdict.kind === "approve");
  const credential = first?.credential ?? context.credentials()[0];
  const cannot = credential === undefined ? "cannot carry the request" : `cannot use '${credential.name}'`;
  const refusal = (status: number, code: string, why: string, hint: string) =>
    new Refusal(status, {
      code,
      message: `${cannot}: ${why}`,
      hint,
      ...(credential === undefined ? {} : { credential }),
    });
  switch (outcome) {
    case "denied":
      return refusal(403, "approval_denied", "a person was asked and said no", "ask the person why");
    case "timeout":
      return refusal(
        403,
        "approval_timed_out",
        "a person was asked and did not answer in time",
        "wispkey approvals list",
      );
    case "full":
      return refusal(
        429,
        "too_many_approvals",
        "too many requests wait for approval, or were asked for lately",
        "wait for the answer to those that were sent",
      );
    case "locked":
      return refusal(
        503,
        "vault_locked",
        "the vault was locked while the request was held",
        "wispkey unlock",
      );
    case "cancelled":
      return context.gone?.reason ?? refusal(403, "approval_denied", "the client went away", "send it again");
  }
}

function tooLarge(): Refusal {
  return new Refusal(413, {
    code: "body_too_large",
    message:
      `cannot carry the request: it needs approval, and its body is larger than ${MAX_HELD_BYTES} bytes`,
    hint: "send less at once",
  });
}
