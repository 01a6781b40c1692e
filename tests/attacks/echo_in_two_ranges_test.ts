import assert from "node:assert/strict";
import { withScene } from "../proxy/scrub/support.ts";
import { SECRET } from "./echoed.ts";

/** A host that keeps what it is sent and hands out the parts that are asked for. */
function host(kept: { text: string }) {
  return (request: string): string => {
    kept.text = /^GET \/keep\?k=(\S*)/.exec(request)?.[1] ?? kept.text;
    const range = /^range: bytes=(\d+)-(\d*)/im.exec(request);
    const body = range === null
      ? kept.text
      : kept.text.slice(Number(range[1]), range[2] === "" ? undefined : Number(range[2]) + 1);
    const fields = range === null
      ? ""
      : `Content-Range: bytes ${range[1]}-${Number(range[1]) + body.length - 1}/${kept.text.length}\r\n`;
    return `HTTP/1.1 ${
      range === null ? "200 OK" : "206 Part"
    }\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
}

Deno.test("a kept secret is not read back in two halves, neither of which is the secret", () =>
  withScene(host({ text: "" }), async ({ ask, keyring, token }) => {
    const halves = async () => {
      await ask({ path: `/keep?k=${token}`, withToken: false });
      const first = await ask({ path: "/", withToken: false, fields: ["Range: bytes=0-9"] });
      const second = await ask({ path: "/", withToken: false, fields: ["Range: bytes=10-"] });
      return first.body + second.body;
    };
    keyring.scrubs = false;
    assert.equal(await halves(), SECRET, "the attack does not even work against a naive proxy");
    keyring.scrubs = true;
    const ours = await halves();
    assert.ok(!ours.includes(SECRET), ours);
  }, { type: "query_param", place: { in: "query", name: "k" } }));
