import assert from "node:assert/strict";
import { checkCaller } from "../../../src/proxy/steps/check_caller.ts";
import { route } from "../../../src/proxy/steps/route.ts";
import { contextOf, fakeServices } from "../fakes.ts";

const OURS: [string, string] = ["Host", "127.0.0.1:7700"];

function routed(target: string, headers: [string, string][]) {
  const context = contextOf("GET", target, headers);
  const answer = route(context, fakeServices());
  assert.equal(answer, undefined);
  return context;
}

function refusalOf(target: string, headers: [string, string][], method = "GET") {
  try {
    route(contextOf(method, target, headers), fakeServices());
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error, String(error));
    return { code: error.code, status: "status" in error ? error.status : undefined };
  }
  return { code: undefined, status: undefined };
}

Deno.test("all three modes find the same target", () => {
  const modes: [string, string, [string, string][]][] = [
    ["absolute", "https://api.test/v1/x?y=1", [["Host", "api.test"]]],
    ["x-target-url", "/", [OURS, ["x-target-URL", "https://api.test/v1/x?y=1"]]],
    ["base-url", "/to/https/api.test/v1/x?y=1", [OURS]],
  ];
  for (const [mode, target, headers] of modes) {
    const context = routed(target, headers);
    assert.equal(context.mode, mode);
    assert.deepEqual(context.target, {
      scheme: "https",
      host: "api.test",
      port: 443,
      path: "/v1/x",
      query: "?y=1",
      authority: "api.test",
    });
  }
});

Deno.test("X-Target-Url wins over every other way, and is not passed on", () => {
  for (const target of ["/", "/to/https/other.test/", "http://other.test/", "/health"]) {
    const host: [string, string] = target.startsWith("http") ? ["Host", "other.test"] : OURS;
    const context = routed(target, [host, ["X-Target-Url", "http://api.test/x"], ["A", "b"]]);
    assert.equal(context.target.host, "api.test");
    assert.deepEqual(context.fields.map(({ lower }) => lower), ["host", "a"]);
  }
});

Deno.test("a target that cannot be meant is a bad target", () => {
  const bad = [
    "",
    "api.test",
    "ftp://api.test/",
    "file:///x",
    "https://u@api.test/",
    "https://api.openai.com:x@evil.test/",
    "https:///x",
  ];
  for (const url of bad) assert.equal(refusalOf("/", [OURS, ["X-Target-Url", url]]).code, "bad_target", url);
  assert.deepEqual(
    refusalOf("/", [OURS, ["X-Target-Url", "http://a.test/"], ["x-target-url", "http://a.test/"]]),
    { code: "bad_target", status: 400 },
  );
  for (
    const path of [
      "/to/",
      "/to/https",
      "/to/https/",
      "/to/ftp/a.test/",
      "/to/https/u@a.test/",
      "/to/https//x",
    ]
  ) {
    assert.equal(refusalOf(path, [OURS]).code, "bad_target", path);
  }
  for (const target of ["ftp://a.test/", "a.test:443", "https://u:p@a.test/", "http://a.test/#f"]) {
    assert.equal(refusalOf(target, [["Host", "a.test"]]).code, "bad_target", target);
  }
});

Deno.test("our own address is a loop in every mode and spelling", () => {
  const own = [
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "localhost",
    "localhost.",
    "x.localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
  ];
  for (const host of own) {
    assert.deepEqual(refusalOf("/", [OURS, ["X-Target-Url", `http://${host}:7700/x`]]), {
      code: "loop",
      status: 508,
    }, host);
    assert.deepEqual(refusalOf(`/to/http/${host}:7700/x`, [OURS]), { code: "loop", status: 508 }, host);
    assert.deepEqual(refusalOf(`http://${host}:7700/x`, [["Host", `${host}:7700`]]), {
      code: "loop",
      status: 508,
    }, host);
  }
  assert.equal(routed("/to/http/127.0.0.1:7701/", [OURS]).target.port, 7701);
});

Deno.test("Host must be ours, or in absolute form the URL's", () => {
  for (const host of ["127.0.0.1:7700", "localhost:7700", "LOCALHOST:7700", "[::1]:7700"]) {
    assert.equal(routed("/to/http/a.test/", [["Host", host]]).target.host, "a.test");
  }
  for (
    const host of [
      "evil.test",
      "evil.test:7700",
      "127.0.0.1",
      "127.0.0.1:80",
      "localhost.evil.test:7700",
      "a.localhost:7700",
      "",
    ]
  ) {
    const foreign = { code: "foreign_host", status: 421 };
    assert.deepEqual(refusalOf("/to/http/a.test/", [["Host", host]]), foreign, host);
    assert.deepEqual(refusalOf("/", [["Host", host], ["X-Target-Url", "http://a.test/"]]), foreign, host);
    assert.deepEqual(refusalOf("/health", [["Host", host]]), foreign, host);
  }
  for (const host of ["a.test", "A.TEST", "a.test:80", "a.test."]) {
    assert.equal(routed("http://a.test/", [["Host", host]]).target.host, "a.test");
  }
  for (const host of ["b.test", "a.test:81", "127.0.0.1:7700", "a.test@b.test"]) {
    assert.deepEqual(
      refusalOf("http://a.test/", [["Host", host]]),
      { code: "foreign_host", status: 421 },
      host,
    );
  }
});

Deno.test("what is asked of ourselves is answered by ourselves", () => {
  const health = route(contextOf("GET", "/health?x"), fakeServices());
  assert.ok(health);
  assert.deepEqual(JSON.parse(new TextDecoder().decode(health.body)), { ok: true, locked: false });
  assert.equal(route(contextOf("OPTIONS", "*"), fakeServices())?.status, 204);
  for (
    const [method, target] of [["GET", "/"], ["POST", "/health"], ["GET", "/to"], ["GET", "/api/tokens"], [
      "GET",
      "*",
    ]] as const
  ) {
    assert.deepEqual(refusalOf(target, [OURS], method), { code: "no_target", status: 404 }, target);
  }
  // A proxied host's own /health is that host's.
  assert.equal(routed("http://a.test/health", [["Host", "a.test"]]).target.path, "/health");
});

Deno.test("web pages and TRACE are refused before anything is looked at", () => {
  const refused = (method: string, ...headers: [string, string][]): unknown => {
    try {
      checkCaller(contextOf(method, "/to/https/a.test/", [OURS, ...headers]), fakeServices());
      return null;
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error && "status" in error);
      return [error.status, error.code];
    }
  };
  assert.deepEqual(refused("GET", ["Origin", "https://evil.test"]), [403, "browser_refused"]);
  assert.deepEqual(refused("POST", ["origin", "null"]), [403, "browser_refused"]);
  assert.deepEqual(refused("OPTIONS", ["Origin", "http://127.0.0.1:7700"]), [403, "browser_refused"]);
  for (const site of ["cross-site", "same-site", "same-origin"]) {
    assert.deepEqual(refused("GET", ["Sec-Fetch-Site", site]), [403, "browser_refused"]);
  }
  assert.deepEqual(refused("TRACE"), [405, "method_refused"]);
  assert.equal(refused("CONNECT"), null);
  assert.equal(refused("GET", ["Sec-Fetch-Mode", "cors"]), null);
  assert.equal(refused("DELETE"), null);
});
