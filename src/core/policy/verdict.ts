/**
 * What a policy is asked about one use of one credential, and what it answers.
 *
 * @module
 */

/** One use of one credential, as policies look at it. */
export interface PolicyQuestion {
  /** The credential; its id stays the same when it is renamed. */
  readonly credential: PolicySubject;
  /** Name of the caller; null for one without a name. */
  readonly caller: string | null;
  /** Method as it came. */
  readonly method: string;
  /** Whether the request names another method than its own: in a header, the query or a form. */
  readonly methodOverridden: boolean;
  /** Scheme of the target. */
  readonly scheme: "http" | "https";
  /** Normalised host of the target, IPv6 without brackets. */
  readonly host: string;
  /** Port of the target, also where it is the default. */
  readonly port: number;
  /** Raw path without query. */
  readonly path: string;
  /** Bytes of the body; 0 for none, null if that is not known. */
  readonly bodyBytes: number | null;
}

/** Whose use it is. */
export interface PolicySubject {
  /** Row id in the vault. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Name of its project. */
  readonly project: string;
}

/** The part of a policy that decided. */
export type PolicyClause =
  | "allowed_hosts"
  | "allowed_methods"
  | "allowed_paths"
  | "denied_hosts"
  | "denied_paths"
  | "deny"
  | "expires"
  | "max_body"
  | "rate_limit"
  | "require_approval"
  | "time_window";

/** What one policy holds against a use. */
export interface PolicyObjection {
  /** Name of the policy. */
  readonly policy: string;
  /** Which of its parts decided. */
  readonly clause: PolicyClause;
  /** Why, without anything the client wrote: `the method is not among allowed_methods`. */
  readonly reason: string;
  /** Seconds until a use can pass again, for `rate_limit`. */
  readonly retryAfter?: number;
}

/**
 * The answer to a {@linkcode PolicyQuestion}.
 *
 * - `allow`: no policy objects.
 * - `approve`: a person must be asked first; all other policies are content.
 * - `deny`: a policy forbids it.
 * - `limit`: too many uses; `retryAfter` tells when the next one passes.
 * - `invalid`: the policies cannot be read, so nothing is allowed.
 */
export type Verdict =
  | { readonly kind: "allow" }
  | ({ readonly kind: "approve" | "deny" } & PolicyObjection)
  | ({ readonly kind: "limit"; readonly retryAfter: number } & PolicyObjection)
  | { readonly kind: "invalid"; readonly reason: string; readonly hint: string };

/** A verdict together with what else came out of it. */
export interface Judgement {
  /** The answer. */
  readonly verdict: Verdict;
  /** What policies that only monitor would have denied. */
  readonly monitored: readonly PolicyObjection[];
  /** Takes back what the use was counted for, if in the end it did not happen. */
  readonly uncount: () => void;
}

/** What policies must know of the body before they can answer. */
export interface BodyNeeds {
  /** The least `max_body` of the policies concerned, bytes; null if none has one. */
  readonly maxBody: number | null;
  /** Whether a form must be looked into for a method it names. */
  readonly forms: boolean;
}

/** What no policies need. */
export const NO_NEEDS: BodyNeeds = { maxBody: null, forms: false };

/** What no policies say. */
export const NO_OBJECTION: Judgement = { verdict: { kind: "allow" }, monitored: [], uncount: () => {} };

/** An objection in one line, for the log: `policy 'reads-only': the method is not among allowed_methods`. */
export function objectionText({ policy, reason }: PolicyObjection): string {
  return `policy '${policy}': ${reason}`;
}
