import assert from "node:assert/strict";
import { Api, Home, type Seen } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-for-every-place";

interface Case {
  /** Name of the credential. */
  name: string;
  /** Options of `add` besides value and hosts. */
  options: string[];
  /** Its value. */
  value?: string;
  /** What the server has to see. */
  sees: (seen: Seen) => void;
}

const CASES: readonly Case[] = [
  {
    name: "bearer",
    options: ["--type", "bearer_token"],
    sees: ({ headers }) => assert.equal(headers["authorization"], `Bearer ${SECRET}`),
  },
  {
    name: "key",
    options: ["--type", "api_key"],
    sees: ({ headers }) => assert.equal(headers["authorization"], `Bearer ${SECRET}`),
  },
  {
    name: "pair",
    options: ["--type", "basic_auth"],
    value: `user:${SECRET}`,
    sees: ({ headers }) => assert.equal(headers["authorization"], `Basic ${btoa(`user:${SECRET}`)}`),
  },
  {
    name: "header",
    options: ["--type", "custom_header", "--in", "header:X-Special-Key"],
    sees: ({ headers }) => assert.equal(headers["x-special-key"], SECRET),
  },
  {
    name: "query",
    options: ["--type", "query_param", "--in", "query:sig"],
    sees: ({ url }) => assert.equal(new URLSearchParams(url.split("?")[1]).get("sig"), SECRET),
  },
  {
    name: "as user",
    options: ["--type", "api_key", "--in", "basic:user"],
    sees: ({ headers }) => assert.equal(headers["authorization"], `Basic ${btoa(`${SECRET}:`)}`),
  },
  {
    name: "as password",
    options: ["--type", "api_key", "--in", "basic:password"],
    sees: ({ headers }) => assert.equal(headers["authorization"], `Basic ${btoa(`token:${SECRET}`)}`),
  },
  {
    name: "in JSON",
    options: ["--type", "api_key", "--in", "body:/auth/token"],
    sees: ({ body, method }) => {
      assert.deepEqual(JSON.parse(body), { auth: { token: SECRET } });
      assert.equal(method, "POST");
    },
  },
  {
    name: "in a form",
    options: ["--type", "api_key", "--in", "form:api_key"],
    sees: ({ body }) => assert.equal(new URLSearchParams(body).get("api_key"), SECRET),
  },
  {
    name: "anywhere in a body",
    options: ["--type", "api_key", "--in", "body"],
    sees: ({ body }) => assert.equal(body, SECRET),
  },
];

Deno.test("whatever place a credential has, the code for curl and the tool put the real key there, and nothing else", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  for (const { name, options, value = SECRET } of CASES) {
    await home.ok("add", name, ...options, "--value", value, "--hosts", api.host);
  }
  await using mcp = await McpProcess.start(home);
  const url = `http://${api.host}/p?a=1`;
  for (const { name, sees } of CASES) {
    const how = await mcp.ok("wispkey_how_to_call", { url, credential: name });
    assert.equal(how.fits, true, name);
    assert.equal(how.alternatives.length, CASES.length - 1);
    const before = api.seen.length;
    const curl = await new Deno.Command("sh", { args: ["-c", how.snippets.curl] }).output();
    assert.equal(new TextDecoder().decode(curl.stdout), '{"ok":true}', `${name}: ${how.snippets.curl}`);
    const answer = await mcp.ok("wispkey_request", { url, credential: name });
    assert.equal(answer.status, 200, name);
    const seen = api.seen.slice(before);
    assert.equal(seen.length, 2, name);
    for (const each of seen) {
      sees(each);
      assert.ok(each.url.startsWith("/p?a=1"), name);
      assert.ok(!JSON.stringify(each).includes(how.token), `${name}: no token goes out`);
    }
  }
});

Deno.test("a credential for messages over a WebSocket gets no code, and is not put into a request", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--type", "api_key", "--in", "ws", "--value", SECRET, "--hosts", api.host);
  await using mcp = await McpProcess.start(home);
  const url = `http://${api.host}/`;
  const how = await mcp.ok("wispkey_how_to_call", { url });
  assert.equal(how.snippets, null);
  assert.ok(how.notes.some((note: string) => note.includes("WebSocket")));
  assert.match(await mcp.fails("wispkey_request", { url, credential: "k" }), /code: body_token/);
  assert.equal(api.seen.length, 0);
});

Deno.test("for a host that no credential may go to, it says so, gives no token, and writes the command that would allow it", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "k", "--value", SECRET, "--hosts", "api.example.com");
  await using mcp = await McpProcess.start(home);
  const nobody = await mcp.ok("wispkey_how_to_call", { url: "https://other.example/x" });
  assert.deepEqual([nobody.fits, nobody.credential, nobody.token, nobody.snippets], [
    false,
    null,
    null,
    null,
  ]);
  assert.match(nobody.notes[0], /wispkey add NAME --hosts other\.example/);
  const forced = await mcp.ok("wispkey_how_to_call", { url: "https://other.example/x", credential: "k" });
  assert.equal(forced.fits, false);
  assert.match(forced.notes[0], /'k' may not go there/);
  for (const url of ["nonsense", "ftp://h/", "https://u:p@h/", ""]) {
    assert.match(await mcp.fails("wispkey_how_to_call", { url }), /invalid_url|Invalid arguments/);
  }
  const known = await mcp.ok("wispkey_how_to_call", { url: "https://api.openai.com/v1/models" });
  assert.equal(known.base_url_variable, "OPENAI_BASE_URL");
});
