/**
 * The two files that tell where a daemon and its proxy are: `daemon.json` and `proxy.json`, owner-only, written whole.
 *
 * @module
 */

import { fromUtf8, utf8 } from "../core/bytes.ts";
import type { LocalAddress } from "../platform/local_socket.ts";
import { readFileBounded, writePrivateFile } from "../platform/private_file.ts";

/** What `daemon.json` says. */
export interface DaemonInfo {
  /** Process id. */
  pid: number;
  /** Where its local API listens. */
  address: LocalAddress;
  /** When it started, ms since the epoch. */
  startedAt: number;
  /** Program version. */
  version: string;
  /** Set by a daemon that ends because a successor has asked it to: another one will be here in a moment. */
  handedOver: boolean;
}

/** What `proxy.json` says. */
export interface ProxyFile {
  /** Process id of the daemon. */
  pid: number;
  /** Port, the same on IPv4 and IPv6 loopback. */
  port: number;
  /** `http://127.0.0.1:PORT`. */
  address: string;
}

const MAX_INFO_BYTES = 4096;

/** Publishes where a daemon is. */
export async function writeDaemonInfo(path: string, info: DaemonInfo): Promise<void> {
  const { pid, address, startedAt, version, handedOver } = info;
  await writeJson(path, {
    pid,
    ...address,
    started_at: new Date(startedAt).toISOString(),
    version,
    ...(handedOver ? { handed_over: true } : {}),
  });
}

/** Reads where a daemon is; null if the file is missing or makes no sense. */
export async function readDaemonInfo(path: string): Promise<DaemonInfo | null> {
  const json = await readJson(path);
  if (json === null) return null;
  const { pid, socket, port, token, started_at: started, version, handed_over: handedOver } = json;
  if (!isPid(pid) || typeof version !== "string" || typeof started !== "string") return null;
  let address: LocalAddress;
  if (typeof socket === "string") address = { socket };
  else if (isPort(port) && typeof token === "string" && /^[0-9a-f]{64}$/.test(token)) {
    address = { port, token };
  } else return null;
  return { pid, address, startedAt: Date.parse(started), version, handedOver: handedOver === true };
}

/** Publishes where the proxy listens. */
export async function writeProxyFile(path: string, { pid, port, address }: ProxyFile): Promise<void> {
  await writeJson(path, { pid, port, address });
}

/** Reads where the proxy listens; null if the file is missing or makes no sense. */
export async function readProxyFile(path: string): Promise<ProxyFile | null> {
  const json = await readJson(path);
  if (json === null) return null;
  const { pid, port, address } = json;
  return isPid(pid) && isPort(port) && typeof address === "string" ? { pid, port, address } : null;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writePrivateFile(path, utf8(`${JSON.stringify(value)}\n`));
}

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    const json: unknown = JSON.parse(fromUtf8(await readFileBounded(path, MAX_INFO_BYTES)));
    return typeof json === "object" && json !== null ? json as Record<string, unknown> : null;
  } catch {
    return null; // Missing, unreadable or damaged: nobody can be found through it.
  }
}

function isPid(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
}
