/**
 * Step 2: where does it go? Finds the one target of a request, or answers what is asked of ourselves.
 *
 * @module
 */

import { splitCallerPath } from "../../core/caller.ts";
import { isAddressLiteral, isLoopbackName } from "../../core/host_name.ts";
import { parseTarget, type Target, targetOf } from "../../core/target.ts";
import type { RequestContext, StepServices } from "../context.ts";
import type { HeaderField } from "../http/headers.ts";
import { openPort } from "../own_listener.ts";
import { type Answer, jsonAnswer, Refusal } from "../refusal.ts";
import { routeInside } from "../tunnel/route_inside.ts";
import { badTarget, notOurselves, parseHost, requireSameHost } from "./target_checks.ts";

const BASE_URL_PREFIX = "/to/";

/**
 * `X-Target-Url` wins over an absolute-form target, which wins over `/to/…`. In absolute form a `Host` that differs from
 * the URL is 421, in all others it must be ours.
 */
export function route(context: RequestContext, services: StepServices): Answer | void {
  if (context.tunnel !== null) return routeInside(context, context.tunnel, services);
  const { head } = context;
  const { listener } = services;
  const { port } = listener;
  const fields: HeaderField[] = [];
  let xTarget: string | undefined;
  let xTargets = 0;
  let host: string | undefined;
  for (const field of head.headers) {
    if (field.lower === "x-target-url") {
      xTarget = field.value;
      xTargets++;
      continue;
    }
    if (field.lower === "host") host = field.value;
    fields.push(field);
  }
  context.fields = fields;
  if (xTargets > 1) throw badTarget("X-Target-Url is given more than once");

  const originForm = head.target.startsWith("/") || head.target === "*";
  if (xTarget !== undefined) {
    // In absolute form the client speaks to a proxy and its `Host` names the URL's host, not us.
    if (originForm) requireOurHost(host, port);
    context.mode = "x-target-url";
    context.target = notOurselves(parseTarget(xTarget), listener);
    return;
  }
  if (!originForm) {
    context.mode = "absolute";
    const target = parseTarget(head.target);
    requireSameHost(host, target);
    context.target = notOurselves(target, listener);
    return;
  }
  requireOurHost(host, port);
  // Who calls was read by `check_caller`; what is left is a base URL like any other.
  const asked = splitCallerPath(head.target)?.rest ?? head.target;
  if (asked.startsWith(BASE_URL_PREFIX)) {
    context.mode = "base-url";
    context.target = notOurselves(parseBaseUrl(asked), listener);
    return;
  }
  return answerOurselves(head.method, asked, services);
}

/**
 * Parses `/to/<scheme>/<host[:port]>[/path][?query]`.
 *
 * @throws {FailedError} `bad_target`
 */
function parseBaseUrl(text: string): Target {
  const schemeEnd = text.indexOf("/", BASE_URL_PREFIX.length);
  if (schemeEnd < 0) throw badTarget("a base URL reads /to/<scheme>/<host[:port]>/…");
  let end = schemeEnd + 1;
  while (end < text.length && text[end] !== "/" && text[end] !== "?") end++;
  return targetOf(
    text.slice(BASE_URL_PREFIX.length, schemeEnd),
    text.slice(schemeEnd + 1, end),
    text.slice(end),
  );
}

function answerOurselves(method: string, target: string, services: StepServices): Answer {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  if (path === "/health" && (method === "GET" || method === "HEAD")) {
    return jsonAnswer(200, { ok: true, ...services.health() });
  }
  if (target === "*" && method === "OPTIONS") return { status: 204, headers: [], body: new Uint8Array(0) };
  throw new Refusal(404, {
    code: "no_target",
    message: "cannot tell where the request goes: it names no target",
    hint: `send X-Target-Url: https://HOST/PATH, or use http://localhost:${
      openPort(services.listener)
    }/to/https/HOST/ as base URL`,
  });
}

function requireOurHost(text: string | undefined, port: number): void {
  // HTTP/1.0 clients may leave it out; a browser cannot.
  if (text === undefined) return;
  if (text === `127.0.0.1:${port}` || text === `localhost:${port}`) return;
  const host = parseHost("http", text);
  const ours = host !== null && host.port === port && isLoopbackName(host.host) &&
    (host.host === "localhost" || isAddressLiteral(host.host));
  if (ours) return;
  throw new Refusal(421, {
    code: "foreign_host",
    message: "cannot carry the request: its Host is not this proxy's",
    hint: `speak to http://localhost:${port}, or send the whole URL in the request line (http_proxy)`,
  });
}
