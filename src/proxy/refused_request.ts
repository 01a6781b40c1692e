/**
 * What there is to tell about a request that was refused or failed, under the id that its answer carries.
 *
 * @module
 */

import type { RequestContext } from "./context.ts";
import { toRefusal } from "./refusal.ts";

/** A request that was answered by ourselves, with an error. No token, no query, no body. */
export interface RefusedRequest {
  /** `X-WispKey-Request-Id` of the answer. */
  readonly id: string;
  /** When, ms since the epoch. */
  readonly at: number;
  /** Status of the answer. */
  readonly status: number;
  /** Stable machine-readable name. */
  readonly code: string;
  /** What failed and why. */
  readonly message: string;
  /** What mends it. */
  readonly hint: string | null;
  /** Its method; null if it was refused before anything of it was looked at, as are the next two. */
  readonly method: string | null;
  /** Where it went: `host` or `host:port`. */
  readonly host: string | null;
  /** Path without query. */
  readonly path: string | null;
  /** Name of its caller; null for plain ones. */
  readonly caller: string | null;
  /** Name of the credential concerned. */
  readonly credential: string | null;
  /** Name of the policy that objected. */
  readonly policy: string | null;
}

/** Tells about a request and what was thrown at it. */
export function refusedRequest(context: RequestContext, error: unknown): RefusedRequest {
  const { status, code, message, hint, credential, objection } = toRefusal(error);
  const { method, host, path } = context.isRouted ? context.auditTarget() : {};
  return {
    id: context.requestId,
    at: Date.now(),
    status,
    code,
    message,
    hint: hint ?? null,
    method: method ?? null,
    host: host ?? null,
    path: path ?? null,
    caller: context.caller.kind === "plain" ? null : context.caller.name,
    credential: credential?.name ?? context.uses[0]?.credential.name ?? null,
    policy: objection?.policy ?? null,
  };
}
