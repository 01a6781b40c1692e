/**
 * A row of the log as it is printed, by `log` and by `serve`.
 *
 * @module
 */

import type { AuditRow } from "../../core/audit.ts";
import { rfc3339 } from "../time.ts";

/** A row in JSON. Tokens appear as keyed fingerprints only. */
export interface AuditRowJson {
  /** Sequence number. */
  id: number;
  /** RFC 3339, UTC. */
  timestamp: string | null;
  /** What happened. */
  event_type: string;
  /** Name of the credential. */
  credential_name: string | null;
  /** Fingerprint of the token, 16 hex digits. */
  token_fingerprint: string | null;
  /** Host it was for. */
  target_host: string | null;
  /** Path without query. */
  target_path: string | null;
  /** Request method. */
  http_method: string | null;
  /** Response status. */
  response_status: number | null;
  /** Whether it was refused. */
  denied: boolean;
  /** Why it was refused; null if it was not. */
  deny_reason: string | null;
  /** A detail of an act that was not refused. */
  detail: string | null;
  /** Name of the project. */
  project_name: string | null;
  /** Name of the caller, if it carried one. */
  caller: string | null;
  /** Name of the policy that decided. */
  policy: string | null;
  /** Id that the refusal carried. */
  request_id: string | null;
  /** Row this one completes. */
  refers_to: number | null;
  /** Bytes of request body. */
  bytes_out: number | null;
  /** Bytes of response body. */
  bytes_in: number | null;
  /** Whole duration. */
  duration_ms: number | null;
  /** Whether the row is part of the keyed chain. */
  authenticated: boolean;
}

/** A row for programs. */
export function rowJson(row: AuditRow): AuditRowJson {
  const denied = row.denied === true;
  const reason = row.reason ?? null;
  return {
    id: row.seq,
    timestamp: rfc3339(row.at),
    event_type: row.event,
    credential_name: row.credential ?? null,
    token_fingerprint: row.tokenFingerprint ?? null,
    target_host: row.host ?? null,
    target_path: row.path ?? null,
    http_method: row.method ?? null,
    response_status: row.status ?? null,
    denied,
    deny_reason: denied ? reason : null,
    detail: denied ? null : reason,
    project_name: row.project ?? null,
    caller: row.caller ?? null,
    policy: row.policy ?? null,
    request_id: row.requestId ?? null,
    refers_to: row.refersTo ?? null,
    bytes_out: row.bytesOut ?? null,
    bytes_in: row.bytesIn ?? null,
    duration_ms: row.durationMs ?? null,
    authenticated: row.authenticated,
  };
}

/** Where it went: `POST api.openai.com/v1/models`. */
export function targetText(row: AuditRow): string {
  const target = `${row.host ?? ""}${row.path ?? ""}`;
  return row.method === undefined || target === "" ? target : `${row.method} ${target}`;
}

/** How it ended, and for whom: `200 (caller claude)`. */
export function statusText(row: AuditRow): string {
  const ended = row.denied === true
    ? `DENIED: ${row.reason ?? "no reason given"}`
    : [row.status?.toString(), row.reason].filter((part) => part !== undefined).join(" ");
  return row.caller === undefined ? ended : `${ended} (caller ${row.caller})`.trimStart();
}
