/**
 * Who calls: a program that says nothing of itself, or one that `wispkey run` has started.
 *
 * @module
 */

/** A caller as the steps see it. */
export interface Caller {
  /** Its name, for policies and the log; `plain` for those without one. */
  readonly name: string;
  /** `run`: it showed a secret of its own. */
  readonly kind: "plain" | "run";
  /** Name of the project it is bound to; null leaves the daemon's scope as it is. */
  readonly project: string | null;
  /** Names of the only credentials it may use; null = all in scope. */
  readonly credentials: readonly string[] | null;
  /** Whether it is known to trust the local CA, so that its tunnels may be opened. */
  readonly intercept: boolean;
}

/** What a request shows of its caller. */
export type CallerIdentity =
  /** Nothing. */
  | { readonly kind: "none" }
  /** The value of `Proxy-Authorization`. */
  | { readonly kind: "proxy-authorization"; readonly value: string }
  /** `<name>:<secret>`, from the path of a base URL. */
  | { readonly kind: "path"; readonly secret: string };

/** Knows the callers. */
export interface CallerPort {
  /** Who shows this; null for nobody who may call (407). Synchronous and in memory. */
  authenticate(identity: CallerIdentity): Caller | null;
}

/** A caller that says nothing of itself. */
export const PLAIN_CALLER: Caller = {
  name: "plain",
  kind: "plain",
  project: null,
  credentials: null,
  intercept: false,
};

/** Takes everybody as a plain caller, whatever they show. */
export const EVERYONE_PLAIN: CallerPort = { authenticate: () => PLAIN_CALLER };
