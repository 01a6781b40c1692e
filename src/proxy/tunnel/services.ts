/**
 * What tunnels need besides what forwarding needs.
 *
 * @module
 */

import type { CallerIdentity } from "../callers.ts";
import type { ForwardServices } from "../forward.ts";
import type { ErrorResponse, HttpError, IncomingRequest } from "../http/mod.ts";
import type { RefusedRequest } from "../refused_request.ts";
import type { LeafCache } from "../tls/leaf_cache.ts";
import type { OncePerHost } from "./once_per_host.ts";

/** Where the requests inside an opened tunnel go, whatever they say. */
export interface TunnelOrigin {
  /** What its opener showed, asked about again for each request: a caller that was revoked meanwhile is none. */
  readonly identity: CallerIdentity;
  /** Whether there is TLS inside. */
  readonly scheme: "http" | "https";
  /** Host that CONNECT named, normalised, IPv6 without brackets. */
  readonly host: string;
  /** Port that CONNECT named. */
  readonly port: number;
  /** Host that the client's TLS greeting named, as it was written; null for none. */
  readonly serverName: string | null;
}

/** Something open that can be told to come to its end. */
export interface Drainable {
  /** Ends soon, after what is under way. */
  drain(): void;
}

/** What tunnels need. */
export interface TunnelServices extends ForwardServices {
  /** Certificates for tunnels that are opened; null if there can be none. */
  readonly leaves: LeafCache | null;
  /** Whether certificates can be made right now. */
  readonly canIntercept: () => boolean;
  /** Whether the tunnels of plain callers are opened, too. */
  readonly interceptAll: () => boolean;
  /** Whether a host's tunnels are never opened. */
  readonly neverIntercept: (host: string, port: number) => boolean;
  /** Tunnels that are open. */
  readonly tunnels: Set<Drainable>;
  /** Hosts and callers whose opened tunnels were written down lately. */
  readonly opened: OncePerHost;
  /** Hosts about whose blind tunnels something was said. */
  readonly hinted: OncePerHost;
  /** Hosts whose clients refused our certificate lately. */
  readonly refused: OncePerHost;
  /** Answers a request that came through an opened tunnel. */
  readonly answer: (request: IncomingRequest, origin: TunnelOrigin) => Promise<void>;
  /** Words an error of a connection inside a tunnel. */
  readonly onError: (error: HttpError) => ErrorResponse;
  /** Told of each request that we answer with an error ourselves. */
  readonly onRefused: (refused: RefusedRequest) => void;
  /** Told of errors that are a defect of ours. */
  readonly onDefect: (error: unknown) => void;
}
