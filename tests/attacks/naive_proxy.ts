/**
 * A proxy as it is written when nobody thinks of an attacker: one request a connection, tokens swapped wherever they stand,
 * and the rest carried as it came. Attacks are tried on it first.
 *
 * @module
 */

import { type RawServer, rawServer, readSome, writeAll } from "../proxy/harness.ts";

/** How one naive proxy decides. */
export interface Naivety {
  /** Where a request goes, from its text; null sends nothing, a text is answered at once. */
  target: (request: string) => { port: number } | string | null;
  /** What the request becomes on its way; itself by default. */
  rewrite?: (request: string) => string;
}

/** Starts one. What it was sent is in `received`. */
export function naiveProxy({ target, rewrite = (request) => request }: Naivety): RawServer {
  return rawServer(async (connection, received) => {
    let request = "";
    while (!isWhole(request)) {
      const more = await readSome(connection);
      if (more === null) return;
      request += more;
    }
    received.push(request);
    const to = target(request);
    if (to === null) return;
    await writeAll(connection, typeof to === "string" ? to : await exchange(to.port, rewrite(request)));
  });
}

/** Sends a request and reads one answer, whether or not the host hangs up after it. */
export async function exchange(port: number, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, request);
  let answer = "";
  while (!isWhole(answer)) {
    const more = await readSome(connection);
    if (more === null) break;
    answer += more;
  }
  return answer;
}

/** Head and a body of declared length. */
function isWhole(request: string): boolean {
  const end = request.indexOf("\r\n\r\n");
  return end >= 0 && request.length >= end + 4 + Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0);
}

/** The first field of a name, without the white space around it. */
export function field(request: string, name: string): string {
  return new RegExp(`^${name}: *(.*?)\\r?$`, "im").exec(request)?.[1] ?? "";
}
