/**
 * Step 1: who calls? Web pages are refused, however they got here; TRACE is answered before anything is read. Who opened a
 * tunnel also sends what comes through it.
 *
 * @module
 */

import { splitCallerPath } from "../../core/caller.ts";
import type { Caller, CallerIdentity } from "../callers.ts";
import type { RequestContext, StepServices } from "../context.ts";
import { Refusal } from "../refusal.ts";

/**
 * Refuses TRACE and tunnels in tunnels (405), unknown callers (407 `caller_refused`) and, among plain ones, browsers
 * (403 `browser_refused`): an `Origin`, or fetch metadata (W3C Fetch Metadata) of any page. There is no CORS, so a page could not read an answer, but
 * it must not be able to send either.
 */
export function checkCaller(context: RequestContext, services: StepServices): void {
  const { method, headers } = context.head;
  // Methods are case-sensitive (RFC 9110 section 9.1), but not every server knows.
  if (/^(?:TRACE|TRACK)$/i.test(method)) {
    throw new Refusal(405, {
      code: "method_refused",
      message: `cannot carry ${method}: it would echo the secret`,
    });
  }
  if (method === "CONNECT" && context.tunnel !== null) {
    throw new Refusal(405, {
      code: "method_refused",
      message: "cannot open a tunnel inside a tunnel",
    });
  }
  context.caller = callerOf(context, services);
  // Whoever shows a secret of its own is no page; some WebSocket clients send an Origin without being one.
  if (context.caller.kind === "run") return;
  for (const { lower, value } of headers) {
    const page = lower === "origin" || (lower === "sec-fetch-site" && value !== "none");
    if (page) {
      throw new Refusal(403, {
        code: "browser_refused",
        message: "cannot carry a request of a web page: only programs may use this proxy",
      });
    }
  }
}

/**
 * The caller behind what a request shows of it.
 *
 * @throws {Refusal} 407 `caller_refused` for nobody who may call, `caller_required` for who shows nothing where that is asked.
 */
export function callerOf(
  context: RequestContext,
  { callers, asksCaller }: Pick<StepServices, "callers" | "asksCaller">,
): Caller {
  const identity = context.tunnel?.identity ?? identityOf(context);
  // Many clients say who they are only when they are asked: this is no attempt that went wrong.
  if (asksCaller && identity.kind === "none") {
    throw new Refusal(407, {
      code: CALLER_REQUIRED,
      message: "cannot carry the request: it does not say who calls",
      hint: "send the name and the password of the proxy's URL, as Proxy-Authorization: Basic",
    });
  }
  const caller = callers.authenticate(identity);
  if (caller !== null) return caller;
  throw new Refusal(407, {
    code: "caller_refused",
    message: "cannot carry the request: its caller is not known",
    hint: "wispkey run -- COMMAND gives a program an identity of its own",
  });
}

/** Code of the refusal by which a client is asked to say who calls. */
export const CALLER_REQUIRED = "caller_required";

const NOTHING_SHOWN: CallerIdentity = { kind: "none" };

/**
 * What a request shows of its caller.
 *
 * @throws {Refusal} 400 `caller_refused` if it shows more than one thing.
 */
export function identityOf({ head }: RequestContext): CallerIdentity {
  const [value, ...others] = head.headers.getAll("proxy-authorization");
  const path = splitCallerPath(head.target);
  if (others.length > 0 || (value !== undefined && path !== null)) {
    throw new Refusal(400, {
      code: "caller_refused",
      message: "cannot carry the request: it names its caller more than once",
      hint: "send Proxy-Authorization once, or none where the base URL names the caller",
    });
  }
  if (path !== null) return { kind: "path", secret: path.shown };
  return value === undefined ? NOTHING_SHOWN : { kind: "proxy-authorization", value };
}
