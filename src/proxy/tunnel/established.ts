/**
 * The answer that turns a connection into a tunnel.
 *
 * @module
 */

import { utf8 } from "../../core/bytes.ts";
import type { ByteStream } from "../http/types.ts";

/** RFC 9110 section 9.3.6: no fields, no body; from here on the tunnel's bytes follow. */
export const ESTABLISHED: Uint8Array = utf8("HTTP/1.1 200 Connection established\r\n\r\n");

/** Writes all of it. */
export async function writeWhole(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}
