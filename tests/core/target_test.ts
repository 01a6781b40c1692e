import assert from "node:assert/strict";
import fc from "fast-check";
import { isSelf, parseTarget, targetOf } from "../../src/core/target.ts";

Deno.test("a target keeps path and query as they were written and normalises the rest", () => {
  assert.deepEqual(parseTarget("HTTPS://API.Example.COM.:443/A/../b%2f//?x=%7B{|}&y#".replace("#", "")), {
    scheme: "https",
    host: "api.example.com",
    port: 443,
    path: "/A/../b%2f//",
    query: "?x=%7B{|}&y",
    authority: "api.example.com",
  });
  assert.deepEqual(parseTarget("http://[0:0::1]:8080?q"), {
    scheme: "http",
    host: "::1",
    port: 8080,
    path: "/",
    query: "?q",
    authority: "[::1]:8080",
  });
  assert.equal(parseTarget("http://0x7f.1").authority, "127.0.0.1");
  assert.equal(targetOf("http", "a.test", "?q").path, "/");
});

Deno.test("whatever could be read in two ways is no target", () => {
  const bad = [
    "",
    "a.test",
    "/path",
    "//a.test/",
    "ftp://a.test/",
    "file:///etc/passwd",
    "javascript://a",
    "https://",
    "https:///x",
    "https://@a.test/",
    "https://api.openai.com@evil.test/",
    "https://api.openai.com:x@evil.test/",
    "https://a.test:0/",
    "https://a.test:99999/",
    "https://a.test:/",
    "https://a.test:8a/",
    "https://a.test/#f",
    "https://a.test#f",
    "https://a.test\\@evil.test/",
    "https://a.test/x\\y",
    "https://a test/",
    "https://a.test/ x",
    "https://a.test/\n",
    "https://a.test/\u0000",
    "https://bücher.de/",
    "https://a%2etest/",
    "https://a..test/",
    "https://[::1/",
    "https://[::1]x/",
    "https://::1/",
    " https://a.test/",
    "https://a.test/\u0100",
  ];
  for (const text of bad) {
    assert.throws(() => parseTarget(text), { code: "bad_target" }, JSON.stringify(text));
  }
});

Deno.test("property: host and port agree with the URL parser", () => {
  fc.assert(
    fc.property(
      fc.webUrl({ withQueryParameters: true }),
      fc.option(fc.integer({ min: 1, max: 65535 })),
      (text, port) => {
        const url = new URL(text);
        if (port !== null) url.port = String(port);
        const target = parseTarget(url.href);
        assert.equal(target.host, url.hostname);
        assert.equal(String(target.port), url.port || (url.protocol === "https:" ? "443" : "80"));
        assert.equal(target.authority, url.host);
        assert.equal(target.path + target.query, url.href.slice(url.origin.length));
      },
    ),
  );
});

Deno.test("our own listener is known in every spelling, other ports and hosts are not", () => {
  const own = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.0.0.1",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:0.0.0.0]",
    "localhost",
    "LOCALHOST.",
    "x.localhost",
    "127.8.8.8",
    "0",
  ];
  for (const host of own) {
    assert.ok(isSelf(parseTarget(`http://${host}:7700/`), { port: 7700 }), host);
    assert.ok(!isSelf(parseTarget(`http://${host}:7701/`), { port: 7700 }), host);
  }
  for (const host of ["10.0.0.1", "example.com", "localhost.evil.test", "[2606:4700::1]"]) {
    assert.ok(!isSelf(parseTarget(`http://${host}:7700/`), { port: 7700 }), host);
  }
});
