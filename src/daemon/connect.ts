/**
 * Finding the daemon of a vault.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { FailedError, WispKeyError } from "../core/errors.ts";
import { vaultFiles } from "../platform/paths.ts";
import { removeStaleSocket } from "../platform/local_socket.ts";
import { endingHint } from "../platform/hints.ts";
import { DaemonClient } from "./client.ts";
import { type DaemonInfo, readDaemonInfo } from "./info.ts";
import { tryDaemonLock } from "./lock.ts";

/** How long to wait for a daemon that is just starting or taking over, milliseconds. */
const STARTING_MS = 15_000;
const POLL_MS = 10;
/** A daemon that lives answers its first call within this time, milliseconds. */
const ANSWER_MS = 5_000;
/** How long a daemon that was handed over to may be missing before its file counts as left behind, milliseconds. */
const SUCCESSION_MS = 1_000;

/** How the system says that nobody listens, or that whoever did is ending. */
const GONE = [
  Deno.errors.NotFound,
  Deno.errors.ConnectionRefused,
  Deno.errors.ConnectionReset,
  Deno.errors.ConnectionAborted, // As Windows calls it where our end notices it first.
  Deno.errors.BrokenPipe,
];

/**
 * Connects to the vault's daemon. One that is starting, or taking over from an older one, is waited for; what a killed
 * one left behind is removed.
 *
 * @returns null if none runs
 * @throws {FailedError} `daemon_unresponsive` if one runs and does not answer.
 */
export async function connectDaemon(vaultDir: string): Promise<DaemonClient | null> {
  const files = vaultFiles(vaultDir);
  let handedOverAt: number | undefined;
  let pid: number | undefined;
  for (const start = performance.now(); performance.now() - start < STARTING_MS;) {
    const info = await readDaemonInfo(files.daemonInfo);
    pid = info?.pid ?? pid;
    const client = info === null ? null : await tryConnect(info);
    if (client !== null && await answers(client, () => noneRuns(files, info))) return client;
    if (info?.handedOver === true) handedOverAt ??= performance.now();
    else handedOverAt = undefined;
    const successorDue = handedOverAt !== undefined && performance.now() - handedOverAt < SUCCESSION_MS;
    if (!successorDue && await noneRuns(files, info)) return null;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  // Its lock is held: to say that none runs would be to say that the vault is locked, which it may not be.
  throw new FailedError("cannot reach the daemon: it holds the vault but does not answer", {
    code: "daemon_unreachable",
    hint: endingHint(pid),
  });
}

/**
 * Whether there is more than a socket: a daemon that is ending may still take a connection, and a port that one listened at
 * which was killed may be another program's by now. Closes it if not.
 */
async function answers(client: DaemonClient, noneRuns: () => Promise<boolean>): Promise<boolean> {
  try {
    await client.call("daemon.challenge", {}, undefined, ANSWER_MS);
    return true;
  } catch (error) {
    client.close();
    if (error instanceof WispKeyError && ["daemon_gone", "daemon_ending"].includes(error.code)) return false;
    if (await noneRuns()) return false;
    throw error;
  }
}

/** Connects to the daemon that an info file tells of; null if nobody listens there any more. */
export async function tryConnect(info: DaemonInfo): Promise<DaemonClient | null> {
  try {
    return await DaemonClient.connect(info.address);
  } catch (error) {
    if (GONE.some((kind) => error instanceof kind)) return null;
    throw error;
  }
}

/** Whether no daemon holds the lock; then what is left of one is removed, unless it is no longer the same. */
async function noneRuns(
  files: ReturnType<typeof vaultFiles>,
  seen: DaemonInfo | null,
): Promise<boolean> {
  const lock = await tryDaemonLock(files.daemonLock);
  if (lock === "held") return false;
  if (lock === "missing") return true;
  try {
    const info = await readDaemonInfo(files.daemonInfo);
    if (!isDeepStrictEqual(info, seen)) return false; // Somebody came or went between the two looks.
    if (info !== null) await removeStaleSocket(info.address);
    for (const path of [files.daemonInfo, files.proxyInfo]) {
      // A read-only vault keeps its leftovers; nothing is lost by that.
      await Deno.remove(path).catch(() => undefined);
    }
    return true;
  } finally {
    lock.close();
  }
}
