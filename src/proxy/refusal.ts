/**
 * Answers that WispKey gives itself: refusals, errors, and what is asked of us rather than of a host.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import { WispKeyError } from "../core/errors.ts";
import type { PolicyObjection } from "../core/policy/verdict.ts";
import { HttpError } from "./http/errors.ts";
import type { ProxyCredential } from "./ports.ts";

/** What a refusal carries. */
export interface RefusalDetail {
  /** Stable machine-readable name, `snake_case`. */
  code: string;
  /** `<what failed>: <why>`, without tokens or secrets. */
  message: string;
  /** What mends it, usually one exact command. */
  hint?: string;
  /** The credential concerned, for the log. */
  credential?: RefusedCredential;
  /** The policy that objected. */
  objection?: PolicyObjection;
  /** Seconds after which it may be tried again. */
  retryAfter?: number;
}

/** What the log says of a credential that was refused; for one that is gone only its name is known. */
export type RefusedCredential =
  & Pick<ProxyCredential, "name">
  & Partial<Pick<ProxyCredential, "project" | "tokenFingerprint">>;

/** A request is not forwarded; thrown by any step, answered as JSON. */
export class Refusal extends Error {
  /** Name of the class. */
  override readonly name = "Refusal";
  /** HTTP status. */
  readonly status: number;
  /** Stable machine-readable name. */
  readonly code: string;
  /** What mends it. */
  readonly hint: string | undefined;
  /** The credential concerned, for the log. */
  readonly credential: RefusedCredential | undefined;
  /** The policy that objected. */
  readonly objection: PolicyObjection | undefined;
  /** Seconds after which it may be tried again. */
  readonly retryAfter: number | undefined;

  /** Makes a refusal with its HTTP status. */
  constructor(status: number, detail: RefusalDetail) {
    super(detail.message);
    this.status = status;
    this.code = detail.code;
    this.hint = detail.hint;
    this.credential = detail.credential;
    this.objection = detail.objection;
    this.retryAfter = detail.retryAfter ?? detail.objection?.retryAfter;
  }
}

/** A whole answer from ourselves. */
export interface Answer {
  /** HTTP status. */
  readonly status: number;
  /** Fields besides `content-length`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A JSON answer. Never cached, never readable by a web page. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: readonly (readonly [string, string])[] = [],
): Answer {
  return {
    status,
    headers: [
      ["content-type", "application/json"],
      ["cache-control", "no-store"],
      ["x-content-type-options", "nosniff"],
      ...headers,
    ],
    body: utf8(`${JSON.stringify(value)}\n`),
  };
}

/**
 * The answer to anything thrown; an unexpected error becomes 500 `internal` without its text.
 *
 * @param requestId by which it can be asked about, if there is one
 */
export function errorAnswer(error: unknown, requestId?: string): Answer {
  const { status, code, message, hint, retryAfter } = toRefusal(error);
  const json: Record<string, string> = { code, message };
  if (hint !== undefined) json.hint = hint;
  if (requestId !== undefined) json.request_id = requestId;
  // RFC 9110 section 11.7.1: who must show themselves is told how.
  const challenge: [string, string][] = status === 407
    ? [["proxy-authenticate", 'Basic realm="wispkey"']]
    : [];
  const fields: [string, string][] = [["x-wispkey-error", code], ...challenge];
  if (requestId !== undefined) fields.push(["x-wispkey-request-id", requestId]);
  if (retryAfter !== undefined) fields.push(["retry-after", String(retryAfter)]);
  return jsonAnswer(status, { error: json }, fields);
}

const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  bad_target: 400,
  credential_tampered: 403,
  value_not_allowed_here: 403,
  vault_locked: 503,
};

/** Whether a thrown value is a defect of ours rather than something that can happen. */
export function isDefect(error: unknown): boolean {
  return !(error instanceof Refusal || error instanceof HttpError || error instanceof WispKeyError);
}

/** Any thrown value as a refusal. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof HttpError) {
    return new Refusal(error.status, { code: error.code, message: error.message });
  }
  if (error instanceof WispKeyError) {
    const detail: RefusalDetail = { code: error.code, message: error.message };
    if (error.hint !== undefined) detail.hint = error.hint;
    return new Refusal(STATUS_BY_CODE[error.code] ?? 500, detail);
  }
  return new Refusal(500, { code: "internal", message: "cannot carry the request: an unexpected error" });
}
