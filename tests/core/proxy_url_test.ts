import assert from "node:assert/strict";
import fc from "fast-check";
import { FUZZ_CASES } from "./fuzz.ts";
import { formatProxyUrl, parseProxyUrl, showProxyUrl } from "../../src/core/proxy_url.ts";

Deno.test("addresses of upstream proxies are read with their defaults", () => {
  assert.deepEqual(parseProxyUrl("HTTP://Proxy.Example.com"), {
    scheme: "http",
    host: "proxy.example.com",
    port: 80,
    user: null,
    password: "",
  });
  assert.equal(parseProxyUrl("https://p.test")?.port, 443);
  assert.equal(parseProxyUrl("socks5://p.test/")?.port, 1080);
  assert.equal(parseProxyUrl("socks5h://[::1]:9050")?.host, "::1");
  const login = parseProxyUrl("http://us%40er:p%3Aa%2Fs%25s@p.test:3128");
  assert.deepEqual([login?.user, login?.password], ["us@er", "p:a/s%s"]);
});

Deno.test("what is no address of a proxy is refused", () => {
  for (
    const text of [
      "",
      "p.test:3128",
      "ftp://p.test",
      "socks4://p.test",
      "http://",
      "http://p.test:0",
      "http://p.test:99999",
      "http://p.test/path",
      "http://p.test?x",
      "http://a@b@p.test",
      "http://:pw@p.test",
      "http://us%3Aer:pw@p.test",
      "http://user:p%0d%0aw@p.test",
      "http://user:%zz@p.test",
      `http://${"u".repeat(256)}@p.test`,
      "http://p.test\r\nX: y",
      "http://p test",
    ]
  ) assert.equal(parseProxyUrl(text), null, text);
});

Deno.test("any name and password survive being written, and neither is shown", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .filter((each) => each.isWellFormed() && !/\p{Cc}/u.test(each));
  fc.assert(fc.property(text.filter((each) => !each.includes(":")), text, (user, password) => {
    const url = { scheme: "http" as const, host: "p.test", port: 3128, user, password };
    assert.deepEqual(parseProxyUrl(formatProxyUrl(url)), url);
    assert.equal(showProxyUrl(url), "http://***@p.test:3128");
  }));
});

Deno.test("no text makes the parser throw, and what it takes is canonical", () => {
  const piece = fc.constantFrom(
    "http",
    "socks5",
    "://",
    "@",
    ":",
    "p.test",
    "[::1]",
    "80",
    "%",
    "%40",
    "/",
    "?",
    "#",
    "u",
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""))),
      (given) => {
        const parsed = parseProxyUrl(given);
        if (parsed !== null) assert.deepEqual(parseProxyUrl(formatProxyUrl(parsed)), parsed);
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});
