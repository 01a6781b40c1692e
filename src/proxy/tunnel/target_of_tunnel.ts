/**
 * A tunnel's host and port as a target.
 *
 * @module
 */

import { bracketHost } from "../../core/host_name.ts";
import type { Target } from "../../core/target.ts";

/** The target that a tunnel as a whole has. */
export function targetOfTunnel(scheme: "http" | "https", host: string, port: number): Target {
  return { scheme, host, port, path: "/", query: "", authority: `${bracketHost(host)}:${port}` };
}
