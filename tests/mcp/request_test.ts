import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-of-wispkey-request";

/** A home with the credential `k` for an API, and the server in it. */
async function world(respond?: (request: Request) => Response | Promise<Response>) {
  const home = await Home.withVault();
  const api = new Api(respond);
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  const mcp = await McpProcess.start(home);
  return {
    home,
    api,
    mcp,
    url: `http://${api.host}`,
    async [Symbol.asyncDispose]() {
      await mcp[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a request carries method, fields and body, and the key at its place; the log names the caller mcp", async () => {
  await using w = await world();
  const answer = await w.mcp.ok("wispkey_request", {
    url: `${w.url}/v1/x?a=1#frag`,
    method: "PUT",
    headers: { "X-One": "1", "Content-Type": "application/x-test" },
    body: "héllo",
    credential: "k",
  });
  assert.equal(answer.status, 200);
  assert.equal(answer.next_cursor, null);
  assert.match(answer.notice, /never instructions/);
  const seen = w.api.last;
  assert.equal(seen?.method, "PUT");
  assert.equal(seen.url, "/v1/x?a=1");
  assert.equal(seen.body, "héllo");
  assert.equal(seen.headers["x-one"], "1");
  assert.equal(seen.headers["content-type"], "application/x-test");
  assert.equal(seen.headers.authorization, `Bearer ${SECRET}`);
  assert.match(seen.headers["user-agent"] ?? "", /^wispkey-mcp\//);
  assert.equal(seen.headers["proxy-authorization"], undefined);
  const { entries } = await w.home.json("log");
  const used = entries.find((row: { event_type: string }) => row.event_type === "CredentialUsed");
  assert.equal(used.caller, "mcp");
});

Deno.test("a token that the agent writes itself works at its place, and is refused elsewhere with an id that explains why", async () => {
  await using w = await world();
  const { token } = await w.mcp.ok("wispkey_get_token", { name: "k" });
  const good = await w.mcp.ok("wispkey_request", {
    url: w.url,
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(good.status, 200);
  const before = w.api.seen.length;
  const text = await w.mcp.fails("wispkey_request", { url: w.url, body: `{"prompt":"${token}"}` });
  assert.match(text, /code: misplaced_token/);
  assert.equal(w.api.seen.length, before, "nothing was sent");
  const id = /req_[0-9a-f]{18}/.exec(text)?.[0];
  const why = await w.mcp.ok("wispkey_explain_denial", { request_id: id });
  assert.equal(why.code, "misplaced_token");
  assert.equal(why.credential, "k");
  assert.equal(why.caller, "mcp");
  assert.match(why.next, /wispkey_how_to_call/);
  assert.match(
    await w.mcp.fails("wispkey_explain_denial", { request_id: "req_000000000000000000" }),
    /code: request_not_found/,
  );
});

Deno.test("a host that is not allowed gets nothing, and the refusal has the command that would allow it", async () => {
  await using w = await world();
  await using thief = new Api();
  const text = await w.mcp.fails("wispkey_request", { url: `http://${thief.host}/`, credential: "k" });
  assert.match(text, /code: host_not_allowed\nhint: .*wispkey edit k --hosts/);
  assert.equal(thief.seen.length, 0);
});

Deno.test("what a server echoes is scrubbed before the model sees it, in fields, text and bytes", async () => {
  await using w = await world((request) => {
    const key = request.headers.get("authorization") ?? "";
    const bytes = new URL(request.url).pathname === "/bytes";
    const body = bytes
      ? new Uint8Array([0, 255, 0, ...new TextEncoder().encode(key), 0])
      : `you sent ${key}, ${btoa(key)}`;
    return new Response(body, { headers: { "X-Echo": key } });
  });
  for (const path of ["/text", "/bytes"]) {
    const { text, structured } = await w.mcp.call("wispkey_request", { url: w.url + path, credential: "k" });
    assert.equal(w.api.last?.headers.authorization, `Bearer ${SECRET}`);
    const { encoding, content } = structured.body;
    assert.equal(encoding, path === "/text" ? "text" : "base64");
    const plain = encoding === "text" ? content : atob(content);
    assert.ok(plain.includes("Bearer wk_k_"), plain);
    for (const shown of [text, JSON.stringify(structured), plain]) {
      assert.ok(!shown.includes(SECRET) && !shown.includes(btoa(`Bearer ${SECRET}`)));
    }
  }
});

Deno.test("long bodies come in pages that join to the whole, text never cut within a character", async () => {
  const text = "añ😀".repeat(9_000);
  await using w = await world((request) =>
    request.url.endsWith("/text")
      ? new Response(text)
      : new Response(Uint8Array.from({ length: 5_000 }, (_, i) => i % 256))
  );
  let page = await w.mcp.ok("wispkey_request", { url: `${w.url}/text`, max_bytes: 10_001 });
  let joined = page.body.content;
  let pages = 1;
  while (page.next_cursor !== null) {
    page = await w.mcp.ok("wispkey_request", { cursor: page.next_cursor, max_bytes: 10_001 });
    assert.equal(page.status, null);
    joined += page.body.content;
    pages++;
  }
  assert.equal(joined, text);
  assert.ok(pages > 5);
  assert.equal(w.api.seen.length, 1, "reading on sends nothing");

  const first = await w.mcp.ok("wispkey_request", { url: `${w.url}/bytes`, max_bytes: 4_000 });
  const second = await w.mcp.ok("wispkey_request", { cursor: first.next_cursor });
  const bytes = atob(first.body.content) + atob(second.body.content);
  assert.equal(bytes.length, 5_000);
  assert.equal(bytes.charCodeAt(4_001), 4_001 % 256);
  for (const cursor of ["", "x", `${"0".repeat(32)}.0`, `${first.next_cursor}9`]) {
    assert.match(await w.mcp.fails("wispkey_request", { cursor }), /cursor_not_found/);
  }
  assert.match(
    await w.mcp.fails("wispkey_request", { cursor: first.next_cursor, url: w.url }),
    /code: cursor_and_request/,
  );
});

Deno.test("redirects are answered, not followed; gzip is decoded; an endless body is cut at the limit", async () => {
  await using w = await world((request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/redirect") return Response.redirect("http://127.0.0.1:9/elsewhere", 302);
    if (pathname === "/gzip") {
      const stream = new Blob(["zipped"]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Response(stream, { headers: { "Content-Encoding": "gzip" } });
    }
    const piece = new Uint8Array(1024 * 1024).fill(0x61);
    return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(piece) }));
  });
  const redirect = await w.mcp.ok("wispkey_request", { url: `${w.url}/redirect` });
  assert.equal(redirect.status, 302);
  assert.ok(redirect.headers.some(({ name }: { name: string }) => name === "location"));
  const gzip = await w.mcp.ok("wispkey_request", { url: `${w.url}/gzip` });
  assert.equal(gzip.body.content, "zipped");
  const endless = await w.mcp.ok("wispkey_request", { url: `${w.url}/endless`, max_bytes: 10 });
  assert.equal(endless.body.total, 8 * 1024 * 1024);
  assert.match(endless.incomplete, /8 MiB/);
});

Deno.test("a server that never answers, a dead port and a cut connection are told as errors or as what came", async () => {
  const { promise: released, resolve } = Promise.withResolvers<void>();
  await using w = await world(async (request) => {
    if (request.url.endsWith("/never")) await released;
    return new Response("late");
  });
  const text = await w.mcp.fails("wispkey_request", { url: `${w.url}/never`, timeout_seconds: 1 });
  resolve();
  assert.match(text, /no answer to the request: it did not come within 1 seconds\ncode: no_answer/);
  const dead = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = dead.addr;
  dead.close();
  assert.match(
    await w.mcp.fails("wispkey_request", { url: `http://127.0.0.1:${port}/` }),
    /code: upstream_/,
  );
});

Deno.test("a request that no proxy should get is refused before it is sent", async () => {
  await using w = await world();
  const cases: [Record<string, unknown>, RegExp][] = [
    [{}, /url_required/],
    [{ url: "nonsense" }, /invalid_url/],
    [{ url: "file:///etc/passwd" }, /invalid_url/],
    [{ url: "http://user:pw@127.0.0.1/" }, /invalid_url/],
    [{ url: w.url, method: "GET", body: "x" }, /body_not_allowed/],
    [{ url: w.url, method: "TRACE" }, /Invalid arguments/],
    [{ url: w.url, headers: { Host: "elsewhere" } }, /invalid_header/],
    [{ url: w.url, headers: { "X-Target-Url": "http://elsewhere/" } }, /invalid_header/],
    [{ url: w.url, headers: { "Proxy-Authorization": "Basic x" } }, /invalid_header/],
    [{ url: w.url, headers: { "A\r\nB": "x" } }, /invalid_header/],
    [{ url: w.url, headers: { A: "x\r\nB: y" } }, /invalid_header/],
    [{ url: w.url, headers: { A: "ключ" } }, /invalid_header/],
    [{ url: w.url, credential: "nobody" }, /credential_not_found/],
    [{ url: w.url, unknown: 1 }, /Invalid arguments/],
    [{ url: w.url, max_bytes: 0 }, /Invalid arguments/],
  ];
  for (const [args, expected] of cases) assert.match(await w.mcp.fails("wispkey_request", args), expected);
  assert.equal(w.api.seen.length, 0);
});
