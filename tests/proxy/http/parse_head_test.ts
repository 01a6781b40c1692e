import assert from "node:assert/strict";
import fc from "fast-check";
import { HttpError, latin1Bytes, parseRequestHead, parseResponseHead } from "../../../src/proxy/http/mod.ts";

function request(...lines: string[]) {
  return parseRequestHead(latin1Bytes(lines.join("\r\n") + "\r\n\r\n"));
}

function refuses(text: string, status = 400, code = "malformed_request"): void {
  assert.throws(
    () => parseRequestHead(latin1Bytes(text)),
    (error) => error instanceof HttpError && error.status === status && error.code === code,
    JSON.stringify(text),
  );
}

Deno.test("a request head is read with every byte of its values kept", () => {
  const head = request(
    "POST /a?b=%20c HTTP/1.1",
    "Host: example.test",
    "X-Raw:  \t \x80\xff\tin \t",
    "x-empty:",
  );
  assert.equal(head.method, "POST");
  assert.equal(head.target, "/a?b=%20c");
  assert.equal(head.version, "1.1");
  assert.deepEqual([...head.headers].map(({ name, lower, value }) => [name, lower, value]), [
    ["Host", "host", "example.test"],
    ["X-Raw", "x-raw", "\x80\xff\tin"],
    ["x-empty", "x-empty", ""],
  ]);
});

Deno.test("all four forms of a target are taken as they are", () => {
  for (const target of ["/", "http://a.test/x", "a.test:443", "*"]) {
    const method = target === "a.test:443" ? "CONNECT" : "OPTIONS";
    assert.equal(request(`${method} ${target} HTTP/1.1`, "Host: a").target, target);
  }
});

Deno.test("one empty line before a request is skipped, a second is not", () => {
  assert.equal(parseRequestHead(latin1Bytes("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")).method, "GET");
  refuses("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
});

Deno.test("a request line that is not exactly method, target and version is refused", () => {
  for (
    const line of [
      "GET  / HTTP/1.1",
      "GET /  HTTP/1.1",
      "GET / HTTP/1.1 ",
      " GET / HTTP/1.1",
      "GET\t/ HTTP/1.1",
      "GET /\tHTTP/1.1",
      "GET /",
      "GET",
      "",
      "GE T / HTTP/1.1",
      "G(T / HTTP/1.1",
      "GET /a b HTTP/1.1",
      "GET /\x00 HTTP/1.1",
      "GET /\x7f HTTP/1.1",
      "GET /\xfc HTTP/1.1",
      "GET a.test:443 HTTP/1.1",
      "GET path HTTP/1.1",
      "GET ?query HTTP/1.1",
      "GET http:/a HTTP/1.1",
      "GET http:///a HTTP/1.1",
      "GET / http/1.1",
      "GET / HTTP/1",
      "GET / HTTP/1.10",
      "GET / HTTP/ 1.1",
      "GET / HTTPS/1.1",
      "GET / XHTTP/1.1",
      `${"M".repeat(33)} / HTTP/1.1`,
    ]
  ) refuses(`${line}\r\nHost: a\r\n\r\n`);
});

Deno.test("other versions of HTTP are told from rubbish", () => {
  for (const version of ["2.0", "0.9", "1.2", "3.0"]) {
    refuses(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`, 505, "bad_version");
  }
});

Deno.test("field lines that could be read in two ways are refused", () => {
  for (
    const line of [
      "X: a\nY: b",
      "X: a\rY: b",
      "X: a\x00b",
      "X: a\x0bb",
      "X: a\x7fb",
      "X : a",
      "X\t: a",
      " X: a",
      "\tX: a",
      "X: a\r\n folded",
      "X: a\r\n\tfolded",
      ": a",
      "X",
      "X a: b",
      "X\xe4: b",
      "X@Y: b",
      "X: a\r",
      "\r",
      "\n",
    ]
  ) refuses(`GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`);
  refuses("GET / HTTP/1.1\r\nHost: a\r\n\r\nX: y\r\n\r\n");
  refuses("GET / HTTP/1.1\nHost: a\n\n");
  refuses("GET / HTTP/1.1\r\nHost: a\r\n");
  refuses("GET / HTTP/1.1\r\nHost: a\r\n\r");
  refuses("GET / HTTP/1.1\r\nHost: a");
  refuses("");
});

Deno.test("Host is there exactly once, and is a host", () => {
  refuses("GET / HTTP/1.1\r\n\r\n");
  refuses("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n");
  refuses("GET / HTTP/1.0\r\nHost: a\r\nHOST: b\r\n\r\n");
  for (const host of ["a b", "a,b", "user@a", "a/b", "a?b", "a#b", "a\\b"]) {
    refuses(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  }
  assert.equal(parseRequestHead(latin1Bytes("GET / HTTP/1.0\r\n\r\n")).version, "1.0");
  assert.equal(request("GET / HTTP/1.1", "Host: [::1]:7700").headers.get("host"), "[::1]:7700");
  assert.equal(request("GET / HTTP/1.1", "Host:").headers.get("host"), "");
});

Deno.test("too many fields and too long a target have statuses of their own", () => {
  const many = "X: y\r\n".repeat(256);
  refuses(`GET / HTTP/1.1\r\nHost: a\r\n${many}\r\n`, 431, "head_too_large");
  assert.equal(request("GET / HTTP/1.1", "Host: a", ...Array<string>(255).fill("X: y")).headers.size, 256);
  refuses(`GET /${"x".repeat(32 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n`, 414, "target_too_long");
});

Deno.test("an error never repeats what it refuses", () => {
  for (const text of ["GET /\x00wk_secret HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nwk_secret\r\n\r\n"]) {
    assert.throws(() => parseRequestHead(latin1Bytes(text)), (error) => !String(error).includes("wk_secret"));
  }
});

Deno.test("a response head is read, with or without a reason", () => {
  const head = parseResponseHead(latin1Bytes("HTTP/1.1 404 Not \xe9 Found\r\nA: b\r\n\r\n"));
  assert.deepEqual([head.status, head.reason, head.version, head.headers.get("a")], [
    404,
    "Not \xe9 Found",
    "1.1",
    "b",
  ]);
  assert.equal(parseResponseHead(latin1Bytes("HTTP/1.0 200 \r\n\r\n")).reason, "");
  assert.equal(parseResponseHead(latin1Bytes("HTTP/1.1 200\r\n\r\n")).status, 200);
});

Deno.test("a response head that is not one is refused", () => {
  for (
    const text of [
      "HTTP/1.1 099 X\r\n\r\n",
      "HTTP/1.1 20 X\r\n\r\n",
      "HTTP/1.1 2000 X\r\n\r\n",
      "HTTP/1.1  200 X\r\n\r\n",
      "HTTP/1.1 2x0 X\r\n\r\n",
      "HTTP/1.1 -20 X\r\n\r\n",
      "HTTP/1.1 200 X\rY\r\n\r\n",
      "HTTP/1.1 200 X\n\r\n",
      "HTTP/1.1\r\n\r\n",
      "ICY 200 OK\r\n\r\n",
      "",
      "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
    ]
  ) assert.throws(() => parseResponseHead(latin1Bytes(text)), HttpError, JSON.stringify(text));
});

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
const value = fc.stringMatching(
  /^([\x21-\x7e\x80-\xff]([\t \x21-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/,
);

Deno.test("whatever is made of proper parts is read back as these parts", () => {
  fc.assert(fc.property(
    token,
    fc.stringMatching(/^\/[\x21-\x7e]{0,40}$/),
    fc.array(fc.tuple(token.filter((name) => name.toLowerCase() !== "host"), value), { maxLength: 20 }),
    (method, target, fields) => {
      const head = request(
        `${method} ${target} HTTP/1.1`,
        "Host: a",
        ...fields.map(([n, v]) => `${n}:${v} `),
      );
      assert.equal(head.method, method);
      assert.equal(head.target, target);
      assert.deepEqual([...head.headers].slice(1).map(({ name, value }) => [name, value]), fields);
    },
  ));
});

Deno.test("no bytes whatever make the parser fail in any other way than by refusing", () => {
  const start = fc.constantFrom(
    "",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n",
    "HTTP/1.1 200 OK\r\nA: ",
  );
  fc.assert(fc.property(start, fc.uint8Array({ maxLength: 60 }), (prefix, bytes) => {
    const message = new Uint8Array([...latin1Bytes(prefix), ...bytes, 13, 10, 13, 10]);
    for (const parse of [parseRequestHead, parseResponseHead]) {
      try {
        parse(message);
      } catch (error) {
        assert.ok(error instanceof HttpError, String(error));
      }
    }
  }));
});
