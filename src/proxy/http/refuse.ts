/**
 * The end of a connection that is not going to be served.
 *
 * @module
 */

import { closeQuietly } from "./dial.ts";
import { OutputBuffer } from "./output.ts";
import { reasonPhrase } from "./reason_phrase.ts";
import { writeResponseHead } from "./serialize.ts";
import type { ErrorResponse } from "./server.ts";
import type { ByteStream } from "./types.ts";

/** Gathers a whole response that says why the connection ends. */
export function writeRefusal(output: OutputBuffer, { status, fields, body }: ErrorResponse): void {
  const line = { status, reason: reasonPhrase(status) };
  writeResponseHead(output, line, fields, { kind: "length", length: body.length }, "close");
  output.bytes(body);
}

/** Answers without having read anything, and closes; never rejects. */
export async function refuseConnection(stream: ByteStream, response: ErrorResponse): Promise<void> {
  const output = new OutputBuffer(stream);
  try {
    writeRefusal(output, response);
    await output.flush();
    await stream.closeWrite();
  } catch {
    // The client is gone, and that is what was wanted of it.
  } finally {
    closeQuietly(stream);
  }
}
