import assert from "node:assert/strict";
import { ResponseScrub } from "../../../src/proxy/scrub/response_scrub.ts";
import { parseTarget } from "../../../src/core/target.ts";
import { contextOf, fakeServices } from "../fakes.ts";
import { rawServer, readSome, withProxy, writeAll } from "../harness.ts";
import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { chunked, plain, SECRET, sentSecret, withScene } from "./support.ts";

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

const ENCODERS: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "gzip": (bytes) => zlib.gzipSync(bytes),
  "x-gzip": (bytes) => zlib.gzipSync(bytes),
  "deflate": (bytes) => zlib.deflateSync(bytes),
  "br": (bytes) => zlib.brotliCompressSync(bytes),
  "zstd": (bytes) => zlib.zstdCompressSync(bytes),
};

for (const [coding, encode] of Object.entries(ENCODERS)) {
  Deno.test(`a ${coding} response goes out decoded and scrubbed, with fields that say so`, () => {
    const text = `{"key":"${SECRET}","n":1}`.repeat(50);
    const fields = [`Content-Encoding: ${coding}`, 'ETag: "v1"', "Content-MD5: x", "Vary: Accept-Encoding"];
    return withScene(() => plain(encode(Buffer.from(text)), ...fields), async ({ ask, token }) => {
      const answer = await ask();
      assert.equal(answer.body, text.replaceAll(SECRET, token));
      assert.equal(answer.field("content-encoding"), undefined);
      assert.equal(answer.field("content-md5"), undefined);
      assert.equal(answer.field("etag"), 'W/"v1"');
      assert.equal(answer.field("vary"), "Accept-Encoding");
    });
  });
}

Deno.test("bare deflate, stacked codings, several members and an empty body are decoded", async () => {
  const bodies: [string, Uint8Array, string][] = [
    ["deflate", zlib.deflateRawSync(SECRET), "(1)"],
    ["gzip, br", zlib.brotliCompressSync(zlib.gzipSync(SECRET)), "(1)"],
    ["identity, gzip", zlib.gzipSync(SECRET), "(1)"],
    ["gzip", Buffer.concat([zlib.gzipSync("<"), zlib.gzipSync(SECRET), zlib.gzipSync(">")]), "<(1)>"],
    ["gzip", new Uint8Array(0), ""],
  ];
  for (const [coding, bytes, expected] of bodies) {
    await withScene(() => plain(bytes, `Content-Encoding: ${coding}`), async ({ ask, token }) => {
      assert.equal((await ask()).body, expected.replace("(1)", token), coding);
    });
  }
});

Deno.test("what cannot be decoded is 502 undecodable_response, never a pass", async () => {
  const good = zlib.gzipSync(`${SECRET} ${"x".repeat(5_000)}`);
  const bad: [string, Uint8Array][] = [
    ["compress", good],
    ["gzip, gzip, gzip, gzip", [1, 2, 3].reduce((bytes) => zlib.gzipSync(bytes), good)],
    ["br", Buffer.from(SECRET)],
    ["gzip", Buffer.from(SECRET)],
    ["zstd", Buffer.from(SECRET)],
    ["gzip", good.subarray(0, 12)],
  ];
  for (const [coding, bytes] of bad) {
    await withScene(() => plain(bytes, `Content-Encoding: ${coding}`), async ({ ask, audit }) => {
      const answer = await ask();
      assert.equal(answer.status, 502, coding);
      assert.equal(answer.field("x-wispkey-error"), "undecodable_response");
      assert.ok(!answer.raw.includes(SECRET));
      const finished = audit.rows.find(({ event }) => event === "CredentialUseFinished");
      assert.equal(finished?.reason, "undecodable_response");
    });
  }
});

Deno.test("a body that breaks in the middle of its coding is cut off, not ended", () => {
  const coded = zlib.gzipSync(Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 251)));
  const half = coded.subarray(0, coded.length >> 1);
  return withScene(() => plain(half, "Content-Encoding: gzip"), async ({ ask }) => {
    const { raw } = await ask();
    assert.ok(/^HTTP\/1.1 502 /.test(raw) || !raw.endsWith("0\r\n\r\n"));
  });
});

Deno.test("a bomb is cut off before it does harm", () => {
  const bomb = zlib.brotliCompressSync(new Uint8Array(80 * 1024 * 1024));
  return withScene(() => plain(bomb, "Content-Encoding: br"), async ({ ask }) => {
    const { raw } = await ask();
    assert.ok(raw.length < 70 * 1024 * 1024);
    assert.ok(!raw.endsWith("0\r\n\r\n"));
  });
});

Deno.test("a host that no credential may reach answers byte for byte, compressed as it came", () => {
  const coded = zlib.gzipSync(SECRET);
  const response = plain(coded, "Content-Encoding: gzip", 'ETag: "v1"', "Content-MD5: x");
  return withScene(() => response, async ({ ask, upstream }) => {
    const answer = await ask({
      withToken: false,
      fields: ["Accept-Encoding: gzip, compress", "Range: bytes=0-9"],
    });
    assert.equal(answer.body, latin1(coded));
    assert.equal(answer.field("etag"), '"v1"');
    assert.match(upstream.received[0]!, /^Accept-Encoding: gzip, compress\r$/m);
    assert.match(upstream.received[0]!, /^Range: bytes=0-9\r$/m);
  }, { hosts: "api.elsewhere.test" });
});

Deno.test("a small plain response in which nothing is found stays as it is, length and ETag included", () =>
  withScene(() => plain('{"ok":true}', 'ETag: "v1"', "Accept-Ranges: bytes"), async ({ ask, audit }) => {
    const answer = await ask();
    assert.equal(answer.body, '{"ok":true}');
    assert.equal(answer.field("content-length"), "11");
    assert.equal(answer.field("etag"), '"v1"');
    assert.equal(answer.field("accept-ranges"), "bytes");
    assert.ok(!audit.rows.some(({ event }) => event === "ResponseScrubbed"));
  }));

Deno.test("a small response in which a secret is found gets the length that it has then", () =>
  withScene((request) => plain(`you sent ${sentSecret(request)}`), async ({ ask, token }) => {
    const answer = await ask();
    assert.equal(answer.body, `you sent ${token}`);
    assert.equal(answer.field("content-length"), String(answer.body.length));
  }));

Deno.test("a scrub is written down: which credential, where, nothing of the value", () =>
  withScene((request) => plain(sentSecret(request)), async ({ ask, audit, upstream }) => {
    await ask({ path: "/echo?x=1" });
    const row = audit.rows.find(({ event }) => event === "ResponseScrubbed");
    assert.deepEqual([row?.credential, row?.project, row?.host, row?.path, row?.method], [
      "live",
      "default",
      `127.0.0.1:${upstream.port}`,
      "/echo",
      "GET",
    ]);
    assert.ok(!JSON.stringify(audit.rows).includes(SECRET));
  }));

Deno.test("interim responses, headers and trailers are scrubbed; digests among the trailers are dropped", () =>
  withScene((request) => {
    const key = sentSecret(request);
    return [
      `HTTP/1.1 103 Early Hints\r\nLink: </?k=${key}>\r\n\r\n`,
      `HTTP/1.1 200 ${key}\r\nX-${key}: 1\r\nSet-Cookie: k=${key}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n`,
      `0\r\nX-Late: ${key}\r\nContent-Digest: x\r\n\r\n`,
    ];
  }, async ({ ask, token }) => {
    const { raw } = await ask();
    assert.ok(!raw.includes(SECRET), raw);
    assert.match(raw, new RegExp(`^HTTP/1.1 103 Early Hints\r\nLink: </\\?k=${token}>`));
    assert.ok(raw.includes(`X-${token}: 1\r\nSet-Cookie: k=${token}\r\n`));
    assert.ok(raw.endsWith(`0\r\nX-Late: ${token}\r\n\r\n`), raw);
  }));

Deno.test("HEAD, 204 and 304 stay without a body and keep what describes it", () =>
  withScene((request) => {
    if (request.startsWith("HEAD /coded")) {
      return 'HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 5\r\nETag: "v"\r\n\r\n';
    }
    if (request.startsWith("HEAD")) return 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "v"\r\n\r\n';
    if (request.includes("/204")) return "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n";
    return 'HTTP/1.1 304 Not Modified\r\nETag: "v"\r\nContent-Encoding: gzip\r\n\r\n';
  }, async ({ ask }) => {
    const head = await ask({ method: "HEAD" });
    assert.deepEqual([head.field("content-length"), head.field("etag"), head.body], ["1234", '"v"', ""]);
    const coded = await ask({ method: "HEAD", path: "/coded" });
    assert.deepEqual([coded.status, coded.field("content-length"), coded.field("etag")], [
      200,
      undefined,
      'W/"v"',
    ]);
    const empty = await ask({ path: "/204" });
    assert.deepEqual([empty.status, empty.field("x-a"), empty.body], [204, "1", ""]);
    const same = await ask({ path: "/304" });
    assert.deepEqual([same.status, same.field("etag"), same.body], [304, '"v"', ""]);
  }));

Deno.test("only codings that can be undone are asked for", () =>
  withScene(() => plain("ok"), async ({ ask, upstream }) => {
    const asked = async (...fields: string[]) => {
      await ask({ fields });
      return [...upstream.received.at(-1)!.matchAll(/^accept-encoding: (.*)\r$/gim)].map(([, value]) =>
        value
      );
    };
    assert.deepEqual(await asked("Accept-Encoding: gzip, deflate, br, zstd, compress"), [
      "gzip, deflate, br, zstd",
    ]);
    assert.deepEqual(await asked("Accept-Encoding: dcb;q=1, br;q=0.5", "accept-encoding: *"), ["br;q=0.5"]);
    assert.deepEqual(await asked("Accept-Encoding: compress"), ["identity"]);
    assert.deepEqual(await asked(), []);
  }));

Deno.test("a range is asked for uncoded, and not at all where a secret may stand in a query", async () => {
  const fields = ["Range: bytes=0-3", 'If-Range: "v"', "Accept-Encoding: gzip"];
  await withScene(() => plain("ok"), async ({ ask, upstream }) => {
    await ask({ fields });
    assert.match(upstream.received[0]!, /^Range: bytes=0-3\r$/m);
    assert.match(upstream.received[0]!, /^Accept-Encoding: identity\r$/m);
  });
  await withScene(() => plain("ok"), async ({ ask, upstream }) => {
    await ask({ fields, withToken: false });
    assert.ok(!/^(if-)?range:/im.test(upstream.received[0]!), upstream.received[0]);
    assert.match(upstream.received[0]!, /^Accept-Encoding: gzip\r$/m);
  }, { type: "query_param", place: { in: "query", name: "key" } });
});

Deno.test("while locked nothing can be looked for, and responses pass", () =>
  withScene(() => plain(SECRET), async ({ ask, keyring }) => {
    keyring.locked = true;
    assert.equal((await ask({ withToken: false })).body, SECRET);
  }));

Deno.test("a lock in the middle of a response changes nothing for it", () => {
  let lock = (): void => {};
  return withScene(() => {
    lock();
    return chunked([`it is ${SECRET.slice(0, 9)}`, `${SECRET.slice(9)}.`]);
  }, async ({ ask, keyring, token }) => {
    lock = () => keyring.locked = true;
    assert.equal((await ask()).body, `it is ${token}.`);
  });
});

Deno.test("a short secret is looked for only where the request carried its token", () =>
  withScene(() => plain("pin: hunter2-pin"), async ({ ask, token }) => {
    assert.equal((await ask()).body, `pin: ${token}`);
    assert.equal((await ask({ withToken: false })).body, "pin: hunter2-pin");
  }, { value: "hunter2-pin" }));

Deno.test("a large plain response streams through in chunks, with secrets replaced wherever they are cut", () => {
  const block = `${"x".repeat(997)}${SECRET}`;
  const body = block.repeat(300);
  return withScene(() => plain(body), async ({ ask, token }) => {
    const answer = await ask();
    assert.equal(answer.field("transfer-encoding"), "chunked");
    assert.equal(answer.body, body.replaceAll(SECRET, token));
  });
});

Deno.test("a tag that was made weak on its way serves for a conditional change all the same", () =>
  withScene((request) => {
    const match = /^If-Match: (.*)\r$/im.exec(request)?.[1];
    // As RFC 9110 has it: the strong comparison of If-Match, which weak tags never pass.
    if (match === undefined) return chunked(["a", "b"], 'ETag: "v,W/1"');
    return match.includes('"v,W/1"') && !match.includes('W/"v')
      ? plain("changed")
      : "HTTP/1.1 412 No\r\nContent-Length: 0\r\n\r\n";
  }, async ({ ask }) => {
    const tag = (await ask()).field("etag") ?? "";
    assert.equal(tag, 'W/"v,W/1"');
    assert.equal((await ask({ fields: [`If-Match: "x", ${tag}`] })).body, "changed");
    assert.equal((await ask({ fields: ['If-Match: W/"other"'] })).status, 412);
  }));

Deno.test("several ranges of one answer are searched as one, wherever a part begins", () =>
  withScene((request) => {
    const key = sentSecret(request);
    const part = (bytes: string, range: string) =>
      `--sep\r\nContent-Type: text/plain\r\nContent-Range: bytes ${range}/999\r\n\r\n${bytes}\r\n`;
    const body = `${part(`x ${key} y`, "0-40")}${part(key, "100-130")}--sep--\r\n`;
    return `HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=sep\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`;
  }, async ({ ask, token }) => {
    const answer = await ask({ fields: ["Range: bytes=0-40,100-130"] });
    assert.equal(answer.status, 206);
    assert.ok(!answer.raw.includes(SECRET), answer.raw);
    assert.equal(answer.body.split(token).length, 3);
    assert.match(answer.body, /--sep--\r\n$/);
    assert.equal(answer.field("content-length"), String(answer.body.length));
  }));

Deno.test("a range that cannot be had, and one that is whole, stay what they are", () =>
  withScene((request) => {
    if (request.includes("bytes=9999-")) {
      return "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n";
    }
    return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-3/10\r\nContent-Length: 4\r\n\r\nabcd";
  }, async ({ ask }) => {
    const none = await ask({ fields: ["Range: bytes=9999-"] });
    assert.deepEqual([none.status, none.field("content-range"), none.body], [416, "bytes */10", ""]);
    const some = await ask({ fields: ["Range: bytes=0-3"] });
    assert.deepEqual([some.status, some.field("content-range"), some.field("content-length"), some.body], [
      206,
      "bytes 0-3/10",
      "4",
      "abcd",
    ]);
  }));

Deno.test("who waits for 100 Continue gets it, and the final answer is searched", async () => {
  let held = "";
  const upstream = rawServer(async (connection, received) => {
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      held += more;
      if (held.endsWith("\r\n\r\n")) await writeAll(connection, "HTTP/1.1 100 Continue\r\n\r\n");
      if (!held.endsWith("hello")) continue;
      received.push(held);
      await writeAll(connection, plain(`got hello with ${sentSecret(held)}`));
    }
  });
  try {
    await withProxy(async ({ port, keyring }) => {
      const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}`, value: SECRET });
      using client = await Deno.connect({ hostname: "127.0.0.1", port });
      await writeAll(
        client,
        `POST /to/http/127.0.0.1:${upstream.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
          `Authorization: Bearer ${token}\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`,
      );
      let text = await readSome(client) ?? "";
      assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
      await writeAll(client, "hello");
      for (let more = await readSome(client); more !== null; more = await readSome(client)) text += more;
      assert.ok(text.endsWith(`got hello with ${token}`), text);
    });
  } finally {
    await upstream.close();
  }
});

Deno.test("with the key dropped after a secret was put in, the request is not sent: its answer could not be searched", () => {
  const services = fakeServices();
  const { token } = services.keyring.add({ hosts: "api.test", value: SECRET });
  const match = services.keyring.find(token);
  assert(match.kind === "live");
  const context = contextOf("GET", "https://api.test/", [["Authorization", `Bearer ${token}`]]);
  context.target = parseTarget("https://api.test/");
  const spot = { in: "header", index: 0, name: "authorization", whole: true, scheme: "bearer" } as const;
  const sighting = { start: 7, end: 7 + token.length, match, spot };
  context.uses = [{ credential: match.credential, sighting, usage: "value", exactHost: true }];
  services.keyring.locked = true;
  assert.throws(() => ResponseScrub.begin(context, services), { code: "vault_locked", status: 503 });
  context.uses = [];
  assert.equal(ResponseScrub.begin(context, services), null, "what carries no secret goes on");
});
