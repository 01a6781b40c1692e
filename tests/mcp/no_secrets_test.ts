import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../src/core/bytes.ts";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { Api, Home } from "../e2e/harness.ts";
import { HttpProcess } from "./http_server.ts";
import { called, McpProcess } from "./support.ts";

const CASES = Math.min(300, Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? "40"));
const seed = Deno.env.get("WISPKEY_FUZZ_SEED");
const SETTINGS = { numRuns: CASES, ...(seed === undefined ? {} : { seed: Number(seed) }) };

/** Spellings in which a secret may not be found. */
function spellings(secret: string): string[] {
  const bytes = utf8(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, json, bytes.toHex(), bytes.toBase64(), encodeURIComponent(secret)])];
}

const TYPES = ["bearer_token", "api_key", "basic_auth"] as const;

/** Values of 16 characters and more, which nothing else can hold by chance. */
const secrets = fc.string({ unit: "grapheme-ascii", minLength: 16, maxLength: 60 })
  .map((text) => `${crypto.randomUUID()}${text.replaceAll(/[^\x21-\x7e]/g, "x")}`);
const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((name) =>
    name === name.trim() && !/^-|[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u.test(name) &&
    name.isWellFormed()
  );
const texts = fc.string({ unit: "grapheme", maxLength: 80 });

interface Entry {
  name: string;
  type: typeof TYPES[number];
  secret: string;
  description: string;
  tags: string[];
  anywhere: boolean;
}

const entries: fc.Arbitrary<Entry[]> = fc.uniqueArray(
  fc.record({
    name: names,
    type: fc.constantFrom(...TYPES),
    secret: secrets,
    description: texts,
    tags: fc.array(texts, { maxLength: 3 }),
    anywhere: fc.boolean(),
  }),
  { minLength: 6, maxLength: 10, selector: ({ name }) => name.normalize("NFC") },
);

/** A call of any tool, prompt or resource, with arguments that make sense and such that do not. */
function calls(
  known: readonly string[],
  urls: readonly string[],
): fc.Arbitrary<{ name: string; args: Record<string, unknown> }> {
  const name = fc.oneof(fc.constantFrom(...known), texts);
  const url = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...urls) },
    fc.webUrl({ withQueryParameters: true }),
    texts,
  );
  const anything = fc.jsonValue({ maxDepth: 2 });
  const tool = (tool: string, args: fc.Arbitrary<Record<string, unknown>>) =>
    fc.record({ name: fc.constant(tool), args });
  return fc.oneof(
    tool("wispkey_list", fc.record({ tag: texts, query: texts, project: texts }, { requiredKeys: [] })),
    tool("wispkey_get_token", fc.record({ name })),
    tool("wispkey_how_to_call", fc.record({ url, credential: name }, { requiredKeys: ["url"] })),
    tool(
      "wispkey_request",
      fc.record({
        url,
        credential: name,
        body: texts,
        max_bytes: fc.integer({ min: 1, max: 64 }),
        method: fc.constantFrom("GET", "POST", "PUT"),
      }, { requiredKeys: ["url"] }),
    ),
    tool("wispkey_explain_denial", fc.record({ request_id: fc.constant("req_000000000000000000") })),
    tool("wispkey_proxy_status", fc.constant({})),
    tool("wispkey_project_list", fc.constant({})),
    tool("wispkey_request_access", fc.record({ url, credential: name, reason: texts })),
    fc.record({
      name: fc.constantFrom("wispkey_list", "wispkey_request", "wispkey_get_token", "nothing"),
      args: fc.dictionary(texts, anything),
    }),
    fc.record({ name: fc.constantFrom("resource", "prompt"), args: fc.record({ path: texts }) }),
  );
}

/** Answers with everything it was sent, in several spellings. */
function echo(request: Request): Response {
  const fields = [...request.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const keys = request.headers.get("authorization") ?? "";
  return new Response(`${request.url}\n${fields}\n${JSON.stringify(keys)}\n${btoa(keys)}`, {
    status: 418,
    headers: { "X-Echo": keys },
  });
}

Deno.test("whatever the vault holds and whatever is called, no message, log line or error of the server holds a secret", async () => {
  await using home = await Home.withVault();
  await using api = new Api(echo);
  const [vault = []] = fc.sample(entries, {
    numRuns: 1,
    ...(seed === undefined ? {} : { seed: Number(seed) }),
  });
  const daemon = await connectDaemon(home.vault);
  assert.ok(daemon !== null);
  for (const { name, type, secret, description, tags, anywhere } of vault) {
    const value = type === "basic_auth" ? `user:${secret}` : secret;
    await daemon.call("credential.add", {
      name,
      description,
      type,
      place: null,
      hosts: anywhere ? ["*", api.host] : [api.host],
      tags,
      project: "default",
      partition: "personal",
    }, utf8(value));
  }
  const forbidden = vault.flatMap(({ secret }) => [...spellings(secret), ...spellings(`user:${secret}`)]);
  forbidden.push(home.password);
  const check = (text: string) => {
    for (const secret of forbidden) {
      assert.ok(!text.includes(secret), `found ${secret} in ${text.slice(0, 500)}`);
    }
  };
  const known = vault.map(({ name }) => name);
  const urls = [`http://${api.host}/a?b=c`, `http://${api.host}`, "https://127.0.0.1:9/x"];

  await using stdio = await McpProcess.start(home, { env: { WISPKEY_LOG: "debug" } });
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(calls(known, urls), async ({ name, args }) => {
      try {
        if (name === "resource") {
          for (const uri of ["wispkey://credentials", "wispkey://policies"]) {
            check(JSON.stringify(await stdio.client.readResource({ uri })));
          }
        } else if (name === "prompt") {
          check(
            JSON.stringify(
              await stdio.client.getPrompt({ name: "migrate-from-env", arguments: args as { path: string } }),
            ),
          );
        } else {
          const answer = await stdio.client.callTool({ name, arguments: args });
          const { text, structured } = called(answer);
          if (structured?.status === 418) reached++;
          check(JSON.stringify(answer));
          check(text);
        }
      } catch (error) {
        check(String(error instanceof Error ? `${error.message} ${JSON.stringify(error)}` : error));
      }
    }),
    SETTINGS,
  );
  // Each credential is really used once, so that there is something to be found.
  for (const name of known) {
    const answer = await stdio.call("wispkey_request", { url: urls[0] ?? "", credential: name });
    assert.equal(answer.structured?.status, 418, answer.text);
    check(answer.text);
    check(JSON.stringify(answer.structured));
    reached++;
  }
  assert.ok(reached >= known.length);
  const sent = api.seen.map(({ headers }) => headers.authorization ?? "");
  for (const { type, secret } of vault) {
    const real = type === "basic_auth" ? btoa(`user:${secret}`) : secret;
    assert.ok(sent.some((value) => value.includes(real)), "the real value reached the server");
  }
  daemon.close();
  const lines = [...stdio.stdout];
  const { stderr } = await stdio.end();
  check(lines.join("\n"));
  check(stderr);

  await using http = await HttpProcess.start(home);
  for (const name of known.slice(0, 3)) {
    const params = { name: "wispkey_request", arguments: { url: urls[0], credential: name } };
    const answer = await http.post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }));
    check(await answer.text());
  }
  const ended = await http.end();
  check(ended.stdout + ended.stderr);
});
