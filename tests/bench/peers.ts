/**
 * The proxies that are measured side by side. Those that are not installed are left out, and that is said.
 *
 * @module
 */

import { join } from "node:path";
import { bareEnvironment } from "../../scripts/lib/program.ts";
import { startListening } from "./processes.ts";
import { KEY, type Product } from "./product.ts";

/** A proxy that is ready to be measured. */
export interface Peer {
  /** Name in the table. */
  readonly name: string;
  /** What it does with a request besides passing it on. */
  readonly work: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Process whose memory is looked at; null for none of interest. */
  readonly pid: number | null;
  /** The request line's target and the fields for a path of the upstream. */
  readonly head: (method: string, path: string) => string;
  /** Ends it. */
  readonly end: () => Promise<void>;
}

/** The peers that run here, and one line for each that does not. */
export async function startPeers(
  product: Product,
  upstreamPort: number,
): Promise<{ peers: Peer[]; absent: string[] }> {
  const upstream = `127.0.0.1:${upstreamPort}`;
  const passThrough = await startListening("pass_through.ts", [String(upstreamPort)]);
  const fields = (host: string, key: string) =>
    `Host: ${host}\r\nAuthorization: Bearer ${key}\r\nAccept: */*\r\nUser-Agent: bench\r\n`;
  /** As clients speak to the proxy in `http_proxy`. */
  const absolute = (key: string) => (method: string, path: string) =>
    `${method} http://${upstream}${path} HTTP/1.1\r\n${fields(upstream, key)}`;
  const plain = (port: number) => (method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\n${fields(`127.0.0.1:${port}`, KEY)}`;

  const peers: Peer[] = [
    {
      name: "direct",
      work: "no proxy",
      port: upstreamPort,
      pid: null,
      head: plain(upstreamPort),
      end: () => Promise.resolve(),
    },
    {
      name: "Deno.serve + fetch",
      work: "passes on",
      port: passThrough.port,
      pid: passThrough.pid,
      head: plain(passThrough.port),
      end: passThrough.end,
    },
    {
      name: "wispkey",
      work: "swaps a token, checks host, place and policies, logs, searches the answer",
      port: product.port,
      pid: product.pid,
      head: absolute(product.token),
      end: () => Promise.resolve(),
    },
  ];
  const absent: string[] = [];
  for (const start of [startNginx, startSquid, startMitmproxy]) {
    const started = await start(upstream);
    if (typeof started === "string") absent.push(started);
    else peers.push({ ...started, head: started.isForward ? absolute("a-token") : plain(started.port) });
  }
  return { peers, absent };
}

interface Started extends Omit<Peer, "head"> {
  /** Whether it wants the whole URL in the request line. */
  readonly isForward: boolean;
}

async function startNginx(upstream: string): Promise<Started | string> {
  return await startPeer({
    name: "nginx",
    program: "/usr/sbin/nginx",
    work: "sets one fixed key",
    isForward: false,
    args: (directory) => ["-p", directory, "-c", join(directory, "peer.conf"), "-g", "daemon off;"],
    config: (port, directory) => `
      worker_processes 1; pid ${directory}/pid; error_log stderr crit;
      events { worker_connections 4096; }
      http {
        access_log off; client_max_body_size 0; keepalive_requests 1000000;
        client_body_temp_path ${directory}; proxy_temp_path ${directory}; fastcgi_temp_path ${directory};
        uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
        upstream up { server ${upstream}; keepalive 512; keepalive_requests 1000000; }
        server {
          listen 127.0.0.1:${port};
          location / {
            proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Authorization "Bearer ${KEY}";
            proxy_buffering off; proxy_request_buffering off;
          }
        }
      }`,
  });
}

async function startSquid(_upstream: string): Promise<Started | string> {
  return await startPeer({
    name: "squid",
    program: "/usr/sbin/squid",
    work: "sets one fixed key",
    isForward: true,
    args: (directory) => ["-N", "-f", join(directory, "peer.conf")],
    config: (port, directory) =>
      `
      http_port 127.0.0.1:${port}
      http_access allow all
      cache deny all
      cache_mem 8 MB
      access_log none
      cache_log /dev/null
      pid_filename none
      coredump_dir ${directory}
      request_header_access Authorization deny all
      request_header_replace Authorization Bearer ${KEY}
      max_filedescriptors 8192
      shutdown_lifetime 0 seconds
      via off
      `.replaceAll(/^ +/gm, ""),
  });
}

async function startMitmproxy(_upstream: string): Promise<Started | string> {
  return await startPeer({
    name: "mitmproxy",
    program: "/usr/bin/mitmdump",
    work: "swaps a token, searches small answers for one value",
    isForward: true,
    args: (directory, port) => [
      "--quiet",
      "--listen-host",
      "127.0.0.1",
      "--listen-port",
      String(port),
      "--set",
      `confdir=${directory}`,
      "--set",
      "stream_large_bodies=1m",
      "--scripts",
      join(directory, "peer.conf"),
    ],
    config: () => `
def requestheaders(flow):
    flow.request.headers["authorization"] = flow.request.headers.get("authorization", "").replace("a-token", "${KEY}")

def responseheaders(flow):
    if "event-stream" in flow.response.headers.get("content-type", ""):
        flow.response.stream = True

def response(flow):
    if flow.response.raw_content and b"${KEY}" in flow.response.raw_content:
        flow.response.raw_content = flow.response.raw_content.replace(b"${KEY}", b"a-token")
`,
    extension: ".py",
  });
}

interface PeerPlan {
  name: string;
  program: string;
  work: string;
  isForward: boolean;
  args: (directory: string, port: number) => string[];
  config: (port: number, directory: string) => string;
  extension?: string;
}

async function startPeer(plan: PeerPlan): Promise<Started | string> {
  try {
    await Deno.stat(plan.program);
  } catch {
    return `${plan.name} is not installed (${plan.program})`;
  }
  const directory = await Deno.makeTempDir({ prefix: "wk-peer-" });
  // squid gives up root for a user of its own, who has to read it.
  await Deno.chmod(directory, 0o777);
  const port = freePort();
  const file = join(directory, `peer.conf${plan.extension ?? ""}`);
  await Deno.writeTextFile(file, plan.config(port, directory));
  const child = new Deno.Command(plan.program, {
    args: plan.args(directory, port).map((argument) =>
      argument.replace(/peer\.conf$/, `peer.conf${plan.extension ?? ""}`)
    ),
    clearEnv: true,
    env: bareEnvironment(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const end = async () => {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(directory, { recursive: true });
  };
  if (!(await answers(port))) {
    await end();
    return `${plan.name} is installed and does not start`;
  }
  const { name, work, isForward } = plan;
  return { name, work, isForward, port, pid: await worker(child.pid), end };
}

/** The process that does the work: the child of the one that was started, if there is one. */
async function worker(pid: number): Promise<number> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const first = Number(children.trim().split(" ")[0]);
  return first > 0 ? first : pid;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

async function answers(port: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connection.close();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return false;
}
