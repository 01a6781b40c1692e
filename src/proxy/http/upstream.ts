/**
 * One connection to an upstream, with what it needs to carry one exchange after another.
 *
 * @module
 */

import type { Deadline, DeadlineClock } from "./deadline.ts";
import { closeQuietly, type Dialled, type Forwarding, type Origin } from "./dial.ts";
import { OutputBuffer } from "./output.ts";
import { BufferedReader } from "./reader.ts";
import type { ByteStream } from "./types.ts";

/** A connection to an {@linkcode Origin}. */
export class UpstreamConnection {
  /** Where it goes. */
  readonly origin: Origin;
  /** The address it goes to. */
  readonly address: string;
  /** Set if an HTTP proxy is at the other end. */
  readonly forwarding: Forwarding | undefined;
  /** The bytes. */
  readonly stream: ByteStream;
  /** Its incoming half. */
  readonly reader: BufferedReader;
  /** Its outgoing half. */
  readonly output: OutputBuffer;
  /** For what is read; closes the connection. */
  readonly readDeadline: Deadline;
  /** Milliseconds a write may stand still before the connection is closed. */
  writeTimeoutMs: number = Infinity;
  /** Whether an exchange went over it before. */
  reused = false;
  /** Wall clock time of its return to the pool; that clock goes on while the machine sleeps. */
  idleSince = 0;
  readonly #writeDeadline: Deadline;
  #closed = false;

  /** Takes over what was dialled. */
  constructor(origin: Origin, dialled: Dialled, clock: DeadlineClock) {
    this.origin = origin;
    this.address = dialled.address;
    this.forwarding = dialled.forwarding;
    this.stream = dialled.stream;
    this.reader = new BufferedReader(dialled.stream);
    this.readDeadline = clock.create(() => this.close());
    this.#writeDeadline = clock.create(() => this.close());
    this.output = new OutputBuffer(dialled.stream, this.#writeDeadline, () => this.writeTimeoutMs);
  }

  /** Whether `close` was called, or it was handed over. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether a deadline closed it. */
  get timedOut(): boolean {
    return this.readDeadline.expired || this.#writeDeadline.expired;
  }

  /** Closes it at once; what is waiting for it fails. */
  close(): void {
    if (this.#closed) return;
    this.detach();
    closeQuietly(this.stream);
  }

  /** Stops looking after it: the stream belongs to somebody else from now on. */
  detach(): void {
    this.#closed = true;
    this.readDeadline[Symbol.dispose]();
    this.#writeDeadline[Symbol.dispose]();
    this.output.discard();
  }
}
