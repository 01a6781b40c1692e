/**
 * Checks that every way of naming a target has in common.
 *
 * @module
 */

import { bracketHost } from "../../core/host_name.ts";
import { isSelf, parseAuthority, type Target } from "../../core/target.ts";
import { isOwnPort, type OwnListener } from "../own_listener.ts";
import { Refusal } from "../refusal.ts";

/**
 * Gives a target back if it is not ourselves.
 *
 * @throws {Refusal} 508 `loop`
 */
export function notOurselves(target: Target, listener: OwnListener): Target {
  if (isOwnPort(target.port, listener) && isSelf(target, target)) throw loop();
  return target;
}

/** The refusal of a request that would come back to us. */
export function loop(): Refusal {
  return new Refusal(508, {
    code: "loop",
    message: "cannot carry the request: its target is this proxy itself",
    hint: "name the API's own address; for the state of the proxy: wispkey status",
  });
}

/**
 * Checks that a `Host` field, if there is one, names a target's host.
 *
 * @throws {Refusal} 421 `foreign_host`
 */
export function requireSameHost(text: string | undefined, target: Target): void {
  if (text === undefined || text === target.authority) return;
  const host = parseHost(target.scheme, text);
  if (host !== null && host.host === target.host && host.port === target.port) return;
  throw new Refusal(421, {
    code: "foreign_host",
    message: "cannot carry the request: its Host differs from the URL in its request line",
    hint: `send Host: ${bracketHost(target.host)}`,
  });
}

/** A `Host` field as host and port; null if it cannot be read. */
export function parseHost(scheme: "http" | "https", text: string): { host: string; port: number } | null {
  try {
    return parseAuthority(scheme, text);
  } catch {
    // Whatever cannot be read is not the host that is wanted; the caller says so.
    return null;
  }
}

/** The refusal of a target that cannot be read. */
export function badTarget(why: string): Refusal {
  return new Refusal(400, {
    code: "bad_target",
    message: `cannot use the target: ${why}`,
    hint: "write http://host[:port]/path or https://host[:port]/path",
  });
}
