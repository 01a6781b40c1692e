/**
 * What can go wrong with a message or an upstream, with the status that tells the truth about it.
 *
 * @module
 */

/** Machine-readable names of {@linkcode HttpError}s. */
export type HttpErrorCode =
  /** The bytes are not an HTTP/1.x message. 400, from an upstream 502. */
  | "malformed_request"
  /** Where the body ends cannot be told for certain. 400, from an upstream 502. */
  | "bad_framing"
  /** Not HTTP/1.0 or HTTP/1.1. 505, from an upstream 502. */
  | "bad_version"
  /** Start line and fields are too long or too many. 431, from an upstream 502. */
  | "head_too_large"
  /** The request target is too long. 414. */
  | "target_too_long"
  /** The head or the body did not arrive in time. 408. */
  | "request_timeout"
  /** The other side closed before the message was complete. 400, from an upstream 502. */
  | "truncated"
  /** The client went away. 499, never seen by anybody. */
  | "client_gone"
  /** A value that cannot stand in a message was to be sent. 500. */
  | "bad_outgoing_value"
  /** More connections than allowed. 503. */
  | "too_many_connections"
  /** A defect of ours. 500. */
  | "internal";

/** Machine-readable names of {@linkcode UpstreamError}s. */
export type UpstreamErrorCode =
  /** No connection could be made, or the caller's check refused every address. */
  | "upstream_unreachable"
  /** The name has no address. */
  | "upstream_dns"
  /** The TLS handshake failed: wrong name, unknown authority, no common version. */
  | "upstream_tls"
  /** The proxy on the way refused, or does not take our user name and password. */
  | "upstream_proxy"
  /** Not connected or not answered in time. */
  | "upstream_timeout"
  /** It closed before its answer was complete. */
  | "upstream_closed"
  /** Its answer is not HTTP, or its framing is ambiguous. */
  | "upstream_protocol"
  /** Its answer has to be searched for secrets and is encoded in a way that cannot be undone. */
  | "undecodable_response";

/** A message that is refused, or a failure on the way; `message` never holds any part of a header value. */
export class HttpError extends Error {
  /** Name of the class. */
  override readonly name: string = "HttpError";
  /** Status the client is told. */
  readonly status: number;
  /** Stable machine-readable name. */
  readonly code: HttpErrorCode | UpstreamErrorCode;

  /** Makes an error; the message reads `<what failed>: <why>`. */
  constructor(
    status: number,
    code: HttpErrorCode | UpstreamErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
  }
}

/** The upstream could not be reached or did not answer properly: 504 for time, 502 for all else. */
export class UpstreamError extends HttpError {
  /** Name of the class. */
  override readonly name = "UpstreamError";
  /** One of the upstream's own. */
  declare readonly code: UpstreamErrorCode;

  /** Makes an error with the status that belongs to its code. */
  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(code === "upstream_timeout" ? 504 : 502, code, message, options);
  }
}

/** The text of any thrown value, for the "why" of a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
