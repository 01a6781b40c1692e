/**
 * One call on the local API, as the server hands it to whoever answers it.
 *
 * @module
 */

/** A proof that the password was given for exactly one act; see `core/act.ts`. */
export interface ActProof {
  /** The nonce this daemon gave out; single use. */
  nonce: Uint8Array;
  /** MAC over the nonce and the act's text. */
  mac: Uint8Array;
}

/** Who calls. */
export interface Caller {
  /** Aborts when the connection ends, whoever ended it. */
  readonly closed: AbortSignal;
  /** Uses up a nonce that was given to this very connection; false if it was not, is too old, or was used before. */
  takeNonce(nonce: Uint8Array): boolean;
}

/** A call. */
export interface DaemonRequest {
  /** Name of the operation, unchecked. */
  op: string;
  /** Its parameters, unchecked. */
  params: unknown;
  /** Raw bytes sent along; empty if there were none. The server wipes them after the answer. */
  payload: Uint8Array<ArrayBuffer>;
  /** The proof sent along, unchecked. */
  proof: ActProof | undefined;
  /** Who calls. */
  caller: Caller;
  /** Sends an event that belongs to this call; does nothing once the connection is closed. */
  emit(event: unknown): void;
  /** Tells the caller that no further event will come. */
  endEvents(): void;
}

/** An answer. */
export interface DaemonReply {
  /** The JSON part. */
  result: unknown;
  /** Raw bytes beside it; the server wipes them once sent. */
  payload?: Uint8Array<ArrayBuffer>;
  /** Called once the answer is on its way, for acts that end the connection itself. */
  afterwards?: () => void;
}

/** Answers calls; what it throws goes to the caller. */
export type Dispatch = (request: DaemonRequest) => Promise<DaemonReply>;
