/**
 * What the thread of the log answers, in memory that it shares with the thread that gives the orders: so that one can
 * wait for it without leaving its turn of the event loop.
 *
 * @module
 */

import { LINK_LENGTH } from "../../core/audit_chain.ts";
import type { AuditTail } from "./store.ts";

/** What came of an order. */
export interface Settled {
  /** Number of the first row; the others follow it. */
  readonly first: number;
  /** The end of the log afterwards. */
  readonly tail: AuditTail;
}

/** How far an order is. */
export const ReportState = { Busy: 0, Done: 1, Failed: 2 } as const;

/** One of {@linkcode ReportState}. */
export type ReportState = typeof ReportState[keyof typeof ReportState];

// A 32-bit integer, three doubles, a link.
const STATE = 0;
const NUMBERS_AT = 8;
const LINK_AT = NUMBERS_AT + 3 * 8;

/** The report on one order at a time. */
export class LogReport {
  /** The shared memory. */
  readonly buffer: SharedArrayBuffer;
  readonly #flags: Int32Array;
  readonly #numbers: Float64Array;
  readonly #link: Uint8Array;

  /** In new memory, or in that of the other thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(LINK_AT + LINK_LENGTH)) {
    this.buffer = buffer;
    this.#flags = new Int32Array(buffer, 0, 1);
    this.#numbers = new Float64Array(buffer, NUMBERS_AT, 3);
    this.#link = new Uint8Array(buffer, LINK_AT, LINK_LENGTH);
  }

  /** How far the order is. */
  get state(): ReportState {
    return Atomics.load(this.#flags, STATE) as ReportState;
  }

  /** An order is given. */
  begin(): void {
    Atomics.store(this.#flags, STATE, ReportState.Busy);
  }

  /** It is carried out. */
  done({ first, tail }: Settled): void {
    this.#numbers.set([first, tail.seq, tail.anchored]);
    this.#link.set(tail.link);
    this.#end(ReportState.Done);
  }

  /** It could not be carried out: nothing was written. Says nothing if it is done already. */
  failed(): void {
    if (this.state === ReportState.Busy) this.#end(ReportState.Failed);
  }

  /** What {@linkcode done} said. */
  read(): Settled {
    const [first = 0, seq = 0, anchored = 0] = this.#numbers;
    return { first, tail: { seq, anchored, link: new Uint8Array(this.#link) } };
  }

  /** Holds the thread until the order is no longer under way; false if that takes longer than `ms`. */
  wait(ms: number): boolean {
    return Atomics.wait(this.#flags, STATE, ReportState.Busy, ms) !== "timed-out";
  }

  #end(state: ReportState): void {
    Atomics.store(this.#flags, STATE, state);
    Atomics.notify(this.#flags, STATE);
  }
}
