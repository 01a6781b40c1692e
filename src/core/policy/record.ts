/**
 * Makes recorded requests from the log: what happened becomes what is expected.
 *
 * @module
 */

import type { AuditRow } from "../audit.ts";
import { FailedError } from "../errors.ts";
import { isLoopbackName } from "../host_name.ts";
import { parseTarget } from "../target.ts";
import { type Expectation, parseRecording } from "./recorded.ts";

/** What was made of a log. */
export interface Recording {
  /** The file. */
  readonly text: string;
  /** Requests in it. */
  readonly requests: number;
  /** Uses that were left out, because the log does not hold their whole URL, or their method means nothing in a policy. */
  readonly leftOut: number;
}

const HEADER =
  `# Recorded requests, for 'wispkey policy test'. Made from the log, which does not hold everything:
# schemes are taken for https except on this machine, and what an earlier approval let pass is written as allowed.
`;

/** Writes recorded requests, oldest first. Only uses that policies decided about become any. */
export function recordRequests(rows: readonly AuditRow[]): Recording {
  const sizes = new Map<number, number>();
  for (const { refersTo, bytesOut } of rows) {
    if (refersTo !== undefined && bytesOut !== undefined) sizes.set(refersTo, bytesOut);
  }
  const approved = new Map<string, AuditRow[]>();
  const blocks: string[] = [];
  let leftOut = 0;
  for (const row of rows.toSorted((a, b) => a.at - b.at || a.seq - b.seq)) {
    if (row.event === "ApprovalGranted") {
      const waiting = approved.get(useKey(row));
      if (waiting === undefined) approved.set(useKey(row), [row]);
      else waiting.push(row);
      continue;
    }
    const expected = expectationOf(row, approved);
    if (expected === null) continue;
    const block = blockOf(row, expected, sizes.get(row.seq));
    if (block === null) leftOut++;
    else blocks.push(block);
  }
  return { text: [HEADER, ...blocks].join("\n"), requests: blocks.length, leftOut };
}

interface Expected {
  expect: Expectation;
  policy: string | undefined;
}

function expectationOf(row: AuditRow, approved: ReadonlyMap<string, AuditRow[]>): Expected | null {
  switch (row.event) {
    case "CredentialUsed": {
      const granted = approved.get(useKey(row))?.shift();
      return granted === undefined
        ? { expect: "allow", policy: undefined }
        : { expect: "approve", policy: granted.policy };
    }
    case "PolicyDenied":
      return { expect: row.status === 429 ? "limit" : "deny", policy: row.policy ?? policyIn(row.reason) };
    case "ApprovalDenied":
    case "ApprovalTimedOut":
    case "ApprovalCancelled":
      return { expect: "approve", policy: row.policy };
    default:
      return null;
  }
}

/** The name in `policy 'reads': the method is not among allowed_methods`. */
function policyIn(reason: string | undefined): string | undefined {
  return /^policy '(.*?)': /.exec(reason ?? "")?.[1];
}

function useKey({ project, credential, caller, method, host, path }: AuditRow): string {
  return JSON.stringify([project, credential, caller, method, host, path]);
}

function blockOf(row: AuditRow, { expect, policy }: Expected, bodyBytes: number | undefined): string | null {
  const { credential, project, caller, method, host, path, at } = row;
  if (credential === undefined || host === undefined || path === undefined || method === undefined) {
    return null;
  }
  // A method in lower case is another one, which the file has no way to say.
  if (method !== method.toUpperCase()) return null;
  const url = urlOf(host, path);
  if (url === null) return null;
  const lines = ["[[request]]", `credential = ${tomlText(credential)}`];
  if (project !== undefined) lines.push(`project = ${tomlText(project)}`);
  if (caller !== undefined) lines.push(`caller = ${tomlText(caller)}`);
  lines.push(`method = ${tomlText(method)}`, `url = ${tomlText(url)}`, `at = ${new Date(at).toISOString()}`);
  if (bodyBytes !== undefined && bodyBytes > 0) lines.push(`body_size = ${bodyBytes}`);
  lines.push(`expect = ${tomlText(expect)}`);
  if (policy !== undefined) lines.push(`policy = ${tomlText(policy)}`);
  const block = `${lines.join("\n")}\n`;
  // What is not understood, a mistyped method for instance, would spoil the whole file.
  return parseRecording(block).ok ? block : null;
}

function urlOf(host: string, path: string): string | null {
  try {
    const guess = `https://${host}${path}`;
    const { host: name } = parseTarget(guess);
    const isHere = isLoopbackName(name) || name.startsWith("127.") || name === "::1";
    return isHere ? `http://${host}${path}` : guess;
  } catch (error) {
    // A token that was cut out of the host or the path leaves what is no URL.
    if (error instanceof FailedError) return null;
    throw error;
  }
}

/** A basic string of TOML. */
function tomlText(text: string): string {
  const escaped = text.toWellFormed().replaceAll(
    /["\\\p{Cc}]/gu,
    (char) => /["\\]/.test(char) ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
