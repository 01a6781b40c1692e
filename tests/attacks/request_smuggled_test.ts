/**
 * A request hidden in another's body: the proxy takes one length, the host the other. The hidden one goes out behind the
 * owner's secret, over the same connection, checked by nobody.
 */

import assert from "node:assert/strict";
import { parse, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const CHUNKED = `0\r\n\r\n${HIDDEN}`;
const WAYS: Record<string, string[]> = {
  "both lengths": [`Content-Length: ${CHUNKED.length}`, "Transfer-Encoding: chunked"],
  "a coding of another name": [`Content-Length: ${CHUNKED.length}`, "Transfer-Encoding: xchunked"],
  "a blank before the colon": [`Content-Length: ${CHUNKED.length}`, "Transfer-Encoding : chunked"],
  "a folded line": [`Content-Length: ${CHUNKED.length}`, "X: y\r\n Transfer-Encoding: chunked"],
  "two lengths": ["Content-Length: 0", `Content-Length: ${CHUNKED.length}`],
  "a bare line feed": [`Content-Length: ${CHUNKED.length}\nTransfer-Encoding: chunked`],
};

Deno.test("no second request hides in the body of a first", () =>
  withProxy(async ({ port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const request = (target: string, fields: readonly string[]) =>
      [
        `POST ${target} HTTP/1.1`,
        `Host: ${target === "/" ? host : `127.0.0.1:${port}`}`,
        ...fields,
        "",
        CHUNKED,
      ].join("\r\n");
    const naive = naiveProxy({ target: () => ({ port: upstream.port }) });
    // The recording host goes by Transfer-Encoding, a naive proxy by Content-Length; who asked waits for an answer to each.
    const hung = send(naive.port, request("/", WAYS["both lengths"] ?? [])).catch(() => "");
    while (upstream.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(upstream.received[1]?.startsWith("GET /hidden"), "a naive proxy lets the hidden one through");
    await naive.close();
    await hung;
    upstream.received.length = 0;

    for (const [way, fields] of Object.entries(WAYS)) {
      const answer = parse(await send(port, request(`/to/http/${host}/`, fields)));
      assert.ok([400, 501].includes(answer.status), `${way}: ${answer.status}`);
      assert.deepEqual(upstream.received, [], way);
    }
  }));
