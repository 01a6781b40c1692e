/** Secrets in declared places over real sockets: what the upstream gets, byte for byte. */

import { Buffer } from "node:buffer";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import assert from "node:assert/strict";
import type { Place } from "../../src/core/credential.ts";
import { get, parse, rawServer, readSome, send, withProxy, type World, writeAll } from "./harness.ts";

const SECRET = 'S3"C\\R&T=é';
const SECRET_BYTES = Buffer.from(SECRET).toString("latin1");

/** A request with a body of declared length, one character a byte. */
function post(world: World, path: string, fields: string[], body: string): Promise<string> {
  return send(world.port, postText(world, path, [...fields, `Content-Length: ${body.length}`], body));
}

function postText({ upstream, port }: World, path: string, fields: string[], body: string): string {
  const target = `/to/http/127.0.0.1:${upstream.port}${path}`;
  const head = [`POST ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...fields, "Connection: close", "", ""];
  return head.join("\r\n") + body;
}

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

function credentialIn(world: World, place: Place, value = SECRET, name = "k"): string {
  const hosts = `127.0.0.1:${world.upstream.port}`;
  return world.keyring.add({ name, type: "api_key", place, hosts, value }).token;
}

const JSON_TYPE = "Content-Type: application/json";
const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded";

/** What the upstream got last: its head, and its body after checking that its length is told truthfully. */
function received({ upstream }: World): { head: string; body: string } {
  const request = upstream.received.at(-1) ?? "";
  const end = request.indexOf("\r\n\r\n");
  const head = request.slice(0, end);
  const body = request.slice(end + 4);
  assert.match(head, new RegExp(`^Content-Length: ${body.length}$`, "m"));
  assert.doesNotMatch(head, /transfer-encoding/i);
  return { head, body };
}

Deno.test("a secret goes into the declared JSON string, escaped, and every other byte stays", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/auth/token" });
    const body = `{ "n":1.0,\t"auth":{"x":"\\u00e9","token" : "a ${token}"},"n":1e3 }\n`;
    assert.equal(parse(await post(world, "/", [JSON_TYPE], body)).status, 200);
    const escaped = SECRET_BYTES.replace("\\", "\\\\").replace('"', '\\"');
    assert.equal(received(world).body, body.replace(token, escaped));
    assert.equal(
      JSON.parse(Buffer.from(received(world).body, "latin1").toString()).auth.token,
      `a ${SECRET}`,
    );
  }));

Deno.test("a secret goes into the declared form field, urlencoded and multipart", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "form", field: "client_secret" });
    const form = `a=%20+&client_secret=${token}&b=`;
    assert.equal(parse(await post(world, "/", [FORM_TYPE], form)).status, 200);
    assert.equal(received(world).body, form.replace(token, encodeURIComponent(SECRET)));

    const part = (name: string, text: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const multipart = `${part("a", "\x00\xff")}${part("client_secret", token)}--b--\r\n`;
    const type = "Content-Type: multipart/form-data; boundary=b";
    assert.equal(parse(await post(world, "/", [type], multipart)).status, 200);
    assert.equal(received(world).body, multipart.replace(token, SECRET_BYTES));
  }));

Deno.test("a body declared as a whole takes its secret anywhere in text, escaped as the text asks", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body" });
    const rows: [type: string, body: string, written: string][] = [
      ["text/plain", `say ${token}!`, SECRET_BYTES],
      ["application/json", `{"${token}":1}`, 'S3\\"C\\\\R&T=\xc3\xa9'],
      ["application/x-www-form-urlencoded", `${token}=1`, encodeURIComponent(SECRET)],
      ["application/xml", `<k>${token}</k>`, SECRET_BYTES],
    ];
    for (const [type, body, written] of rows) {
      assert.equal(parse(await post(world, "/", [`Content-Type: ${type}`], body)).status, 200, type);
      assert.equal(received(world).body, body.replace(token, written));
    }
    const binary = parse(await post(world, "/", ["Content-Type: application/octet-stream"], token));
    assert.equal(binary.status, 403);
    assert.equal(world.upstream.received.length, rows.length);
  }));

Deno.test("a compressed body is opened, filled and sent as it is, in every coding", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/k" }, "S3CRET");
    const body = `{"k":"${token}"}`;
    const codings: [string, Uint8Array][] = [
      ["gzip", gzipSync(body)],
      ["x-gzip", gzipSync(body)],
      ["deflate", deflateSync(body)],
      ["deflate", deflateRawSync(body)],
      ["br", brotliCompressSync(body)],
      ["zstd", zstdCompressSync(body)],
      ["gzip, br", brotliCompressSync(gzipSync(body))],
      ["identity", Buffer.from(body)],
    ];
    for (const [coding, bytes] of codings) {
      const fields = [JSON_TYPE, `Content-Encoding: ${coding}`, "Content-Digest: sha-256=:x:", "X-Kept: 1"];
      const answer = await post(world, "/", fields, Buffer.from(bytes).toString("latin1"));
      assert.equal(parse(answer).status, 200, coding);
      const { head, body } = received(world);
      assert.equal(body, '{"k":"S3CRET"}', coding);
      if (coding !== "identity") assert.doesNotMatch(head, /content-encoding/i);
      assert.doesNotMatch(head, /digest/i);
      assert.match(head, /X-Kept: 1/);
    }
  }));

Deno.test("a body without a token goes out as it came, compressed and declared or not", () =>
  withProxy(async (world) => {
    credentialIn(world, { in: "body" });
    const bytes = Buffer.from(gzipSync('{"k":"wk_never_ours"}')).toString("latin1");
    await post(world, "/", [JSON_TYPE, "Content-Encoding: gzip", "Content-MD5: x"], bytes);
    const { head, body } = received(world);
    assert.equal(body, bytes);
    assert.match(head, /Content-Encoding: gzip\r\nContent-MD5: x/);
  }));

Deno.test("a chunked body goes out with its length once it holds a secret, and chunked as long as it does not", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/k" }, "S3CRET");
    const fields = [JSON_TYPE, "Transfer-Encoding: chunked"];
    await send(world.port, postText(world, "/", fields, chunked(`{"k":"${token}"}`)));
    assert.equal(received(world).body, '{"k":"S3CRET"}');
    await send(world.port, postText(world, "/", fields, chunked('{"k":"x"}')));
    assert.match(
      world.upstream.received.at(-1) ?? "",
      /Transfer-Encoding: chunked\r\n[^]*\r\n9\r\n\{"k":"x"\}\r\n0\r\n\r\n$/,
    );
  }));

Deno.test("several tokens of one request each go into their own place, head and body at once", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    const a = world.keyring.add({ name: "a", hosts, value: "AAA" }).token;
    const b = credentialIn(world, { in: "body_json", pointer: "/b" }, "B".repeat(60), "b");
    const c = credentialIn(world, { in: "body_json", pointer: "/c" }, "C", "c");
    const q = credentialIn(world, { in: "query", name: "q" }, "Q", "q");
    const body = `{"b":"${b}","c":"${c}","b2":["${"x"}"],"c":"${c}"}`;
    const answer = await post(world, `/?q=${q}`, [JSON_TYPE, `Authorization: Bearer ${a}`], body);
    assert.equal(parse(answer).status, 200);
    const { head, body: sent } = received(world);
    assert.match(head, /^POST \/\?q=Q HTTP[^]*Authorization: Bearer AAA/);
    assert.equal(sent, `{"b":"${"B".repeat(60)}","c":"C","b2":["x"],"c":"C"}`);
    assert.equal(world.audit.rows.filter(({ event }) => event === "CredentialUsed").length, 4);
  }));

Deno.test("a token that is the beginning of another does not stand in for it in a body", () =>
  withProxy(async (world) => {
    const hosts = `127.0.0.1:${world.upstream.port}`;
    const place: Place = { in: "body" };
    const short = { name: "short", type: "api_key", place, hosts, value: "SHORT", token: "wk_a_1" } as const;
    world.keyring.add(short);
    world.keyring.add({ ...short, name: "long", value: "LONG", token: "wk_a_12345678" });
    await post(world, "/", ["Content-Type: text/plain"], "wk_a_12345678 wk_a_1 wk_a_12 wk_a_123456789");
    assert.equal(received(world).body, "LONG SHORT SHORT2 LONG9");
  }));

Deno.test("a secret that holds a token's text is not looked at again", () =>
  withProxy(async (world) => {
    const other = credentialIn(world, { in: "body" }, "OTHER", "other");
    const token = credentialIn(world, { in: "body" }, `x ${other} y`);
    await post(world, "/", ["Content-Type: text/plain"], `${token}${other}`);
    assert.equal(received(world).body, `x ${other} yOTHER`);
  }));

Deno.test("a GET may have a body, and its declared place is filled", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/k" }, "S3CRET");
    const body = `{"k":"${token}"}`;
    const request = postText(world, "/", [JSON_TYPE, `Content-Length: ${body.length}`], body);
    assert.equal(parse(await send(world.port, request.replace("POST", "GET"))).status, 200);
    assert.equal(received(world).body, '{"k":"S3CRET"}');
  }));

Deno.test("a body that may hold a token is held up to one cap, and others are not", () =>
  withProxy(async (world) => {
    credentialIn(world, { in: "body_json", pointer: "/k" });
    const size = 1024 * 1024;
    const json = (length: number) => `"${"x".repeat(length - 2)}"`;
    assert.equal(parse(await post(world, "/", [JSON_TYPE], json(size))).status, 200);
    const tooLarge = parse(await post(world, "/", [JSON_TYPE], json(size + 1)));
    assert.deepEqual([tooLarge.status, tooLarge.headers.get("x-wispkey-error")], [413, "body_too_large"]);
    const unknown = postText(world, "/", [JSON_TYPE, "Transfer-Encoding: chunked"], chunked(json(size + 1)));
    assert.equal(parse(await send(world.port, unknown)).status, 413);
    assert.equal(world.upstream.received.length, 1);
    // No credential can stand in an image, so its size is nobody's business.
    assert.equal(parse(await post(world, "/", ["Content-Type: image/png"], json(size + 1))).status, 200);
  }));

Deno.test("a few bytes that decode to very many are not decoded to their end", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/k" });
    const bomb = (text: string) => Buffer.from(gzipSync(text.padEnd(4 * 1024 * 1024))).toString("latin1");
    const fields = [JSON_TYPE, "Content-Encoding: gzip"];
    const held = parse(await post(world, "/", fields, bomb(`{"k":"${token}"}`)));
    assert.deepEqual([held.status, held.headers.get("x-wispkey-error")], [413, "body_too_large"]);
    assert.equal(parse(await post(world, "/", fields, bomb("{}"))).status, 200);
    assert.equal(world.keyring.handedOut.length, 0);
  }));

Deno.test("who waits for 100 Continue does not get it for a body that is refused before it is read", () =>
  withProxy(async (world) => {
    credentialIn(world, { in: "body_json", pointer: "/k" });
    const misplaced = credentialIn(world, { in: "header", name: "X-K" }, "x", "head");
    const expect = [JSON_TYPE, "Expect: 100-continue"];
    const refused: [string[], number][] = [
      [["Content-Length: 9999999"], 413],
      [["Content-Length: 10", `User-Agent: ${misplaced}`], 403],
    ];
    for (const [fields, status] of refused) {
      const answer = await send(world.port, postText(world, "/", [...expect, ...fields], ""));
      assert.equal(parse(answer).status, status);
      assert.doesNotMatch(answer, /100 Continue/);
    }
    assert.deepEqual(world.upstream.received, []);
  }));

Deno.test("who waits for 100 Continue gets it once for a body that is held, and the upstream is not asked again", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body_json", pointer: "/k" }, "S3CRET");
    const body = `{"k":"${token}"}`;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: world.port });
    try {
      const fields = [JSON_TYPE, "Expect: 100-continue", `Content-Length: ${body.length}`];
      await writeAll(connection, postText(world, "/", fields, ""));
      assert.match(await readSome(connection) ?? "", /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
      await writeAll(connection, body);
      assert.match(await readSome(connection) ?? "", /^HTTP\/1\.1 200 /);
      assert.doesNotMatch(received(world).head, /expect/i);
    } finally {
      connection.close();
    }
  }));

Deno.test("a slow upload of unknown length is not held back, and is cut off before a token in it is passed on", () =>
  withProxy(async (world) => {
    let held = "";
    const begun = Promise.withResolvers<void>();
    const upstream = rawServer(async (connection) => {
      for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
        held += more;
        if (held.includes("hello")) begun.resolve();
      }
    });
    const { token } = world.keyring.add({ hosts: `127.0.0.1:${upstream.port}` });
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: world.port });
    try {
      const fields = ["Content-Type: text/plain", "Transfer-Encoding: chunked"];
      await writeAll(connection, postText({ ...world, upstream }, "/", fields, "5\r\nhello\r\n"));
      await begun.promise;
      await writeAll(connection, `a\r\n${token.slice(0, 10)}\r\n`);
      await writeAll(
        connection,
        `${(token.length - 10).toString(16)}\r\n${token.slice(10)}\r\n0\r\n\r\n`,
      );
      let answer = "";
      for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
        answer += more;
      }
      const { status, headers, body } = parse(answer);
      assert.deepEqual([status, headers.get("x-wispkey-error")], [403, "misplaced_token"]);
      assert.match(body, /a streamed body/);
      assert.ok(!held.replaceAll(/\r\n[0-9a-f]+\r\n/g, "").includes(token));
    } finally {
      connection.close();
      await upstream.close();
    }
  }));

Deno.test("harmless trailers are passed on, also behind a body that got a secret", () =>
  withProxy(async (world) => {
    const upstream = rawServer(async (connection, received) => {
      let held = "";
      while (!held.endsWith("X-Sum: 1\r\n\r\n")) held += await readSome(connection) ?? "\r\nX-Sum: 1\r\n\r\n";
      received.push(held);
      await writeAll(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
    try {
      const token = credentialIn({ ...world, upstream }, { in: "body_json", pointer: "/k" }, "S3CRET");
      for (const value of ["plain", token]) {
        const body = `{"k":"${value}"}`;
        const coded = `${body.length.toString(16)}\r\n${body}\r\n0\r\nX-Sum: 1\r\n\r\n`;
        const fields = [JSON_TYPE, "Transfer-Encoding: chunked"];
        const answer = await send(world.port, postText({ ...world, upstream }, "/", fields, coded));
        assert.equal(parse(answer).status, 200);
      }
      assert.match(upstream.received[0] ?? "", /\r\n\{"k":"plain"\}\r\n0\r\nX-Sum: 1\r\n\r\n$/);
      assert.match(upstream.received[1] ?? "", /\r\n\{"k":"S3CRET"\}\r\n0\r\nX-Sum: 1\r\n\r\n$/);
      assert.doesNotMatch(upstream.received[1] ?? "", /content-length/i);
    } finally {
      await upstream.close();
    }
  }));

Deno.test("no form of request target but a path or an absolute URL of a host goes anywhere", () =>
  withProxy(async (world) => {
    const { token } = world.keyring.add({ hosts: `127.0.0.1:${world.upstream.port}` });
    const own = `127.0.0.1:${world.port}`;
    const host = `127.0.0.1:${world.upstream.port}`;
    const rows: [line: string, host: string, status: number][] = [
      [`GET ${host} HTTP/1.1`, host, 400],
      ["GET * HTTP/1.1", own, 404],
      [`GET http:/${host}/ HTTP/1.1`, own, 400],
      [`GET http:///${host}/ HTTP/1.1`, own, 400],
      [`GET //${host}/ HTTP/1.1`, own, 404],
      [`GET \\\\${host}/ HTTP/1.1`, own, 400],
      [`GET http://u:p@${host}/ HTTP/1.1`, host, 400],
      [`GET http://${host}/#${token} HTTP/1.1`, host, 400],
      [`GET ftp://${host}/ HTTP/1.1`, host, 400],
      [`GET http://${host}\\@evil.test/ HTTP/1.1`, host, 400],
      [`GET http://${token}.evil.test/ HTTP/1.1`, `${token}.evil.test`, 403],
      [`GET /to/gopher/${host}/ HTTP/1.1`, own, 400],
      [`GET /to/http/u@${host}/ HTTP/1.1`, own, 400],
      [`CONNECT ${host} HTTP/1.1`, host, 403],
      ["OPTIONS * HTTP/1.1", own, 204],
    ];
    for (const [line, host, status] of rows) {
      const request = [line, `Host: ${host}`, `Authorization: Bearer ${token}`, "Connection: close", "", ""];
      const answer = parse(await send(world.port, request.join("\r\n")));
      assert.equal(answer.status, status, line);
      assert.ok(!answer.body.includes(token));
    }
    assert.deepEqual(world.upstream.received, []);
    assert.equal(world.keyring.handedOut.length, 0);
  }));

Deno.test("every secret byte of a body is wiped when the request is over", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body" });
    await post(world, "/", ["Content-Type: text/plain"], token);
    assert.equal(world.keyring.handedOut.length, 1);
    assert.ok(world.keyring.handedOut.every((bytes) => bytes.every((byte) => byte === 0)));
  }));

Deno.test("a credential for another host is not put into this one's body", () =>
  withProxy(async (world) => {
    const { token } = world.keyring.add({ type: "api_key", place: { in: "body" }, hosts: "api.other.test" });
    const answer = parse(await post(world, "/", ["Content-Type: text/plain"], token));
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [403, "host_not_allowed"]);
    assert.deepEqual(world.upstream.received, []);
  }));

Deno.test("the refusal names the place and the command that would allow it", () =>
  withProxy(async (world) => {
    const { token } = world.keyring.add({ name: "my key", hosts: `127.0.0.1:${world.upstream.port}` });
    const rows: [fields: string[], body: string, message: RegExp, command: RegExp][] = [
      [
        [JSON_TYPE],
        `{"a b":["${token}"]}`,
        /the body, at \/a b\/0/,
        /edit 'my key' --type api_key --in 'body:\/a b\/0'/,
      ],
      [[FORM_TYPE], `f=${token}`, /the form field f/, /--type api_key --in form:f"/],
      [["Content-Type: text/plain"], token, /in the body:/, /--type api_key --in body"/],
      [[`X-Meta: ${token}`], "", /the header x-meta/, /--type api_key --in header:x-meta"/],
    ];
    for (const [fields, body, message, command] of rows) {
      const answer = parse(await post(world, "/", fields, body));
      assert.equal(answer.headers.get("x-wispkey-error"), "misplaced_token");
      assert.match(answer.body, message);
      assert.match(answer.body, command);
      assert.ok(!answer.body.includes(token));
    }
  }));

Deno.test("a locked vault lets bodies pass unread, whatever words they hold", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "body" });
    world.keyring.locked = true;
    assert.equal(parse(await post(world, "/", ["Content-Type: text/plain"], token)).status, 200);
    assert.equal(received(world).body, token);
    assert.equal(parse(await send(world.port, get("/health", `Host: 127.0.0.1:${world.port}`))).status, 200);
  }));

Deno.test("a request with more tokens than anybody needs is refused, and one with many is carried", () =>
  withProxy(async (world) => {
    const token = credentialIn(world, { in: "form", field: "a" });
    const many = parse(await post(world, "/", [FORM_TYPE], `a=${token}&`.repeat(256)));
    assert.equal(many.status, 200);
    const before = world.upstream.received.length;
    for (const count of [257, 20_000]) {
      const tooMany = parse(await post(world, "/", [FORM_TYPE], `a=${token}&`.repeat(count)));
      assert.deepEqual([tooMany.status, tooMany.headers.get("x-wispkey-error")], [413, "too_many_tokens"]);
    }
    const head = Array.from({ length: 60 }, (_, i) => `X-${i}: ${`${token} `.repeat(5)}`);
    const inHead = parse(await post(world, "/", head, ""));
    assert.deepEqual([inHead.status, inHead.headers.get("x-wispkey-error")], [413, "too_many_tokens"]);
    assert.equal(world.upstream.received.length, before);
  }));
