import assert from "node:assert/strict";
import { type RequestParts, sightTokens, type Spot } from "../../src/core/sightings.ts";

const TOKEN = "wk_key_0123456789abcdef";
const keyring = {
  tokenLengths: [TOKEN.length],
  find: (token: string) => ({ kind: token === TOKEN ? "live" : "unknown" }),
};
const lockedKeyring = { tokenLengths: [], find: () => ({ kind: "unknown" }) };

function request(
  parts: Partial<Omit<RequestParts, "headers">> & { headers?: [string, string][] },
): RequestParts {
  const { headers = [], ...rest } = parts;
  const fields = headers.map(([name, value]) => ({ name, lower: name.toLowerCase(), value }));
  return { method: "GET", host: "a.test", path: "/", query: "", ...rest, headers: fields };
}

const spots = (parts: Parameters<typeof request>[0]): Spot[] =>
  sightTokens(request(parts), keyring).found.map(({ spot }) => spot);

Deno.test("a token in a header is told with its name, its scheme and whether it is all of the value", () => {
  const cases: [string, { whole: boolean; scheme: string | null }][] = [
    [TOKEN, { whole: true, scheme: null }],
    [`Bearer ${TOKEN}`, { whole: true, scheme: "bearer" }],
    [`bEaReR ${TOKEN}`, { whole: true, scheme: "bearer" }],
    [`Bearer  ${TOKEN}`, { whole: false, scheme: null }],
    [`Basic ${TOKEN}`, { whole: true, scheme: "basic" }],
    [`${TOKEN}x`, { whole: false, scheme: null }],
    [`x${TOKEN}`, { whole: false, scheme: null }],
    [`a b ${TOKEN}`, { whole: false, scheme: null }],
    [`Bearer ${TOKEN} `, { whole: false, scheme: null }],
    [`token="${TOKEN}"`, { whole: false, scheme: null }],
  ];
  for (const [value, form] of cases) {
    assert.deepEqual(spots({ headers: [["X-A", "1"], ["Authorization", value]] }), [
      { in: "header", index: 1, name: "authorization", ...form },
    ], value);
  }
});

Deno.test("the Base64 of Basic is looked into, in any alphabet and with or without padding", () => {
  const pair = (text: string) => btoa(text);
  const cases: [string, string][] = [
    [pair(`user:${TOKEN}`), "password"],
    [pair(`user:${TOKEN}`).replaceAll("=", ""), "password"],
    [pair(`us\u00ffr??:${TOKEN}`).replaceAll("+", "-").replaceAll("/", "_"), "password"],
    [pair(`${TOKEN}:`), "user"],
    [pair(TOKEN), "user"],
    [pair(`:${TOKEN}`), "password"],
    [pair(`user:x${TOKEN}`), "inside"],
    [pair(`user:${TOKEN}:x`), "inside"],
    [pair(`${TOKEN}x:y`), "inside"],
  ];
  for (const [value, part] of cases) {
    const [spot] = spots({ headers: [["Authorization", `bAsIc ${value}`]] });
    assert.ok(spot?.in === "basic", value);
    assert.equal(spot.part, part, value);
  }
  assert.deepEqual(spots({ headers: [["Authorization", "Basic !!!"]] }), []);
  assert.deepEqual(spots({ headers: [["X-Other", `Basic ${pair(`u:${TOKEN}`)}`]] }), [
    { in: "elsewhere", what: "the header x-other, hidden by Base64" },
  ]);
});

Deno.test("a token in a query is told with its parameter", () => {
  const cases: [string, Spot][] = [
    [`?key=${TOKEN}`, { in: "query", name: "key", whole: true }],
    [`?a=1&key=${TOKEN}&b=2`, { in: "query", name: "key", whole: true }],
    [`?a%5Bb%5D+c=${TOKEN}`, { in: "query", name: "a[b] c", whole: true }],
    [`?key=x${TOKEN}`, { in: "query", name: "key", whole: false }],
    [`?key=${TOKEN}%20`, { in: "query", name: "key", whole: false }],
    [`?key==${TOKEN}`, { in: "query", name: "key", whole: false }],
    [`?a=1;key=${TOKEN}`, { in: "elsewhere", what: "the query, after ';'" }],
    [`?a=${TOKEN};key=1`, { in: "query", name: "a", whole: false }],
    [`?${TOKEN}=1`, { in: "elsewhere", what: "a query parameter's name" }],
    [`?${TOKEN}`, { in: "elsewhere", what: "a query parameter's name" }],
    [`?${TOKEN}&a=b`, { in: "elsewhere", what: "a query parameter's name" }],
    [`?%ff=${TOKEN}`, { in: "query", name: "%ff", whole: true }],
  ];
  for (const [query, spot] of cases) assert.deepEqual(spots({ query }), [spot], query);
});

Deno.test("a token where no secret may ever stand is told as such", () => {
  const cases: [Parameters<typeof request>[0], string][] = [
    [{ path: `/x/${TOKEN}/y` }, "the path"],
    [{ host: `${TOKEN}.evil.test` }, "the host"],
    [{ method: TOKEN }, "the method"],
    [{ headers: [[TOKEN, "1"]] }, "a header name"],
    [{ headers: [["Proxy-Authorization", `Bearer ${TOKEN}`]] }, "the header proxy-authorization"],
  ];
  for (const [parts, what] of cases) assert.deepEqual(spots(parts), [{ in: "elsewhere", what }], what);
});

Deno.test("every token of a request is found", () => {
  const found = spots({
    query: `?a=${TOKEN}&b=${TOKEN}`,
    path: `/${TOKEN}`,
    headers: [["Authorization", `Bearer ${TOKEN}`], ["Cookie", `a=${TOKEN}; b=${TOKEN}`]],
  });
  assert.equal(found.length, 6);
});

Deno.test("an unknown token is suspect only where a credential would stand", () => {
  const suspect = (parts: Parameters<typeof request>[0], ring = keyring, any = false) =>
    sightTokens(request(parts), ring, any).suspect;
  assert.equal(suspect({ headers: [["Authorization", "Bearer wk_gone"]] }), "the header authorization");
  assert.equal(suspect({ headers: [["Authorization", "wk_gone"]] }), "the header authorization");
  assert.equal(
    suspect({ headers: [["Authorization", `Basic ${btoa("u:wk_gone")}`]] }),
    "the header authorization (Basic)",
  );
  assert.equal(suspect({ headers: [["X-Api-Key", "wk_gone"]] }), "the header x-api-key");
  assert.equal(suspect({ query: "?q=1&api_key=wk_gone" }), "the query parameter api_key");
  for (
    const harmless of [
      { headers: [["User-Agent", "wk_agent"]] as [string, string][] },
      { headers: [["Authorization", "Bearer WK_NOT"]] as [string, string][] },
      { headers: [["Authorization", "Bearer wk_a-b.c"]] as [string, string][] },
      { headers: [["X-Weird", TOKEN.replace("key", "other")]] as [string, string][] },
      { path: "/wk_path" },
      { query: "?q=wk_word" },
    ]
  ) assert.equal(suspect(harmless), null, JSON.stringify(harmless));
});

Deno.test("while locked, whatever has the form of a minted token is suspect in any header or parameter", () => {
  const locked = (parts: Parameters<typeof request>[0]) =>
    sightTokens(request(parts), lockedKeyring, true).suspect;
  assert.equal(locked({ headers: [["X-Weird", TOKEN]] }), "the header x-weird");
  assert.equal(locked({ query: `?sig=${TOKEN}` }), "the query parameter sig");
  assert.equal(locked({ headers: [["X-Weird", "wk_word"]] }), null);
  assert.equal(locked({ headers: [["Accept", "*/*"]] }), null);
});
