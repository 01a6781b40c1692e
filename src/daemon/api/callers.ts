/**
 * Operations on callers, and what `run` asks before it starts a program.
 *
 * @module
 */

import type { ProxyInfo } from "../api.ts";

/** A caller as it is listed. */
export interface CallerView {
  /** Random, 16 hex digits. */
  id: string;
  /** Its name; several may have the same. */
  name: string;
  /** Name of its project. */
  project: string;
  /** Names of the only credentials it may use; null = all of the project. */
  credentials: readonly string[] | null;
  /** When it was opened, ms since the epoch. */
  openedAt: number;
  /** When it ends in any case; null = never. */
  expiresAt: number | null;
  /** Whether the program that opened it is still there. */
  held: boolean;
}

/** What an environment's value is to the vault. */
export type ValueMatch =
  /** It is the secret of a credential in scope, whose token may stand in its place. */
  | { index: number; kind: "token"; credential: string; token: string }
  /** It is, or contains, a secret and must not be passed on. */
  | { index: number; kind: "secret"; credential: string };

/** The operations. */
export interface CallerOperations {
  /** Opens a caller; the reply's payload is its secret. Without a holder it is forgotten after a minute. */
  "caller.open": {
    params: {
      name: string | null;
      project: string;
      credentials: string[] | null;
      /** Seconds until it ends in any case; 0 = none. */
      seconds: number;
      intercept: boolean;
    };
    result: { caller: CallerView };
  };
  /**
   * Holds a caller for as long as the connection lasts, and opens the proxy's listener if it is closed; then it closes when
   * the last one who had it opened is gone. With `askingPort` (0 = any) there is also a port that asks who calls, for as long.
   * Streams one event if the caller ends before.
   */
  "caller.hold": {
    params: { id: string; port: number; askingPort?: number };
    result: { proxy: ProxyInfo; askingPort: number | null };
  };
  /** All callers. */
  "caller.list": { params: Record<string, never>; result: { callers: CallerView[] } };
  /** Ends the callers of a name, or the one of an id. `ended`: because its program has. */
  "caller.revoke": { params: { caller: string; ended: boolean }; result: { count: number } };
  /**
   * Which of these values are secrets. The payload holds the values one after another; only those of 16 bytes and more are
   * compared, and only so many a minute.
   */
  "environment.match": {
    params: { project: string; credentials: string[] | null; lengths: number[] };
    result: { matches: ValueMatch[] };
  };
  /** Gives out the secrets of credentials, one after another as the reply's payload. Needs the password. */
  "environment.reveal": {
    params: { project: string; credentials: string[] };
    result: { lengths: number[] };
  };
}
