/**
 * The last step: send the request that the others have built, and relay the answer as it comes.
 *
 * @module
 */

import type { Reach } from "./address_guard.ts";
import type { RequestContext, StepServices } from "./context.ts";
import { HeldBody } from "./held_body.ts";
import {
  type ConnectionPool,
  exchange,
  type IncomingRequest,
  UpstreamError,
  type UpstreamResponse,
} from "./http/mod.ts";
import type { OwnListener } from "./own_listener.ts";
import { responseFields } from "./passed_fields.ts";
import { noteDenial, noteResult } from "./pipeline.ts";
import type { ProxyLimits } from "./ports.ts";
import { type HostServices, reachHost } from "./reach_host.ts";
import { Refusal, toRefusal } from "./refusal.ts";
import { hasRights, requireRights } from "./rights.ts";
import { ResponseScrub } from "./scrub/response_scrub.ts";
import { wipeOutgoing } from "./steps/inject.ts";
import type { OpenAnswer, UnderWay } from "./under_way.ts";
import { WebSocketUpgrade } from "./websocket/upgrade.ts";

/** What forwarding needs besides the steps' services. */
export interface ForwardServices extends StepServices, HostServices {
  /** Our own listener. */
  readonly listener: OwnListener;
  /** Connections to upstreams. */
  readonly pool: ConnectionPool;
  /** Bounds in force. */
  readonly limits: () => ProxyLimits;
  /** Answers on their way. */
  readonly underWay: UnderWay;
}

/**
 * Sends a request whose steps have all passed and relays the response, both bodies streaming, scrubbed if its host may
 * receive secrets. The log's result rows are written whatever happens; secrets are wiped.
 *
 * @throws {Refusal} 403 `address_refused` or 508 `loop` of the address guard; what `requireRights` throws if a right was
 * taken away meanwhile.
 * @throws {HttpError} what client or upstream did; if an answer was begun, it was cut off.
 */
export async function forward(
  context: RequestContext,
  request: IncomingRequest,
  services: ForwardServices,
): Promise<void> {
  let response: UpstreamResponse | undefined;
  let scrub: ResponseScrub | null = null;
  const { underWay } = services;
  const { changes } = underWay;
  try {
    scrub = ResponseScrub.begin(context, services);
    const webSocket = WebSocketUpgrade.of(context, services, scrub);
    response = await send(context, request, services, scrub, webSocket);
    const { status, headers } = response.head;
    if (underWay.changes !== changes) requireRights(context, services, scrub !== null);
    if (webSocket !== null && status === 101) {
      noteResult(context, services, { status, ...await webSocket.relay(request, response) });
      return;
    }
    const fields = responseFields(headers);
    const answering = scrub === null
      ? request.respond(status, fields, response)
      : scrub.respond(request, response, fields);
    const isWhole = response.bytesReceived === response.length && scrub?.decodes !== true;
    if (isWhole || !hasRights(context, scrub !== null)) await answering;
    else await underWay.during(answering, new AnswerUnderWay(context, services, scrub, response));
    noteResult(context, services, { status, bytesIn: response.bytesReceived, bytesOut: response.bytesSent });
  } catch (thrown) {
    const error = refusedByGuard(thrown) ?? thrown;
    if (error instanceof Refusal && response === undefined) {
      noteDenial(context, services, error);
    } else if (context.intents.length > 0) {
      const { status, code } = toRefusal(error);
      noteResult(context, services, {
        status: response?.head.status ?? status,
        reason: code,
        ...(error instanceof Refusal ? { denied: true } : {}),
        bytesIn: response?.bytesReceived ?? 0,
        bytesOut: response?.bytesSent ?? 0,
      });
    }
    if (error instanceof Refusal) response?.cancel(error);
    throw error;
  } finally {
    scrub?.end();
    wipeOutgoing(context);
  }
}

/** A response whose body goes on after what had come with its head. */
class AnswerUnderWay implements OpenAnswer {
  readonly #context: RequestContext;
  readonly #services: ForwardServices;
  readonly #scrub: ResponseScrub | null;
  readonly #response: UpstreamResponse;

  constructor(
    context: RequestContext,
    services: ForwardServices,
    scrub: ResponseScrub | null,
    response: UpstreamResponse,
  ) {
    this.#context = context;
    this.#services = services;
    this.#scrub = scrub;
    this.#response = response;
  }

  check(): void {
    requireRights(this.#context, this.#services, this.#scrub !== null);
  }

  /** What the client has of it is cut off by the engine, as whenever a source fails. */
  cut(why: Refusal): void {
    this.#scrub?.cut(why);
    this.#response.cancel(why);
  }
}

function send(
  context: RequestContext,
  request: IncomingRequest,
  services: ForwardServices,
  scrub: ResponseScrub | null,
  webSocket: WebSocketUpgrade | null,
): Promise<UpstreamResponse> {
  const { target, head, outgoing, body } = context;
  const { pool } = services;
  const limits = services.limits();
  const { dial, partition } = reachHost(services, target, reachOf(context));
  return exchange(pool, { scheme: target.scheme, host: target.host, port: target.port, partition }, {
    method: head.method,
    target: outgoing.target,
    fields: webSocket?.fields(outgoing.headers) ?? scrub?.requestFields(outgoing.headers) ?? outgoing.headers,
    body,
    ...(webSocket === null ? {} : { upgrade: "websocket" }),
    // A body that is held has been asked for already.
    expectContinue: body !== null && !(body instanceof HeldBody) &&
      head.headers.hasToken("expect", "100-continue"),
  }, {
    dial,
    responseTimeoutMs: limits.responseTimeoutMs,
    bodyTimeoutMs: limits.bodyTimeoutMs,
    maxHeadBytes: limits.maxHeadBytes,
    maxHeaderFields: limits.maxHeaderFields,
    onInformational: ({ status, headers }) => {
      const fields = responseFields(headers);
      return request.informational(status, scrub?.fields(fields) ?? fields);
    },
    cancellation: request.gone,
  });
}

function reachOf(context: RequestContext): Reach {
  if (context.uses.length === 0) return "plain";
  return context.uses.every((use) => use.exactHost) ? "exact" : "public";
}

function refusedByGuard(error: unknown): Refusal | undefined {
  return error instanceof UpstreamError && error.cause instanceof Refusal ? error.cause : undefined;
}
