import assert from "node:assert/strict";
import fc from "fast-check";
import { parseProxyUrl, type ProxyUrl } from "../../../src/core/proxy_url.ts";
import { type ByteStream, dial, type DialOptions, UpstreamError } from "../../../src/proxy/http/mod.ts";
import { rawServer, readSome, writeAll } from "../harness.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "../test_certificate.ts";
import { type FakeProxy, type FakeProxyOptions, httpProxy, socksProxy } from "./fake_proxies.ts";

const TLS = { cert: TEST_CERT, key: TEST_KEY };
const OPTIONS: DialOptions = {
  connectTimeoutMs: 5_000,
  caCerts: [TEST_CA],
  // The name of the proxy and, where it is resolved here, that of the host.
  resolve: (host) => Promise.resolve([host === "proxy.api.test" ? "127.0.0.1" : "127.0.0.3"]),
};

function url(scheme: string, { port }: { port: number }, login = ""): ProxyUrl {
  const parsed = parseProxyUrl(`${scheme}://${login}proxy.api.test:${port}`);
  assert.ok(parsed !== null);
  return parsed;
}

/** A server that sends back what it gets, in capitals; TLS for api.test if asked. */
function shouter(tls: boolean): { port: number } & AsyncDisposable {
  const listener: Deno.Listener = tls
    ? Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...TLS })
    : Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) serving.push(shout(connection));
  })();
  return {
    port: (listener.addr as Deno.NetAddr).port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      await Promise.all(serving);
    },
  };
}

async function shout(connection: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(1024);
  try {
    for (let count = await connection.read(buffer); count !== null; count = await connection.read(buffer)) {
      await connection.write(
        new TextEncoder().encode(new TextDecoder().decode(buffer.subarray(0, count)).toUpperCase()),
      );
    }
  } catch {
    // The client was done and closed both halves at once.
  } finally {
    connection.close();
  }
}

async function talk(stream: ByteStream): Promise<string> {
  await stream.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(64);
  let heard = "";
  while (heard.length < 5) {
    const count = await stream.read(buffer);
    if (count === null) break;
    heard += new TextDecoder().decode(buffer.subarray(0, count));
  }
  stream.close();
  return heard;
}

const KINDS: readonly [scheme: string, make: (options: FakeProxyOptions) => FakeProxy, asked: string][] = [
  ["http", httpProxy, "CONNECT api.test:"],
  ["https", (options) => httpProxy({ ...options, tls: TLS }), "CONNECT api.test:"],
  ["socks5h", socksProxy, "api.test:"],
  ["socks5", socksProxy, "127.0.0.3:"],
];

for (const [scheme, make, asked] of KINDS) {
  for (const tls of [false, true]) {
    Deno.test(`a ${tls ? "TLS host" : "tunnel"} is reached through a proxy of scheme ${scheme}, with user name and password`, async () => {
      await using host = shouter(tls);
      await using proxy = make({ login: "me:se cret" });
      const { stream, forwarding } = await dial(
        { scheme: tls ? "https" : "http", host: "api.test", port: host.port },
        { ...OPTIONS, via: url(scheme, proxy, "me:se%20cret@"), tunnel: true },
      );
      assert.equal(forwarding, undefined);
      assert.equal(await talk(stream), "HELLO");
      assert.deepEqual(proxy.asked, [`${asked}${host.port}`]);
    });
  }

  Deno.test(`a proxy of scheme ${scheme} that wants another password is named as the reason, without the password`, async () => {
    await using proxy = make({ login: "me:right" });
    for (const login of ["", "me:wr0ng@"]) {
      await assert.rejects(
        dial({ scheme: "https", host: "api.test", port: 443 }, {
          ...OPTIONS,
          via: url(scheme, proxy, login),
        }),
        (error) => {
          assert.ok(error instanceof UpstreamError);
          assert.deepEqual([error.code, error.status], ["upstream_proxy", 502]);
          assert.match(error.message, login === "" ? /wants a user name/ : /does not take the user name/);
          assert.ok(
            error.message.includes("proxy.api.test") && !error.message.includes("wr0ng"),
            error.message,
          );
          return true;
        },
      );
    }
  });
}

Deno.test("plain HTTP is spoken with an HTTP proxy, not tunnelled through it", async () => {
  await using proxy = httpProxy();
  const { stream, forwarding } = await dial({ scheme: "http", host: "api.test", port: 80 }, {
    ...OPTIONS,
    via: url("http", proxy, "me:pw@"),
  });
  assert.equal(forwarding?.authorization, "Basic bWU6cHc=");
  stream.close();
});

Deno.test("what the host says in one piece with the proxy's answer is not lost", async () => {
  await using host = shouter(false);
  await using proxy = httpProxy({ early: "220 ready" });
  const { stream } = await dial({ scheme: "http", host: "api.test", port: host.port }, {
    ...OPTIONS,
    via: url("http", proxy),
    tunnel: true,
  });
  const buffer = new Uint8Array(4);
  let heard = "";
  while (heard.length < 9) {
    heard += new TextDecoder().decode(buffer.subarray(0, await stream.read(buffer) ?? 0));
  }
  assert.equal(heard, "220 ready");
  assert.equal(await talk(stream), "HELLO");
});

const REFUSALS: readonly [what: string, make: () => FakeProxy, scheme: string, why: RegExp][] = [
  [
    "a status",
    () => httpProxy({ refusal: "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" }),
    "http",
    /answers 403/,
  ],
  ["no HTTP", () => httpProxy({ refusal: "SSH-2.0-x\r\n\r\n" }), "http", /not HTTP/],
  ["nothing", () => httpProxy({ refusal: "" }), "http", /broke/],
  ["interim answers only", () => httpProxy({ refusal: "HTTP/1.1 102 x\r\n\r\n".repeat(9) }), "http", /broke/],
  [
    "a head without end",
    () => httpProxy({ refusal: `HTTP/1.1 200 x\r\nX: ${"y".repeat(20_000)}` }),
    "http",
    /not HTTP/,
  ],
  ["SOCKS: its rules", () => socksProxy({ reply: 2 }), "socks5h", /rules do not allow/],
  ["SOCKS: an unknown code", () => socksProxy({ reply: 99 }), "socks5h", /answers 99/],
  ["SOCKS spoken to by HTTP", () => socksProxy(), "http", /not HTTP|broke/],
  [
    "HTTP spoken to by SOCKS",
    () => httpProxy({ refusal: "HTTP/1.1 400 No\r\n\r\n" }),
    "socks5h",
    /SOCKS 5|broke/,
  ],
];
for (const [what, make, scheme, why] of REFUSALS) {
  Deno.test(`a proxy that answers with ${what} is an error that says so, and no connection is left`, async () => {
    await using proxy = make();
    await assert.rejects(
      dial({ scheme: "https", host: "api.test", port: 443 }, {
        ...OPTIONS,
        // What the one says has no end that the other could wait for.
        connectTimeoutMs: what.includes(" spoken to by ") ? 200 : 5_000,
        via: url(scheme, proxy),
      }),
      (error) =>
        error instanceof UpstreamError && (error.code === "upstream_timeout" || why.test(error.message)),
    );
  });
}

Deno.test("whatever bytes a proxy answers, dialling ends with an error of its own or with a stream", async () => {
  const pieces = [
    "HTTP/1.1 ",
    "HTTP/1.0 200 ok\r\n",
    "200",
    "407 x\r\n",
    "\r\n",
    "\r\n\r\n",
    "A: b\r\n",
    "\x05\x00",
    "\x05\x02",
    "\x01\x00",
    "\x00",
    "\xff",
    "\x05\x00\x00\x03",
  ];
  let answer = "";
  const server = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, answer);
  });
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  const answers = fc.array(fc.oneof(fc.constantFrom(...pieces), byte), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(answers, fc.constantFrom("http", "socks5h"), async (parts, scheme) => {
      answer = parts.join("");
      try {
        const { stream } = await dial({ scheme: "http", host: "api.test", port: 80 }, {
          ...OPTIONS,
          tunnel: true,
          via: url(scheme, server),
        });
        stream.close();
        assert.ok(
          scheme === "http" ? /^HTTP\/1\.[01] \d{3}/.test(answer) : answer.startsWith("\x05\x00"),
          answer,
        );
      } catch (error) {
        assert.ok(error instanceof UpstreamError && error.code === "upstream_proxy", String(error));
      }
    }),
    { numRuns: Math.min(3_000, Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 300)) },
  );
  await server.close();
});

Deno.test("literal addresses are judged before any proxy hears of them, resolved ones with socks5 as well", async () => {
  await using proxy = socksProxy();
  class Refused extends Error {}
  const vet = (address: string): void => {
    throw new Refused(address);
  };
  for (
    const [scheme, host] of [["socks5h", "10.0.0.1"], ["http", "fd00::1"], [
      "socks5",
      "rebound.test",
    ]] as const
  ) {
    await assert.rejects(
      dial({ scheme: "https", host, port: 443 }, { ...OPTIONS, via: url(scheme, proxy), vet }),
      Refused,
    );
  }
  assert.deepEqual(proxy.asked, []);
});

Deno.test("the proxy's own address is judged, too", async () => {
  await using proxy = httpProxy();
  class Refused extends Error {}
  const judged: string[] = [];
  await assert.rejects(
    dial({ scheme: "https", host: "api.test", port: 443 }, {
      ...OPTIONS,
      via: url("http", proxy),
      vetVia(address) {
        judged.push(address);
        throw new Refused("ourselves");
      },
    }),
    Refused,
  );
  assert.deepEqual(judged, ["127.0.0.1"]);
  assert.deepEqual(proxy.asked, []);
});

Deno.test("a host behind a proxy still has to show a certificate for its own name, and so has an https proxy", async () => {
  await using host = shouter(true);
  await using proxy = httpProxy();
  await using secure = httpProxy({ tls: TLS });
  const fails = (error: unknown) => error instanceof UpstreamError && error.code === "upstream_tls";
  await assert.rejects(
    dial({ scheme: "https", host: "other.test", port: host.port }, { ...OPTIONS, via: url("http", proxy) }),
    fails,
  );
  const { port } = secure;
  await assert.rejects(
    dial({ scheme: "https", host: "api.test", port: host.port }, {
      ...OPTIONS,
      via: { scheme: "https", host: "proxy.other", port, user: null, password: "" },
      resolve: () => Promise.resolve(["127.0.0.1"]),
    }),
    fails,
  );
  assert.deepEqual(secure.asked, []);
});

Deno.test("closing a connection behind an https proxy closes the one to the proxy, though the host says nothing", async () => {
  await using host = shouter(true);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...TLS });
  const ended = Promise.withResolvers<void>();
  const proxying = (async () => {
    const connection = await listener.accept();
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port: host.port });
    await connection.read(new Uint8Array(1024));
    await connection.write(new TextEncoder().encode("HTTP/1.1 200 ok\r\n\r\n"));
    const inward = copy(upstream, connection);
    await copy(connection, upstream);
    ended.resolve();
    upstream.close();
    await inward;
    connection.close();
  })();
  const { port } = listener.addr as Deno.NetAddr;
  const { stream } = await dial({ scheme: "https", host: "api.test", port: host.port }, {
    ...OPTIONS,
    via: url("https", { port }),
  });
  stream.close();
  await within(ended.promise, "the proxy still has its connection");
  await proxying;
  listener.close();
});

Deno.test("an https proxy that goes away without a word of the host's ends the connection", async () => {
  await using host = shouter(true);
  const proxy = httpProxy({ tls: TLS });
  const { stream } = await dial({ scheme: "https", host: "api.test", port: host.port }, {
    ...OPTIONS,
    via: url("https", proxy),
  });
  const reading = stream.read(new Uint8Array(16)).then(() => {}, () => {});
  await proxy[Symbol.asyncDispose]();
  await within(reading, "the connection is still waited for");
  stream.close();
});

Deno.test("what a host behind an https proxy says before it closes is read whole, and then its end", async () => {
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...TLS });
  const speech = new Uint8Array(300_000).fill(0x61);
  const speaking = (async () => {
    const connection = await listener.accept();
    for (let sent = 0; sent < speech.length;) sent += await connection.write(speech.subarray(sent));
    connection.close();
  })();
  await using proxy = httpProxy({ tls: TLS });
  const { port } = listener.addr as Deno.NetAddr;
  const { stream } = await dial({ scheme: "https", host: "api.test", port }, {
    ...OPTIONS,
    via: url("https", proxy),
  });
  let heard = 0;
  const buffer = new Uint8Array(65_536);
  await within(
    (async () => {
      for (let count = await stream.read(buffer); count !== null; count = await stream.read(buffer)) {
        heard += count;
      }
    })(),
    "the end does not come",
  );
  assert.equal(heard, speech.length);
  stream.close();
  await speaking;
  listener.close();
});

/** Copies until one end is gone. */
async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      await to.write(buffer.subarray(0, count));
    }
  } catch {
    // Closed under our hands, which is an end as well.
  }
}

async function within(work: Promise<void>, complaint: string): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(complaint)), 5_000);
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("a proxy that is not there, or whose name is unknown, is told from a host that is not", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const through = (host: string): Promise<unknown> =>
    dial({ scheme: "https", host: "api.test", port: 443 }, {
      connectTimeoutMs: 5_000,
      resolve: () => Promise.reject(new Error("ENOTFOUND")),
      via: { scheme: "http", host, port, user: "me", password: "pa55word" },
    });
  for (const host of ["127.0.0.1", "proxy.nowhere.test"]) {
    await assert.rejects(through(host), (error) => {
      assert.ok(error instanceof UpstreamError && error.code === "upstream_proxy", String(error));
      assert.ok(
        error.message.startsWith(`cannot reach api.test:443 through the proxy http://***@${host}:${port}: `),
      );
      return true;
    });
  }
});

Deno.test("a proxy that does not answer ends with the time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const { port } = listener.addr;
  await assert.rejects(
    dial({ scheme: "https", host: "api.test", port: 443 }, {
      connectTimeoutMs: 50,
      via: { scheme: "socks5h", host: "127.0.0.1", port, user: null, password: "" },
    }),
    (error) => error instanceof UpstreamError && error.code === "upstream_timeout",
  );
  (await accepted).close();
});
