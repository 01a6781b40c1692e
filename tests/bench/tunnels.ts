/**
 * What tunnels cost: opened ones in requests a second and in the first connection to a host, blind ones in throughput.
 *
 * @module
 */

import { join } from "node:path";
import { figure, spreadText } from "./format.ts";
import { startListening } from "./processes.ts";
import { KEY, type Product } from "./product.ts";
import type { Section } from "./report.ts";
import { ratios, spread } from "./statistics.ts";

const MIB = 1024 * 1024;
/** Ticks of `/proc/<pid>/stat` a second, on every Linux there is. */
const TICKS = 100;
const decoder = new TextDecoder("latin1");

/** Sizes of a run. */
export interface TunnelSizes {
  /** How often each cell is measured. */
  readonly rounds: number;
  /** Length of one measurement of requests, seconds. */
  readonly seconds: number;
  /** Size of a transfer. */
  readonly mebibytes: number;
  /** New hosts a round, at most 19. */
  readonly hosts: number;
}

/** Measures all of it; the ways take turns in every round. */
export async function tunnels(product: Product, sizes: TunnelSizes): Promise<Section> {
  const directory = await Deno.makeTempDir({ prefix: "wk-bench-tls-" });
  const certificate = join(directory, "upstream.pem");
  const key = join(directory, "upstream.key");
  await makeCertificate(certificate, key);
  const upstream = await startListening("tls_upstream.ts", [certificate, key], [
    "--allow-net",
    "--allow-read",
  ]);
  const relay = await startListening("relay.ts", [String(upstream.port)]);
  const socat = await startSocat(upstream.port);
  try {
    await product.command("config", "set", "proxy.extra_ca", certificate);
    const hosts = Array.from({ length: 60 }, (_, i) => `https://127.0.0.${i + 1}:${upstream.port}`);
    const added = await product.command(
      "add",
      "tunnel",
      "--hosts",
      hosts.join(","),
      "--value",
      KEY,
      "--json",
    );
    const token: string = JSON.parse(added.stdout).credential.wisp_token;
    await product.command("serve", "--daemon", "--port", String(product.port), "--intercept");
    const shown = JSON.parse((await product.command("ca", "show", "--json")).stdout).ca;
    const world: World = {
      product,
      token,
      upstreamPort: upstream.port,
      upstreamCa: await Deno.readTextFile(certificate),
      localCa: await Deno.readTextFile(shown.certificate_path),
    };
    const parts = [
      await requests(world, sizes),
      await firstConnections(world, sizes),
      await throughput(world, sizes, relay.port, socat?.port ?? null),
    ];
    return {
      title: "Tunnels",
      method:
        "Requests: GETs with a token over 32 kept connections to an https host, sent to the proxy as absolute-form requests " +
        "(“forward”) and as https inside CONNECT (“opened”), with the processor time that the daemon spent on each. First " +
        "connections: from connecting to the proxy to the first answer of a host that was never visited, opened and blind. " +
        `Throughput: ${sizes.mebibytes} MiB of TLS through a blind tunnel, the plainest relay of Deno (\`tests/bench/relay.ts\`)` +
        `${
          socat === null ? "" : " and socat"
        }. Client and upstream share the processors; ${sizes.rounds} rounds, taking turns.`,
      columns: ["what", "way", "figure", "processor time of the daemon"],
      rows: parts.flatMap(({ rows }) => rows),
      targets: parts.flatMap(({ targets }) => targets),
      data: parts.map(({ data }) => data),
    };
  } finally {
    await Promise.all([upstream.end(), relay.end(), socat?.end()]);
    await Deno.remove(directory, { recursive: true });
  }
}

interface World {
  product: Product;
  token: string;
  upstreamPort: number;
  upstreamCa: string;
  localCa: string;
}

type Part = Pick<Section, "rows" | "targets" | "data">;

async function requests(world: World, { rounds, seconds }: TunnelSizes): Promise<Part> {
  const { product, token, upstreamPort } = world;
  const host = `127.0.0.1:${upstreamPort}`;
  const head = (target: string) =>
    `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n\r\n`;
  const ways = {
    forward: () => connect(product.port),
    opened: () => openTunnel(world, "127.0.0.1", world.localCa),
  };
  const texts = { forward: head(`https://${host}/small`), opened: head("/small") };
  const figures = { forward: [] as number[], opened: [] as number[] };
  const micros = { forward: [] as number[], opened: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ["forward", "opened"] as const) {
      const before = await processorSeconds(product.pid);
      const { count, perSecond } = await load(ways[way], texts[way], 32, seconds);
      figures[way].push(perSecond);
      micros[way].push(((await processorSeconds(product.pid) - before) / count) * 1e6);
    }
  }
  const share = spread(ratios(figures.opened, figures.forward)).median;
  return {
    rows: (["forward", "opened"] as const).map((way) => [
      "requests/s, 32 connections",
      way,
      spreadText(spread(figures[way])),
      `${spreadText(spread(micros[way]))} µs a request`,
    ]),
    targets: [{
      text: "requests inside opened tunnels: at least 0.6 of those in forward mode",
      measured: `${share.toFixed(2)} times`,
      reached: share >= 0.6,
    }],
    data: { figures, micros },
  };
}

async function firstConnections(world: World, { rounds, hosts }: TunnelSizes): Promise<Part> {
  const figures = { blind: [] as number[], opened: [] as number[] };
  let next = 2;
  for (let round = 0; round < Math.min(rounds, Math.floor(58 / hosts)); round++) {
    for (let i = 0; i < hosts; i++, next++) {
      const host = `127.0.0.${next}`;
      figures.opened.push(await firstAnswer(world, host, world.localCa));
    }
  }
  // The same hosts blindly: nothing is made or kept for them, so that they are as new as before.
  await world.product.command("config", "set", "proxy.never_intercept", "127.0.0.0/8");
  for (let i = 2; i < next; i++) {
    figures.blind.push(await firstAnswer(world, `127.0.0.${i}`, world.upstreamCa));
  }
  await world.product.command("config", "unset", "proxy.never_intercept");
  const [blind, opened] = [spread(figures.blind).median, spread(figures.opened).median];
  return {
    rows: (["blind", "opened"] as const).map((way) => [
      "first answer of a new host, ms",
      way,
      spreadText(spread(figures[way])),
      "",
    ]),
    targets: [{
      text: "first connection to a new host: less than 10 ms more than a blind tunnel",
      measured: `${figure(opened - blind)} ms more`,
      reached: opened - blind < 10,
    }],
    data: figures,
  };
}

async function throughput(
  world: World,
  { rounds, mebibytes }: TunnelSizes,
  relayPort: number,
  socatPort: number | null,
): Promise<Part> {
  const ways: Record<string, () => Promise<Deno.TlsConn>> = {
    blind: () => openTunnel(world, "localhost", world.upstreamCa),
    relay: () => secureConnection(relayPort, world.upstreamCa),
  };
  if (socatPort !== null) ways.socat = () => secureConnection(socatPort, world.upstreamCa);
  const figures: Record<string, number[]> = {};
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [way, open] of Object.entries(ways)) {
      const before = await processorSeconds(world.product.pid);
      (figures[way] ??= []).push(await download(await open(), mebibytes));
      if (way === "blind") seconds.push(await processorSeconds(world.product.pid) - before);
    }
  }
  const best = Math.max(...["relay", "socat"].map((way) => spread(figures[way] ?? [0]).median));
  const share = spread(figures.blind ?? [0]).median / best;
  return {
    rows: Object.entries(figures).map(([way, runs]) => [
      `MiB/s, ${mebibytes} MiB`,
      way,
      spreadText(spread(runs)),
      way === "blind" ? `${spreadText(spread(seconds))} s` : "",
    ]),
    targets: [{
      text: "throughput of a blind tunnel: at least 0.7 of the best relay's",
      measured: `${share.toFixed(2)} times`,
      reached: share >= 0.7,
    }],
    data: figures,
  };
}

async function load(
  open: () => Promise<Deno.Conn>,
  request: string,
  connections: number,
  seconds: number,
): Promise<{ count: number; perSecond: number }> {
  const bytes = new TextEncoder().encode(request);
  const sockets = await Promise.all(Array.from({ length: connections }, open));
  const started = performance.now();
  const stop = started + seconds * 1000;
  let count = 0;
  await Promise.all(sockets.map(async (socket) => {
    const buffer = new Uint8Array(16 * 1024);
    while (performance.now() < stop) {
      await writeAll(socket, bytes);
      await readAnswer(socket, buffer);
      count++;
    }
    socket.close();
  }));
  return { count, perSecond: count / ((performance.now() - started) / 1000) };
}

async function firstAnswer(world: World, host: string, ca: string): Promise<number> {
  const started = performance.now();
  const tls = await openTunnel(world, host, ca);
  const request = `GET /small HTTP/1.1\r\nHost: ${host}:${world.upstreamPort}\r\n\r\n`;
  await writeAll(tls, new TextEncoder().encode(request));
  await readAnswer(tls, new Uint8Array(4096));
  const ms = performance.now() - started;
  tls.close();
  return ms;
}

async function readAnswer(socket: Deno.Conn, buffer: Uint8Array): Promise<void> {
  for (let filled = 0;;) {
    const count = await socket.read(buffer.subarray(filled));
    if (count === null) throw new Error("the connection ended before an answer");
    filled += count;
    const text = decoder.decode(buffer.subarray(0, filled));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    if (!text.startsWith("HTTP/1.1 200")) throw new Error(`refused: ${text}`);
    if (filled >= end + 4 + Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0)) return;
  }
}

async function download(tls: Deno.TlsConn, mebibytes: number): Promise<number> {
  const started = performance.now();
  await writeAll(tls, new TextEncoder().encode(`GET /down/${mebibytes} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
  const buffer = new Uint8Array(256 * 1024);
  for (let received = 0; received < mebibytes * MIB;) {
    const count = await tls.read(buffer);
    if (count === null) throw new Error(`the download ended after ${received} bytes`);
    received += count;
  }
  const perSecond = mebibytes / ((performance.now() - started) / 1000);
  tls.close();
  return perSecond;
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  socket.setNoDelay(true);
  return socket;
}

async function secureConnection(port: number, ca: string): Promise<Deno.TlsConn> {
  const tls = await Deno.startTls(await connect(port), { hostname: "localhost", caCerts: [ca] });
  await tls.handshake();
  return tls;
}

async function openTunnel({ product, upstreamPort }: World, host: string, ca: string): Promise<Deno.TlsConn> {
  const socket = await connect(product.port);
  const target = `${host}:${upstreamPort}`;
  await writeAll(socket, new TextEncoder().encode(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`));
  await readAnswer(socket, new Uint8Array(4096));
  const tls = await Deno.startTls(socket, { hostname: host, caCerts: [ca] });
  await tls.handshake();
  return tls;
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

/** What a process has spent in user and kernel. */
async function processorSeconds(pid: number): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** A certificate for many loopback addresses, each a host of its own to the proxy. */
async function makeCertificate(certificate: string, key: string): Promise<void> {
  const names = Array.from({ length: 60 }, (_, i) => `IP:127.0.0.${i + 1}`);
  const { success } = await new Deno.Command("openssl", {
    args: [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bench".split(" "),
      ...["-keyout", key, "-out", certificate, "-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-addext", `subjectAltName=DNS:localhost,${names.join(",")}`],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) throw new Error("openssl could not make a certificate");
}

/** Starts socat in front of a port, where there is one. */
async function startSocat(upstreamPort: number): Promise<{ port: number; end(): Promise<void> } | null> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("socat", {
      args: [
        "-b",
        "262144",
        `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,nodelay`,
        `TCP:127.0.0.1:${upstreamPort},nodelay`,
      ],
      stdin: "null",
    }).spawn();
  } catch {
    console.error("there is no socat here: blind tunnels are measured against Deno's relay alone");
    return null;
  }
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      // Not listening yet.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  return {
    port,
    async end() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}
