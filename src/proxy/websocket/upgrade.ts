/**
 * A request that opens a WebSocket, from its handshake to the end of the connection.
 *
 * @module
 */

import type { RequestContext } from "../context.ts";
import type { ForwardServices } from "../forward.ts";
import {
  Cancellation,
  type IncomingRequest,
  type OutgoingField,
  OutputBuffer,
  type UpstreamResponse,
  writeResponseHead,
} from "../http/mod.ts";
import { responseFields } from "../passed_fields.ts";
import type { Refusal } from "../refusal.ts";
import type { ResponseScrub } from "../scrub/response_scrub.ts";
import { type RelayedMessages, relayWebSocket } from "./connection.ts";
import { checkAccepted, handshakeFields, webSocketKey } from "./handshake.ts";
import { messageRules, takesTokensInMessages } from "./message_rules.ts";

/** The upgrade that a request asks for. */
export class WebSocketUpgrade {
  readonly #key: string;
  readonly #context: RequestContext;
  readonly #services: ForwardServices;
  readonly #scrub: ResponseScrub | null;
  /** Whether a credential may go to the host: then its messages are looked at, and cannot be compressed. */
  readonly #inspected: boolean;

  private constructor(
    key: string,
    context: RequestContext,
    services: ForwardServices,
    scrub: ResponseScrub | null,
  ) {
    this.#key = key;
    this.#context = context;
    this.#services = services;
    this.#scrub = scrub;
    this.#inspected = scrub !== null || context.uses.length > 0 || takesTokensInMessages(context, services);
  }

  /** The upgrade that a request asks for; null if it asks for none, or for another protocol, which is not granted. */
  static of(
    context: RequestContext,
    services: ForwardServices,
    scrub: ResponseScrub | null,
  ): WebSocketUpgrade | null {
    const key = context.body === null ? webSocketKey(context.head) : null;
    return key === null ? null : new WebSocketUpgrade(key, context, services, scrub);
  }

  /** The fields of the handshake as they go out. */
  fields(fields: readonly OutgoingField[]): readonly OutgoingField[] {
    return handshakeFields(fields, this.#inspected);
  }

  /**
   * Joins client and upstream until both have ended.
   *
   * @throws {UpstreamError} `upstream_protocol` if the upstream's 101 is not the right one; nothing was answered then.
   */
  async relay(request: IncomingRequest, response: UpstreamResponse): Promise<RelayedMessages> {
    try {
      checkAccepted(response.head, this.#key, this.#inspected);
    } catch (error) {
      response.takeOver().stream.close();
      throw error;
    }
    const upstream = response.takeOver();
    const client = request.takeOver();
    const fields = responseFields(response.head.headers);
    const output = new OutputBuffer(client.stream);
    writeResponseHead(
      output,
      { status: 101, reason: "Switching Protocols" },
      [...this.#scrub?.fields(fields) ?? fields, { name: "Upgrade", value: "websocket" }],
      { kind: "none" },
      "Upgrade",
    );
    // A client that is gone already shows as soon as anything is read from it.
    await output.flush().catch(() => {});
    const scrub = this.#scrub;
    const rules = messageRules(this.#context, this.#services, scrub !== null);
    const cut = new Cancellation();
    const relayed = relayWebSocket({
      client,
      upstream,
      inspected: this.#inspected,
      set: scrub?.set ?? null,
      onFound: (credential) => scrub?.foundInMessage(credential),
      rules,
      cut,
      idleMs: this.#services.limits().bodyTimeoutMs,
    });
    const answer = { check: rules.check, cut: (why: Refusal) => cut.cancel(why) };
    return await this.#services.underWay.during(relayed, answer);
  }
}
