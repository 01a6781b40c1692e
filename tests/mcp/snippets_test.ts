import assert from "node:assert/strict";
import fc from "fast-check";
import { parsePlace } from "../../src/core/place.ts";
import type { Spot } from "../../src/core/sightings.ts";
import { usageAt } from "../../src/core/placement.ts";
import { isBodySlot, type Slot, usualSlot } from "../../src/core/usual_slot.ts";
import { type CallPlan, withToken } from "../../src/mcp/call_plan.ts";
import { baseUrlOf, snippetsFor, throughProxy } from "../../src/mcp/snippets.ts";
import { Api } from "../e2e/harness.ts";

const TOKEN = "wk_k_0123456789abcdef";
const PLAIN: CallPlan = { method: "GET", url: "https://api.example.com/v1?a=1", headers: [], body: null };

/** Which programs there are to run snippets with. */
async function has(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const PROGRAMS: [keyof ReturnType<typeof snippetsFor>, string, (code: string) => string[]][] = [
  ["curl", "sh", (code) => ["-c", code]],
  ["python", "python3", (code) => ["-c", code]],
  ["node", "node", (code) => ["--input-type=module", "-e", code]],
];
const present = await Promise.all(PROGRAMS.map(([kind, program]) => has(kind === "curl" ? "curl" : program)));

for (const [i, [kind, program, args]] of PROGRAMS.entries()) {
  Deno.test({
    name: `code for ${kind} sends what the plan says, whatever stands in it`,
    ignore: !present[i],
    fn: async () => {
      await using api = new Api();
      const port = Number(api.host.split(":")[1]);
      const awkward = `it's "quoted" $(id) \`id\` \\ $HOME %s {a,b} [1-2] é 😀 \u2028 end`;
      const plans: CallPlan[] = [
        withToken(PLAIN, { in: "header", name: "Authorization", scheme: "Bearer" }, TOKEN),
        withToken({ ...PLAIN, url: new URL("https://h.example/p/[x]/{y}'\"$(id)?q='`id`&r=é").href }, {
          in: "query",
          name: "it's $k",
        }, TOKEN),
        { method: "PATCH", url: PLAIN.url, headers: [["X-A", 'it\'s "$(id)" \\ %']], body: awkward },
        withToken(PLAIN, { in: "body_json", pointer: "/a~1b/c'\"" }, TOKEN),
        withToken(PLAIN, { in: "form", field: "f'&$" }, TOKEN),
      ];
      for (const plan of plans) {
        const code = snippetsFor(plan, port)[kind];
        const { code: exit, stderr } = await new Deno.Command(program, { args: args(code), stdout: "null" })
          .output();
        assert.equal(exit, 0, `${code}\n${new TextDecoder().decode(stderr)}`);
        const seen = api.last;
        assert.equal(seen?.method, plan.method);
        const { pathname, search } = new URL(plan.url);
        assert.equal(seen.url, `/to/https/${new URL(plan.url).host}${pathname}${search}`);
        for (const [name, value] of plan.headers) assert.equal(seen.headers[name.toLowerCase()], value);
        assert.equal(seen.body, plan.body ?? "");
      }
    },
  });
}

Deno.test("a URL led through the proxy keeps host, port, path and query, and cannot leave its place", () => {
  assert.equal(
    throughProxy("https://api.example.com:8443/a?b", 7700),
    "http://localhost:7700/to/https/api.example.com:8443/a?b",
  );
  assert.equal(throughProxy("http://[::1]:80/", 1), "http://localhost:1/to/http/[::1]/");
  assert.equal(
    baseUrlOf("https://api.openai.com/v1/x", 7700),
    "http://localhost:7700/to/https/api.openai.com",
  );
  fc.assert(fc.property(fc.webUrl({ withQueryParameters: true }), (url) => {
    const parsed = new URL(url);
    assert.ok(
      throughProxy(parsed.href, 1).startsWith(
        `http://localhost:1/to/${parsed.protocol.slice(0, -1)}/${parsed.host}/`,
      ),
    );
  }));
});

Deno.test("the usual place of every kind of credential is one that the proxy lets through", () => {
  const places = [
    null,
    "header:X-Key",
    "query:k",
    "basic:user",
    "basic:password",
    "body:/a/b",
    "form:f",
    "body",
    "ws",
  ]
    .map((text) => text === null ? null : parsePlace(text));
  const hosts = [
    "api.example.com",
    "api.openai.com",
    "api.anthropic.com",
    "api.mailgun.net",
    "api.stripe.com",
    "gitlab.com",
  ];
  for (const host of hosts) {
    for (const place of places) {
      for (const type of ["bearer_token", "api_key", "basic_auth"] as const) {
        if (place !== null && (type === "bearer_token" || (type === "basic_auth" && place.in !== "basic"))) {
          continue;
        }
        const slot = usualSlot({ type, place }, host);
        assert.ok(slot !== null);
        assert.notEqual(
          usageAt({ type, place }, host, spotOf(slot)),
          null,
          `${type} ${JSON.stringify(place)} at ${host}`,
        );
      }
    }
  }
  assert.equal(usualSlot({ type: "custom_header", place: null }, "a.example"), null);
});

function spotOf(slot: Slot): Spot {
  switch (slot.in) {
    case "header":
      return {
        in: "header",
        name: slot.name.toLowerCase(),
        scheme: slot.scheme?.toLowerCase() ?? null,
        whole: true,
      } as Spot;
    case "query":
      return { in: "query", name: slot.name, whole: true } as Spot;
    case "basic":
      return { in: "basic", part: slot.part } as Spot;
    case "body_json":
      return { in: "body_json", pointer: slot.pointer } as Spot;
    case "form":
      return { in: "form", field: slot.field } as Spot;
    case "body":
      return { in: "body" } as Spot;
    case "ws":
      return { in: "message" } as Spot;
  }
}

Deno.test("a token takes its place, and what stood there goes; in a body or message that is there it is refused", () => {
  const headers: [string, string][] = [["authorization", "old"], ["X-A", "1"]];
  const bearer = withToken(
    { ...PLAIN, headers },
    { in: "header", name: "Authorization", scheme: "Bearer" },
    TOKEN,
  );
  assert.deepEqual(bearer.headers, [["X-A", "1"], ["Authorization", `Bearer ${TOKEN}`]]);
  const query = withToken({ ...PLAIN, url: "https://h/p?k=old&a=1" }, { in: "query", name: "k" }, TOKEN);
  assert.equal(query.url, `https://h/p?k=${TOKEN}&a=1`);
  const basic = withToken(PLAIN, { in: "basic", part: "user" }, TOKEN);
  assert.deepEqual(basic.headers, [["Authorization", `Basic ${btoa(`${TOKEN}:`)}`]]);
  const json = withToken(PLAIN, { in: "body_json", pointer: "/__proto__/x" }, TOKEN);
  assert.equal(json.body, `{"__proto__":{"x":"${TOKEN}"}}`);
  assert.equal(json.method, "POST");
  assert.equal(withToken(PLAIN, { in: "body_json", pointer: "" }, TOKEN).body, `"${TOKEN}"`);
  assert.throws(() => withToken({ ...PLAIN, body: "x" }, { in: "form", field: "f" }, TOKEN), {
    code: "body_token",
  });
  assert.throws(() => withToken(PLAIN, { in: "ws" }, TOKEN), { code: "body_token" });
  assert.ok(isBodySlot({ in: "form", field: "f" }) && isBodySlot({ in: "ws" }));
  assert.ok(!isBodySlot({ in: "query", name: "k" }) && !isBodySlot({ in: "basic", part: "user" }));
});
