/**
 * The daemon's end of the local API: connections, frames, limits. It knows no operation but `daemon.challenge`; a bad or
 * slow client costs only itself.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";
import { errorToJson, FailedError, UsageError } from "../core/errors.ts";
import { listenLocal, type LocalAddress } from "../platform/local_socket.ts";
import { encodeFrame, type Frame, FrameDecoder, REQUEST_LIMITS } from "./frame.ts";
import { Nonces } from "./nonces.ts";
import type { ActProof, Caller, DaemonReply, Dispatch } from "./request.ts";

/** What bounds each client. Times in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** Connections at once; a further one takes the place of one that is idle. */
  connections: number;
  /** Calls of one connection that are being answered; then it is not read further. */
  callsAtOnce: number;
  /** A frame that has begun must be complete within this time. */
  frameMs: number;
  /** A connection without a call in progress is closed after this time. */
  idleMs: number;
  /** Bytes waiting to be taken by a client; one that lets more pile up is cut off. */
  queuedBytes: number;
  /** The same, when what is to be sent is an event that nobody waits for. */
  queuedEventBytes: number;
}

/** The limits of the real daemon. A list of 100,000 credentials fits the queue. */
export const SERVER_LIMITS: ServerLimits = {
  connections: 256,
  callsAtOnce: 16,
  frameMs: 30_000,
  idleMs: 600_000,
  queuedBytes: 300 * 1024 * 1024,
  queuedEventBytes: 4 * 1024 * 1024,
};

/** How to serve. */
export interface ServeOptions {
  /** Owner-only directory for the socket. */
  directory: string;
  /** Answers calls. */
  dispatch: Dispatch;
  /** See {@linkcode SERVER_LIMITS}. */
  limits?: ServerLimits;
  /** Loopback TCP with a token instead of a Unix socket. */
  token?: boolean;
}

/** A running server. */
export interface DaemonServer {
  /** Where it listens. */
  readonly address: LocalAddress;
  /** Listens at a new address, because somebody took the old one away; connections go on. */
  relisten(): void;
  /** Takes no more connections and no more calls; settles when those in progress are answered, or after `ms`. */
  stop(ms: number): Promise<void>;
  /** Ends all connections; call `stop` before. */
  close(): Promise<void>;
}

/** Starts serving. */
export function serveDaemon(options: ServeOptions): DaemonServer {
  const limits = options.limits ?? SERVER_LIMITS;
  const open = new Map<Connection, Promise<void>>();
  let stopping = false;
  const listen = () =>
    listenLocal({
      directory: options.directory,
      ...(options.token === undefined ? {} : { token: options.token }),
      onConnection: (socket) => {
        const connection = new Connection(socket, options.dispatch, limits);
        if (stopping) return connection.end();
        if (open.size >= limits.connections) {
          const leaving = mostDispensable([...open.keys()]);
          if (leaving === undefined) return connection.end();
          open.delete(leaving);
          leaving.end();
        }
        open.set(connection, connection.run().finally(() => open.delete(connection)));
      },
    });
  let listener = listen();
  let closed: Promise<void> | undefined;
  return {
    get address() {
      return listener.address;
    },
    relisten: () => {
      if (stopping) return;
      const former = listener;
      listener = listen();
      // It closes in its own time; nobody can reach it.
      void former.close();
    },
    stop: async (ms) => {
      stopping = true; // Before anything is waited for, so that no call slips in meanwhile.
      const calls = Promise.all([...open.keys()].map((connection) => connection.finish()));
      await (closed ??= listener.close());
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, ms);
      await Promise.race([late, calls]);
      clearTimeout(timer);
    },
    close: async () => {
      for (const connection of open.keys()) connection.end();
      await Promise.all(open.values());
    },
  };
}

/**
 * The connection that goes for the sake of a new one, so that nobody is kept out by a crowd that says nothing: one that never made
 * a call, else one that makes none now, the longest quiet first; else the newest of those that only watch.
 */
function mostDispensable(connections: Connection[]): Connection | undefined {
  const quiet = connections.filter(({ rank }) => rank !== "busy");
  const [first] = quiet.sort((a, b) =>
    RANKS.indexOf(a.rank) - RANKS.indexOf(b.rank) ||
    (a.rank === "watching" ? b.quietSince - a.quietSince : a.quietSince - b.quietSince)
  );
  return first;
}

/** How dispensable a connection is, most first; a busy one is left alone. */
const RANKS = ["silent", "idle", "watching", "busy"];

/** One client. */
class Connection implements Caller {
  readonly #socket: Deno.Conn;
  readonly #dispatch: Dispatch;
  readonly #limits: ServerLimits;
  readonly #decoder = new FrameDecoder(REQUEST_LIMITS);
  readonly #nonces = new Nonces();
  readonly #ended = new AbortController();
  readonly #calls = new Set<Promise<void>>();
  #sending: Promise<void> = Promise.resolve();
  #queued = 0;
  #watching = 0;
  #finishing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasCalled = false;
  #quietSince = performance.now();

  constructor(socket: Deno.Conn, dispatch: Dispatch, limits: ServerLimits) {
    this.#socket = socket;
    this.#dispatch = dispatch;
    this.#limits = limits;
  }

  get closed(): AbortSignal {
    return this.#ended.signal;
  }

  /** See {@linkcode RANKS}. */
  get rank(): "silent" | "idle" | "watching" | "busy" {
    if (this.#calls.size > 0) return "busy";
    if (this.#watching > 0) return "watching";
    return this.#hasCalled ? "idle" : "silent";
  }

  /** When its last call was answered, or it came; of a monotonic clock, ms. */
  get quietSince(): number {
    return this.#quietSince;
  }

  takeNonce(nonce: Uint8Array): boolean {
    return this.#nonces.take(nonce);
  }

  /** Serves until the client is gone or is cut off. */
  async run(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        this.#watchTime();
        const count = await this.#socket.read(buffer);
        if (count === null || this.closed.aborted) break;
        const frames = this.#decoder.push(buffer.subarray(0, count));
        wipe(buffer.subarray(0, count));
        for (const frame of frames) await this.#begin(frame);
      }
    } catch {
      // A reset connection or a frame that is none: the client is cut off, which is all there is to say to it.
    } finally {
      wipe(buffer);
      this.#decoder.wipe();
      this.end();
      await this.#sending; // Calls in progress are not waited for: what they still send goes nowhere.
    }
  }

  /** Answers no further call; settles when those in progress are answered. */
  async finish(): Promise<void> {
    this.#finishing = true;
    await Promise.all(this.#calls);
    await this.#sending;
  }

  /** Cuts the client off. */
  end(): void {
    if (this.closed.aborted) return;
    clearTimeout(this.#timer);
    this.#ended.abort();
    this.#socket.close();
  }

  /** One timer: for the rest of a frame that has begun, else for the next call. */
  #watchTime(): void {
    clearTimeout(this.#timer);
    if (this.closed.aborted) return;
    const { frameMs, idleMs } = this.#limits;
    if (this.#decoder.midFrame) this.#timer = setTimeout(() => this.end(), frameMs);
    else if (this.#calls.size === 0 && this.#watching === 0) {
      this.#timer = setTimeout(() => this.end(), idleMs);
    }
  }

  async #begin(frame: Frame): Promise<void> {
    this.#hasCalled = true;
    const call = this.#answer(frame).finally(() => {
      this.#calls.delete(call);
      this.#quietSince = performance.now();
      if (!this.#decoder.midFrame) this.#watchTime();
    });
    this.#calls.add(call);
    if (this.#calls.size >= this.#limits.callsAtOnce) await Promise.race(this.#calls);
  }

  async #answer({ json, payload = new Uint8Array(0) }: Frame): Promise<void> {
    const id = isRecord(json) && Number.isSafeInteger(json["id"]) ? json["id"] : null;
    let reply: DaemonReply;
    try {
      reply = await this.#call(id, json, payload);
    } catch (error) {
      return this.#send({ id, error: errorToJson(error) });
    } finally {
      wipe(payload);
    }
    this.#send({ id, result: reply.result }, reply.payload);
    wipe(reply.payload);
    if (reply.afterwards !== undefined) {
      await this.#sending;
      reply.afterwards();
    }
  }

  async #call(id: unknown, json: unknown, payload: Uint8Array<ArrayBuffer>): Promise<DaemonReply> {
    if (this.#finishing) {
      throw new FailedError("cannot answer: this daemon is ending", {
        code: "daemon_ending",
        hint: "try again",
      });
    }
    if (!isRecord(json) || id === null || typeof json["op"] !== "string") {
      throw new UsageError("cannot understand a call: it has no id or no operation", { code: "bad_call" });
    }
    const { op, params } = json;
    if (op === "daemon.challenge") return { result: { nonce: this.#nonces.issue().toHex() } };
    let watching = false;
    const proof = readProof(json["proof"]);
    return await this.#dispatch({
      op,
      params: params ?? {},
      payload,
      proof,
      caller: this,
      emit: (event) => {
        if (!watching) this.#watching++;
        watching = true;
        this.#send({ id, event }, undefined, this.#limits.queuedEventBytes);
      },
      endEvents: () => {
        if (watching) this.#watching--;
        watching = false;
        this.#send({ id, end: true });
      },
    });
  }

  #send(json: unknown, payload?: Uint8Array, limit: number = this.#limits.queuedBytes): void {
    if (this.closed.aborted) return;
    const bytes = encodeFrame(json, payload);
    this.#queued += bytes.length;
    if (this.#queued > limit) {
      wipe(bytes);
      return this.end();
    }
    this.#sending = this.#sending.then(() => this.#write(bytes));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let sent = 0; sent < bytes.length && !this.closed.aborted;) {
        sent += await this.#socket.write(bytes.subarray(sent));
      }
    } catch {
      this.end(); // The client is gone; nobody is left to be told.
    } finally {
      this.#queued -= bytes.length;
      wipe(bytes);
    }
  }
}

function readProof(json: unknown): ActProof | undefined {
  if (json === undefined) return undefined;
  if (!isRecord(json)) throw badProof();
  const { nonce, mac } = json;
  if (typeof nonce !== "string" || typeof mac !== "string") throw badProof();
  try {
    return { nonce: Uint8Array.fromHex(nonce), mac: Uint8Array.fromHex(mac) };
  } catch (cause) {
    throw badProof(cause);
  }
}

function badProof(cause?: unknown): FailedError {
  return new FailedError("cannot understand a call: its proof is malformed", { code: "bad_call", cause });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
