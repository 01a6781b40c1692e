/**
 * Sends a request through the proxy, as any program would: the same policies, approvals, scrubbing and log.
 *
 * @module
 */

import { concat } from "../core/bytes.ts";
import { FailedError, InterruptedError, UsageError } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { CallPlan } from "./call_plan.ts";
import type { McpContext } from "./context.ts";
import type { Access } from "./proxy_access.ts";

/** Most bytes of a body that are read, decoded. */
const MAX_BODY_BYTES: number = 8 * 1024 * 1024;
/** Most header fields passed on. */
const MAX_FIELDS = 100;

/** What came back. */
export interface Reply {
  /** HTTP status. */
  readonly status: number;
  /** Fields, at most {@linkcode MAX_FIELDS}. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body as far as it was read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Why it was not read to its end; null if it was. */
  readonly cut: "size" | "time" | "connection" | null;
  /** Code and id of a refusal by the proxy; null if a host answered. */
  readonly refusal: { readonly code: string; readonly requestId: string | null } | null;
}

/** Fields that are the proxy's or the connection's own. */
const RESERVED = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-target-url",
]);

/**
 * Checks fields as a model wrote them.
 *
 * @throws {UsageError} `invalid_header`.
 */
export function checkedFields(headers: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(headers).map(([name, value]) => {
    const lower = name.toLowerCase();
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/.test(lower) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw invalid("a name or value is none that HTTP can carry (RFC 9110 section 5)");
    }
    if (RESERVED.has(lower)) throw invalid(`${lower} is written by the client itself`);
    return [name, value];
  });
}

/**
 * Sends it and reads the answer, at most {@linkcode MAX_BODY_BYTES}.
 *
 * @param options `timeoutMs` bounds all of it, waiting for an approval included; `signal` takes it back
 * @throws {FailedError} `no_answer` if nothing came; {InterruptedError} `cancelled`; {WispKeyError} of the daemon.
 */
export async function send(
  context: McpContext,
  project: string,
  plan: CallPlan,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Reply> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([deadline, options.signal]);
  let response: Response | null;
  try {
    const access = await context.proxy.open(project);
    response = await attempt(access, plan, signal);
    // The caller has ended with its daemon, or was revoked: nothing was carried out that may not happen twice.
    if (response === null || isUnknownCaller(response)) {
      await response?.body?.cancel();
      await context.proxy.drop(project, access);
      response = await attempt(await context.proxy.open(project), plan, signal);
    }
  } catch (error) {
    if (options.signal.aborted) throw cancelled();
    if (deadline.aborted) throw noAnswer(`it did not come within ${options.timeoutMs / 1000} seconds`);
    throw error;
  }
  if (response === null) throw noAnswer("the proxy ended the connection");
  const body = await readBody(response, signal);
  if (options.signal.aborted) throw cancelled();
  const cut = body.cut === "connection" && deadline.aborted ? "time" : body.cut;
  return {
    status: response.status,
    headers: fieldsOf(response),
    bytes: body.bytes,
    cut,
    refusal: refusalOf(response),
  };
}

/** Null if the proxy cannot be reached, so that nothing was sent, or if asking again does no harm. */
async function attempt(
  { address, authorization }: Access,
  { method, url, headers, body }: CallPlan,
  signal: AbortSignal,
): Promise<Response | null> {
  const fields = new Headers({ "User-Agent": `wispkey-mcp/${VERSION}`, "Accept": "*/*" });
  for (const [name, value] of headers) fields.set(name, value);
  fields.set("Proxy-Authorization", authorization);
  fields.set("X-Target-Url", url);
  try {
    return await fetch(`${address}/`, { method, headers: fields, body, redirect: "manual", signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof TypeError)) throw error;
    const isHarmless = method === "GET" || method === "HEAD" || method === "OPTIONS";
    // The runtime tells a connection that was never made by its words alone.
    if (isHarmless || /\(Connect\)|refused/i.test(error.message)) return null;
    throw noAnswer("the proxy ended the connection; the request may have been carried out");
  }
}

async function readBody(
  response: Response,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; cut: Reply["cut"] }> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of response.body ?? []) {
      pieces.push(piece.subarray(0, MAX_BODY_BYTES - length));
      length += piece.length;
      if (length > MAX_BODY_BYTES) return { bytes: concat(...pieces), cut: "size" };
    }
    return { bytes: concat(...pieces), cut: null };
  } catch (error) {
    // What came before it broke off is worth telling.
    if (!signal.aborted && !(error instanceof TypeError) && !(error instanceof Deno.errors.Http)) throw error;
    return { bytes: concat(...pieces), cut: "connection" };
  }
}

function fieldsOf({ headers }: Response): [string, string][] {
  return [...headers].slice(0, MAX_FIELDS);
}

function refusalOf({ headers }: Response): Reply["refusal"] {
  const code = headers.get("x-wispkey-error");
  return code === null ? null : { code, requestId: headers.get("x-wispkey-request-id") };
}

function isUnknownCaller({ status, headers }: Response): boolean {
  return status === 407 && headers.get("x-wispkey-error") === "caller_refused";
}

function invalid(why: string): UsageError {
  return new UsageError(`cannot send the request: ${why}`, { code: "invalid_header", hint: "leave it out" });
}

function noAnswer(why: string): FailedError {
  return new FailedError(`no answer to the request: ${why}`, {
    code: "no_answer",
    hint: "raise timeout_seconds, or look at wispkey_proxy_status",
  });
}

function cancelled(): InterruptedError {
  return new InterruptedError("the request was cancelled", { code: "cancelled" });
}
