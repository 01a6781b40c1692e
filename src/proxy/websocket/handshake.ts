/**
 * The opening handshake of a WebSocket, RFC 6455 section 4: what is one, and whether the answer to it is the right one.
 *
 * @module
 */

import { hash } from "node:crypto";
import { type OutgoingField, type RequestHead, type ResponseHead, UpstreamError } from "../http/mod.ts";

/** Appended to the key before hashing, RFC 6455 section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * The key of a request that opens a WebSocket; null for any other, such as one that asks for another protocol or another
 * version, or whose key is not 16 bytes: there `Upgrade` is dropped and the request goes on as an ordinary one.
 */
export function webSocketKey({ method, version, headers }: RequestHead): string | null {
  if (method !== "GET" || version !== "1.1") return null;
  if (!headers.hasToken("upgrade", "websocket") || !headers.hasToken("connection", "upgrade")) return null;
  const [wanted, ...others] = headers.getAll("sec-websocket-version");
  const keys = headers.getAll("sec-websocket-key");
  const [key] = keys;
  if (wanted !== "13" || others.length > 0 || key === undefined || keys.length > 1) return null;
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key) ? key : null;
}

/** What a server answers to a key. */
export function acceptOf(key: string): string {
  return hash("sha1", key + ACCEPT_GUID, "base64");
}

/**
 * The request's fields. Where messages are looked at they must not be compressed, so no extension is offered.
 */
export function handshakeFields(
  fields: readonly OutgoingField[],
  inspected: boolean,
): readonly OutgoingField[] {
  if (!inspected) return fields;
  return fields.filter(({ name }) => name.toLowerCase() !== "sec-websocket-extensions");
}

/**
 * Checks the answer to a handshake.
 *
 * @throws {UpstreamError} `upstream_protocol` if it is not for this key, or agrees to an extension that was not offered.
 */
export function checkAccepted({ headers }: ResponseHead, key: string, inspected: boolean): void {
  const why = !headers.hasToken("upgrade", "websocket") || !headers.hasToken("connection", "upgrade")
    ? "it changes to another protocol than was asked for"
    : headers.getAll("sec-websocket-accept").join() !== acceptOf(key)
    ? "its Sec-WebSocket-Accept does not fit the key"
    : inspected && headers.has("sec-websocket-extensions")
    ? "it agrees to an extension that was not offered"
    : null;
  if (why !== null) {
    throw new UpstreamError("upstream_protocol", `cannot open the WebSocket: ${why}`);
  }
}
