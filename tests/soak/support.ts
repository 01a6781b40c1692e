/** A daemon under stress, seen from outside: its files, its memory, and whether it still serves. */

import assert from "node:assert/strict";
import type { Home } from "../e2e/harness.ts";

/** A daemon with an open proxy and one credential. */
export interface Stressed {
  home: Home;
  /** Of the daemon. */
  pid: number;
  /** Of the proxy. */
  port: number;
  /** Head of a GET that carries the token, ended by `Connection: close`. */
  head: string;
}

/** Starts a daemon whose credential may go to `host`. */
export async function stressed(home: Home, host: string): Promise<Stressed> {
  const { credential } = await home.json("add", "stressed", "--value", "sk-stressed-0042", "--hosts", host);
  const { port, pid } = await home.json("serve", "--random-port", "--daemon");
  const head = `GET /to/http/${host}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    `Authorization: Bearer ${credential.wisp_token}\r\nConnection: close\r\n\r\n`;
  return { home, pid, port, head };
}

/**
 * Sends text on a connection of its own, one byte a character, and reads until the other side ends it, however it does.
 *
 * @param endAfterMs ends its own side after so long, so that nobody waits for more
 */
export async function exchange(port: number, text: string, endAfterMs?: number): Promise<string> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  let answer = "";
  const timer = endAfterMs === undefined
    ? undefined
    : setTimeout(() => void socket.closeWrite().catch(() => {}), endAfterMs);
  try {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    for (let sent = 0; sent < bytes.length;) sent += await socket.write(bytes.subarray(sent));
    const buffer = new Uint8Array(16 * 1024);
    const decoder = new TextDecoder("latin1");
    for (let read = await socket.read(buffer); read !== null; read = await socket.read(buffer)) {
      answer += decoder.decode(buffer.subarray(0, read));
    }
  } catch (error) {
    // A reset is an answer, too: what came before it counts.
    const reset = [Deno.errors.ConnectionReset, Deno.errors.BrokenPipe, Deno.errors.NotConnected];
    if (!reset.some((kind) => error instanceof kind)) throw error;
  } finally {
    clearTimeout(timer);
    socket.close();
  }
  return answer;
}

/** Runs `work` with each number below `count`, so many at once. */
export async function repeat(
  count: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let index = next++; index < count; index = next++) await work(index);
  }));
}

/** Open files of a process (Linux). */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Resident memory of a process in MiB (Linux). */
export function resident(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

/** Waits until the process holds no more files than so many; fails with what it holds after ten seconds. */
export async function filesBack(pid: number, most: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (openFiles(pid) > most) {
    assert.ok(Date.now() < deadline, `${openFiles(pid)} files are open, ${most} at the most should be`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asserts that a whole request is answered. */
export async function serves({ port, head }: Stressed): Promise<void> {
  assert.match(await exchange(port, head), /^HTTP\/1\.1 200 /);
}
