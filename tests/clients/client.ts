/**
 * What the table of clients says of one client.
 *
 * @module
 */

import type { Tools } from "./tools.ts";

/**
 * A way from a client to a host: `run` is `wispkey run` with an https host, by the proxy variables alone; `base` is a base URL,
 * without any variable; `forward` is a plain `http_proxy` with an http host.
 */
export type Way = "run" | "base" | "forward";

/** Every way, in the order of the table. */
export const WAYS: readonly Way[] = ["run", "base", "forward"];

/** What is expected of a client on one way, if it is not simply that the key arrives. */
export type Expected =
  /** The key arrives, and a person who uses this client has to know something. */
  | { readonly note: string }
  /**
   * The key does not arrive. `evidence` matches what client and host said, so that it fails for the reason given here; it is
   * left out where there is nothing to try.
   */
  | { readonly why: string; readonly evidence?: RegExp };

/** A request with a key, as some client sends it. */
export interface Client {
  /** What the table calls it. */
  readonly name: string;
  /** Debian package, or where else it comes from. */
  readonly source: string;
  /** Its version, or null if it is not there. */
  readonly version: (tools: Tools) => Promise<string | null>;
  /** A file that is written for it; finds `BASE`, a URL without a slash at its end, and `KEY`, the token, in its environment. */
  readonly script?: { readonly file: string; readonly text: string };
  /** Program and arguments, or null if what this way needs is not there. */
  readonly command: (tools: Tools, way: Way) => readonly string[] | null;
  /** Ways of which there is something to say. */
  readonly ways?: Partial<Record<Way, Expected>>;
  /** The header by which the key arrives, in lower case, and its value; `Authorization: Bearer` if left out. */
  readonly header?: (key: string) => readonly [name: string, value: string];
  /** Which token it gets: the one for headers, or the one for the password of Basic credentials. */
  readonly credential?: "password";
  /** False for a client that prints nothing of what the host answers. */
  readonly printsAnswer?: boolean;
  /** Quick, and common enough to be tried with every run of the tests. */
  readonly usual?: boolean;
}

/** What holds of clients that open a tunnel for http URLs, too. */
export const TUNNELS_HTTP: Expected = {
  note: "asks for a tunnel for http URLs, too, which is opened under `run` and `serve --intercept` only",
};
