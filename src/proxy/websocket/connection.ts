/**
 * An open WebSocket between a client and an upstream: both directions at once, each at the pace of whoever reads slower.
 *
 * @module
 */

import type { ScrubSet } from "../../core/scrub/mod.ts";
import { type Cancellation, closeQuietly, type TakenOver } from "../http/mod.ts";
import { isDefect, toRefusal } from "../refusal.ts";
import { CloseCode, WebSocketError } from "./frame.ts";
import { FrameReader } from "./frame_reader.ts";
import { FrameWriter } from "./frame_writer.ts";
import { type MessageRules, relayFromClient } from "./from_client.ts";
import { relayFromServer } from "./from_server.ts";

/** Whoever was told that the connection ends has so long to end it as well, milliseconds. */
const LINGER_MS = 2_000;
/** After a close frame the other side has so long to answer it, milliseconds. */
const CLOSE_MS = 10_000;

/** How the two sides are joined. */
export interface WebSocketRelay<Owner> {
  /** The client's connection. */
  readonly client: TakenOver;
  /** The upstream's. */
  readonly upstream: TakenOver;
  /** Whether frames are looked at; else bytes pass as they are, with whatever extensions the two agreed on. */
  readonly inspected: boolean;
  /** What the server's messages are searched for; null for nothing. */
  readonly set: ScrubSet<Owner> | null;
  /** Told whose secret was found. */
  readonly onFound: (owner: Owner) => void;
  /** What the client may say. */
  readonly rules: MessageRules;
  /** Ends it, whoever speaks. */
  readonly cut: Cancellation;
  /** With nothing said in either direction for so long it is ended, milliseconds. */
  readonly idleMs: number;
}

/** What went each way, and what ended it. */
export interface RelayedMessages {
  /** Bytes from the client. */
  readonly bytesOut: number;
  /** Bytes from the upstream. */
  readonly bytesIn: number;
  /** Code of the refusal that ended it, if one did. */
  readonly reason?: string;
}

/** Relays until both sides have ended, then closes both. Never rejects: whatever happens is told to the sides by how it ends. */
export async function relayWebSocket<Owner>(relay: WebSocketRelay<Owner>): Promise<RelayedMessages> {
  const { client, upstream, set, onFound, rules } = relay;
  const fromClient = new FrameReader(client, true);
  const fromServer = new FrameReader(upstream, false);
  const toClient = new FrameWriter(client.stream, false);
  const toServer = new FrameWriter(upstream.stream, true);
  const idle = new IdleWatch(relay.idleMs, () => fromClient.bytes + fromServer.bytes, () => {
    closeQuietly(client.stream);
    closeQuietly(upstream.stream);
  });
  const onClose = () => idle.limit(CLOSE_MS);
  let reason: string | undefined;
  const onCut = (why: Error) => {
    idle.limit(LINGER_MS);
    if (relay.inspected) return void tell(why, toClient, toServer);
    // Amid bytes that nobody looks at there is no place for a word of ours.
    closeQuietly(client.stream);
    closeQuietly(upstream.stream);
  };
  relay.cut.subscribe(onCut);
  const end = async (direction: Promise<void>, other: TakenOver) => {
    try {
      await direction;
      await other.stream.closeWrite();
    } catch (error) {
      await tell(error, toClient, toServer);
    } finally {
      idle.limit(LINGER_MS);
    }
  };
  await Promise.all(
    relay.inspected
      ? [
        end(relayFromClient(fromClient, toServer, rules, onClose), upstream),
        end(relayFromServer(fromServer, toClient, set, onFound, onClose, rules.check), client),
      ]
      : [end(fromClient.relayAll(toServer), upstream), end(fromServer.relayAll(toClient), client)],
  );
  idle.end();
  relay.cut.unsubscribe(onCut);
  closeQuietly(client.stream);
  closeQuietly(upstream.stream);
  return {
    bytesOut: fromClient.bytes,
    bytesIn: fromServer.bytes,
    ...(reason === undefined ? {} : { reason }),
  };

  /** Says why it ends, if that is of the protocol or of ours; a connection that broke is passed on as that. */
  async function tell(error: unknown, toClient: FrameWriter, toServer: FrameWriter): Promise<void> {
    try {
      if (error instanceof WebSocketError) {
        await toClient.close(error.closeCode, error.message);
      } else {
        // What no step of ours has thrown is a connection that broke, and is passed on as that.
        if (!isDefect(error)) {
          reason ??= toRefusal(error).code;
          await toClient.close(CloseCode.policyViolation, toRefusal(error).code);
        }
      }
      await toServer.close(CloseCode.goingAway, "");
    } catch {
      // That side is gone already.
    }
    closeQuietly(upstream.stream);
    try {
      await client.stream.closeWrite();
    } catch {
      // The client is gone already.
    }
  }
}

/** Ends a connection on which nothing moves. */
class IdleWatch {
  readonly #moved: () => number;
  readonly #onIdle: () => void;
  #limitMs: number;
  #last = -1;
  #timer: ReturnType<typeof setTimeout>;

  constructor(limitMs: number, moved: () => number, onIdle: () => void) {
    this.#limitMs = limitMs;
    this.#moved = moved;
    this.#onIdle = onIdle;
    this.#timer = this.#start();
  }

  limit(ms: number): void {
    clearTimeout(this.#timer);
    this.#limitMs = ms;
    this.#last = this.#moved();
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      const moved = this.#moved();
      if (moved === this.#last) return this.#onIdle();
      this.#last = moved;
      this.#timer = this.#start();
    }, this.#limitMs);
    Deno.unrefTimer(timer);
    return timer;
  }
}
