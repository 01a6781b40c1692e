/**
 * What a person is asked before a request that needs approval goes on, and how an answer is bound to exactly that request.
 *
 * @module
 */

import { sortedJson } from "./act.ts";
import { utf8 } from "./bytes.ts";

/** Longest text of an agent's that is shown, in characters; what is bound is always the whole. */
export const MAX_SHOWN_TEXT = 512;

/** A question as it is shown. Everything in it but `id`, `askedAt` and `expiresAt` is bound by {@linkcode approvalDigest}. */
export interface ApprovalQuestion {
  /** A request that is held, or a wish for access that somebody may grant. */
  kind: "request" | "access";
  /** Random, never used again. */
  id: string;
  /** When it was asked, milliseconds since the epoch. */
  askedAt: number;
  /** When it will count as denied, milliseconds since the epoch. */
  expiresAt: number;
  /** Name of the caller; null for one without a name. */
  caller: string | null;
  /** Credentials that would be used, `project/name`. */
  credentials: string[];
  /** Policies that want the approval. */
  policies: string[];
  /** Request method; empty for `access`. */
  method: string;
  /** `http` or `https`; empty for `access`. */
  scheme: string;
  /** Host, with the port if it is not the usual one. */
  host: string;
  /** Path without query, cut and without tokens. */
  path: string;
  /** Bytes of the body. */
  bodyBytes: number;
  /** SHA-256 of the body, hex. */
  bodySha256: string;
  /** SHA-256 of path and query as they came, hex. */
  targetSha256: string;
  /** SHA-256 of the header fields that matter, hex. */
  headersSha256: string;
  /** What the agent says it wants it for; empty for `request`. */
  reason: string;
}

/** What an approval is bound to, hex: whoever shows a question computes it from what is shown. */
export async function approvalDigest(question: ApprovalQuestion): Promise<string> {
  const { id: _id, askedAt: _asked, expiresAt: _expires, ...bound } = question;
  return await sha256Hex(utf8(`wispkey approval\n${sortedJson(bound)}`));
}

/** What a widened approval is bound to, hex: caller, credentials, method and place, whatever query, headers and body. */
export async function approvalPathKey(question: ApprovalQuestion, path: string): Promise<string> {
  const { kind, caller, credentials, method, scheme, host } = question;
  return await sha256Hex(utf8(
    `wispkey approval path\n${sortedJson({ kind, caller, credentials, method, scheme, host, path })}`,
  ));
}

/** SHA-256, 64 hex digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** How far an approval reaches. */
export interface ApprovalReach {
  /** For so long, milliseconds; null = for as long as `session` says. */
  forMs: number | null;
  /** Until the vault is locked. */
  session: boolean;
  /** Other queries, headers and bodies to the same method, host and path, too. */
  thisPath: boolean;
}

/** This request, once. */
export const ONCE: ApprovalReach = { forMs: null, session: false, thisPath: false };
