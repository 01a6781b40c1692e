/**
 * The caller's end of the local API.
 *
 * @module
 */

import { actText } from "../core/act.ts";
import { utf8, wipe } from "../core/bytes.ts";
import { errorFromJson, type ErrorJson, FailedError } from "../core/errors.ts";
import { connectLocal, type LocalAddress } from "../platform/local_socket.ts";
import type { Answer, OperationName, Params, ProxyInfo, Result, ServeEvent, VaultClient } from "./api.ts";
import type { CallerEnding } from "./callers.ts";
import { ANSWER_LIMITS, encodeFrame, type Frame, FrameDecoder } from "./frame.ts";

/** An answer takes at most so long, milliseconds. */
const CALL_TIMEOUT_MS = 120_000;

/** Proves knowledge of the master password for one act. */
export interface ActProver {
  /** MAC over the daemon's nonce and the canonical text of the act (UTF-8). */
  prove(nonce: Uint8Array, act: Uint8Array): Promise<Uint8Array>;
  /** Seals the payload that goes along, for this nonce only. */
  seal(nonce: Uint8Array, payload: Uint8Array): Uint8Array;
  /** Opens the payload that comes back; the caller wipes it. Throws if it was not sealed for this nonce. */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** How {@linkcode DaemonClient.watch} is to follow the log. */
export interface WatchOptions {
  /** Whether the proxy's listener closes when this caller is gone. */
  closeOnEnd: boolean;
  /** Ends the watching. */
  signal: AbortSignal;
}

interface Pending {
  resolve(frame: { result: unknown; payload: Frame["payload"] }): void;
  reject(error: unknown): void;
  onEvent?: (event: unknown) => void;
  onEnd?: () => void;
}

/** A connection to a daemon. */
export class DaemonClient implements VaultClient {
  readonly #socket: Deno.Conn;
  readonly #pending = new Map<number, Pending>();
  readonly #reading: Promise<void>;
  #sending: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #closed = false;

  private constructor(socket: Deno.Conn) {
    this.#socket = socket;
    this.#reading = this.#read();
  }

  /** Connects; throws what `connectLocal` throws. */
  static async connect(address: LocalAddress): Promise<DaemonClient> {
    return new DaemonClient(await connectLocal(address));
  }

  /**
   * Calls one operation; see {@linkcode VaultClient.call}.
   *
   * @throws {FailedError} `daemon_gone` if the connection ends, `daemon_unresponsive` after `timeoutMs`.
   */
  async call<N extends OperationName>(
    name: N,
    params: Params<N>,
    payload?: Uint8Array,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Answer<N>> {
    return await this.#call(name, { op: name, params }, payload, {}, timeoutMs);
  }

  /**
   * Calls an operation together with a proof of the password for exactly this act.
   *
   * @throws {DeniedError} `bad_proof` if the daemon does not accept it.
   */
  async callWithPassword<N extends OperationName>(
    name: N,
    params: Params<N>,
    prover: ActProver,
    payload?: Uint8Array,
  ): Promise<Answer<N>> {
    const challenge = (await this.call("daemon.challenge", {})).result.nonce;
    const nonce = Uint8Array.fromHex(challenge);
    // Whoever stands between us and the daemon carries sealed bytes only.
    const sent = payload === undefined ? undefined : prover.seal(nonce, payload);
    const act = await actText(name, params, sent ?? new Uint8Array(0));
    const mac = await prover.prove(nonce, utf8(act));
    const proof = { nonce: challenge, mac: mac.toHex() };
    const answer = await this.#call(name, { op: name, params, proof }, sent);
    return { ...answer, payload: answer.payload && prover.open(nonce, answer.payload) };
  }

  /**
   * Follows the log.
   *
   * @returns `interrupted` if the signal ended it, `closed` if the listener was closed or the daemon ended
   * @throws {WispKeyError} what the operation threw.
   */
  async watch(
    onEvent: (event: ServeEvent) => void,
    { closeOnEnd, signal }: WatchOptions,
  ): Promise<"interrupted" | "closed"> {
    const { promise, resolve } = Promise.withResolvers<"interrupted" | "closed">();
    const interrupt = () => {
      resolve("interrupted");
      this.close();
    };
    signal.addEventListener("abort", interrupt, { once: true });
    if (signal.aborted) interrupt();
    void this.#reading.then(() => resolve("closed"));
    try {
      await this.#call("proxy.watch", { op: "proxy.watch", params: { closeOnEnd } }, undefined, {
        onEvent: (event) => onEvent(event as ServeEvent),
        onEnd: () => resolve("closed"),
      });
      return await promise;
    } catch (error) {
      if (signal.aborted) return "interrupted";
      throw error;
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  /**
   * Holds a caller until this connection is closed.
   *
   * @returns where the proxy listens, the port that asks who calls, and what settles when the caller ends or the connection does
   * @throws {WispKeyError} what the operation threw.
   */
  async holdCaller(
    params: Params<"caller.hold">,
  ): Promise<{ proxy: ProxyInfo; askingPort: number | null; ended: Promise<CallerEnding | "closed"> }> {
    const { promise: ended, resolve } = Promise.withResolvers<CallerEnding | "closed">();
    void this.#reading.then(() => resolve("closed"));
    const { result } = await this.#call("caller.hold", { op: "caller.hold", params }, undefined, {
      onEvent: (event) => {
        const { ended: why } = event as { ended?: CallerEnding };
        if (why !== undefined) resolve(why);
      },
    });
    return { proxy: result.proxy, askingPort: result.askingPort, ended };
  }

  /** Closes the connection; calls in progress are rejected. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  async #call<N extends OperationName>(
    name: N,
    message: Record<string, unknown>,
    payload: Uint8Array | undefined,
    events: Pick<Pending, "onEvent" | "onEnd"> = {},
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Answer<N>> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<
      { result: unknown; payload: Frame["payload"] }
    >();
    if (this.#closed) throw gone(name);
    this.#pending.set(id, { resolve, reject, ...events });
    const timer = setTimeout(() => reject(unresponsive(name)), timeoutMs);
    try {
      this.#send(encodeFrame({ id, ...message }, payload));
      const answer = await promise;
      return { result: answer.result as Result<N>, payload: answer.payload };
    } finally {
      clearTimeout(timer);
      if (events.onEvent === undefined) this.#pending.delete(id);
    }
  }

  #send(bytes: Uint8Array): void {
    this.#sending = this.#sending.then(async () => {
      try {
        for (let sent = 0; sent < bytes.length;) sent += await this.#socket.write(bytes.subarray(sent));
      } catch {
        this.close(); // The reading side notices, and rejects what is pending.
      } finally {
        wipe(bytes);
      }
    });
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder(ANSWER_LIMITS);
    const buffer = new Uint8Array(64 * 1024);
    let cause: unknown;
    try {
      for (;;) {
        const count = await this.#socket.read(buffer);
        if (count === null) break;
        for (const frame of decoder.push(buffer.subarray(0, count))) this.#take(frame);
        wipe(buffer.subarray(0, count));
      }
    } catch (error) {
      cause = error; // Told to every call in progress below.
    } finally {
      wipe(buffer);
      decoder.wipe();
      this.close();
      for (const { reject } of this.#pending.values()) reject(gone("the call", cause));
      this.#pending.clear();
    }
  }

  #take({ json, payload }: Frame): void {
    const { id, result, error, event, end } = json as {
      id: number;
      result?: unknown;
      error?: ErrorJson;
      event?: unknown;
      end?: boolean;
    };
    const pending = this.#pending.get(id);
    if (pending === undefined) return wipe(payload);
    if (event !== undefined) return pending.onEvent?.(event);
    if (end === true) return pending.onEnd?.();
    if (error !== undefined) return pending.reject(errorFromJson(error));
    pending.resolve({ result, payload });
  }
}

function gone(what: string, cause?: unknown): FailedError {
  return new FailedError(`cannot finish '${what}': the daemon ended the connection`, {
    code: "daemon_gone",
    hint: "wispkey status",
    cause,
  });
}

function unresponsive(what: string): FailedError {
  return new FailedError(`cannot finish '${what}': the daemon does not answer`, {
    code: "daemon_unresponsive",
    hint: "wispkey unlock starts a fresh one",
  });
}
