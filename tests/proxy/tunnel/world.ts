/**
 * A proxy that opens tunnels, an https upstream with a certificate of an authority of its own, and a client that speaks
 * CONNECT byte by byte.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describeAuthority, Issuer, makeAuthority } from "../../../src/daemon/authority/issuer.ts";
import { type Caller, PLAIN_CALLER } from "../../../src/proxy/callers.ts";
import type { CallerPort, CertificatePort, ProxyLimits } from "../../../src/proxy/ports.ts";
import { OK, parse, readSome, withProxy, type World, writeAll } from "../harness.ts";

/** An authority of a test. */
export interface TestAuthority {
  pem: string;
  issuer: Issuer;
}

/** A fresh authority. */
export async function testAuthority(): Promise<TestAuthority> {
  const pair = await makeAuthority(Date.now());
  const info = describeAuthority(pair.certificate);
  return { pem: info.certificate, issuer: await Issuer.create(info, pair.privateKey) };
}

/** What a test of tunnels has besides a {@linkcode World}. */
export interface TunnelWorld extends World {
  /** The authority that clients of the proxy trust. */
  local: TestAuthority;
  /** The authority of upstreams, which the proxy trusts. */
  outer: TestAuthority;
  /** Hosts in the order in which certificates were made for them. */
  minted: string[];
  /** An https upstream with a certificate for `api.test`, `127.0.0.1` and more; answers `ok`. */
  secure: SecureUpstream;
}

/** How a world is made. */
export interface TunnelOptions {
  /** Whether plain callers' tunnels are opened. */
  intercept?: boolean;
  limits?: Partial<ProxyLimits>;
  callers?: CallerPort;
  neverIntercept?: (host: string, port: number) => boolean;
  /** Addresses by name; all others are 127.0.0.1. */
  addresses?: Record<string, string[]>;
  respond?: (request: string) => string;
  /** Further authorities that the proxy trusts. */
  caCerts?: readonly string[];
  /** Without any authority. */
  withoutAuthority?: boolean;
}

/** Runs a test in such a world. */
export async function withTunnels(
  test: (world: TunnelWorld) => Promise<void>,
  options: TunnelOptions = {},
): Promise<void> {
  const [local, outer] = await Promise.all([testAuthority(), testAuthority()]);
  const minted: string[] = [];
  const certificates: CertificatePort = {
    authority: "local",
    leafFor(host) {
      minted.push(host);
      return local.issuer.leafFor(host, Date.now());
    },
  };
  const { limits, callers, neverIntercept, addresses = {}, respond, withoutAuthority } = options;
  const secure = await secureUpstream(outer, respond);
  try {
    await withProxy(async (world) => {
      await test({ ...world, local, outer, minted, secure });
    }, {
      caCerts: [outer.pem, ...options.caCerts ?? []],
      resolve: (host) => Promise.resolve(addresses[host] ?? ["127.0.0.1"]),
      intercept: options.intercept ?? true,
      ...(limits === undefined ? {} : { limits }),
      ports: {
        ...(withoutAuthority ? {} : { certificates }),
        ...(callers === undefined ? {} : { callers }),
        ...(neverIntercept === undefined ? {} : { neverIntercept }),
      },
    });
  } finally {
    await secure.close();
  }
}

/** An https server. */
export interface SecureUpstream {
  port: number;
  /** Whole requests in the order they came. */
  received: string[];
  /** Whether answers are cut off after their head. */
  cutOff: boolean;
  close(): Promise<void>;
}

/** Serves https with a certificate for `host`, made at the moment `now`. */
export async function secureUpstream(
  { issuer }: TestAuthority,
  respond: (request: string) => string = () => OK,
  { host = "api.test", now = Date.now() } = {},
): Promise<SecureUpstream> {
  const leaf = await issuer.leafFor(host, now);
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: leaf.certificate, key: leaf.key });
  const received: string[] = [];
  const open = new Set<Deno.TlsConn>();
  const serve = async (connection: Deno.TlsConn): Promise<void> => {
    for (let held = "";;) {
      const end = held.indexOf("\r\n\r\n");
      const length = end < 0
        ? Infinity
        : end + 4 + Number(/^content-length: *(\d+)/im.exec(held.slice(0, end))?.[1] ?? 0);
      if (held.length < length) {
        const more = await readSome(connection);
        if (more === null) return;
        held += more;
        continue;
      }
      const request = held.slice(0, length);
      held = held.slice(length);
      received.push(request);
      const answer = respond(request);
      if (upstream.cutOff) return await writeAll(connection, answer.slice(0, answer.indexOf("\r\n\r\n") + 5));
      await writeAll(connection, answer);
    }
  };
  const running: Promise<void>[] = [];
  const accepting = (async () => {
    for (;;) {
      let connection: Deno.TlsConn;
      try {
        connection = await listener.accept();
      } catch {
        return; // Closed: the test is over.
      }
      open.add(connection);
      running.push(
        serve(connection)
          // A client that refuses the certificate, or hangs up, is what many tests are about.
          .catch(() => {})
          .finally(() => {
            open.delete(connection);
            closeQuietly(connection);
          }),
      );
    }
  })();
  const upstream: SecureUpstream = {
    port: listener.addr.port,
    received,
    cutOff: false,
    async close() {
      listener.close();
      await accepting;
      for (const connection of open) closeQuietly(connection);
      await Promise.all(running);
    },
  };
  return upstream;
}

/** Sends CONNECT; answers the head of the reply and the connection, which the test closes. */
export async function connectThrough(
  port: number,
  target: string,
  ...fields: string[]
): Promise<{ status: number; head: string; connection: Deno.TcpConn }> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const host = fields.some((field) => /^host:/i.test(field)) ? [] : [`Host: ${target}`];
  await writeAll(connection, [`CONNECT ${target} HTTP/1.1`, ...host, ...fields, "", ""].join("\r\n"));
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const more = await readSome(connection);
    if (more === null) break;
    head += more;
  }
  return { status: parse(head).status, head, connection };
}

/** TLS inside a tunnel, verified against `ca`. */
export async function tlsInside(
  connection: Deno.TcpConn,
  hostname: string,
  ca: string,
): Promise<Deno.TlsConn> {
  const tls = await Deno.startTls(connection, { hostname, caCerts: [ca], alpnProtocols: ["http/1.1"] });
  try {
    await tls.handshake();
    return tls;
  } catch (error) {
    tls.close();
    throw error;
  }
}

/** One request over an open connection; reads until the answer of declared length is whole. */
export async function exchangeOver(connection: Deno.Conn, request: string): Promise<string> {
  await writeAll(connection, request);
  let answer = "";
  for (;;) {
    const end = answer.indexOf("\r\n\r\n");
    const length = end < 0 ? Infinity : end + 4 + Number(/^content-length: *(\d+)/im.exec(answer)?.[1] ?? 0);
    if (answer.length >= length) return answer;
    const more = await readSome(connection);
    if (more === null) return answer;
    answer += more;
  }
}

/** The text of a GET request that keeps its connection. */
export function getKept(path: string, host: string, ...fields: string[]): string {
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, ...fields, "", ""].join("\r\n");
}

/** A caller as `wispkey run` has it, known by one secret. */
export function runCaller(changes: Partial<Caller> = {}): CallerPort & { revoked: boolean } {
  return {
    revoked: false,
    authenticate(identity) {
      if (identity.kind === "none") return PLAIN_CALLER;
      if (this.revoked) return null;
      assert.equal(identity.kind, "proxy-authorization");
      return { ...PLAIN_CALLER, name: "run-1", kind: "run", intercept: true, ...changes };
    },
  };
}

/** Closes what may be closed already. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Closed already by the other side of the test.
  }
}
