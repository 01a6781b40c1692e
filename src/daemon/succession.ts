/**
 * Becoming the only daemon of a vault: an older one is asked to hand over and, if it hangs, ended.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { removeStaleSocket } from "../platform/local_socket.ts";
import type { VaultFiles } from "../platform/paths.ts";
import type { DaemonClient } from "./client.ts";
import { tryConnect } from "./connect.ts";
import { type DaemonInfo, readDaemonInfo, readProxyFile } from "./info.ts";
import { ensureLockFile, tryDaemonLock } from "./lock.ts";

/** An older daemon that was asked has so long to release the lock before it is killed, milliseconds. */
const HANDOVER_MS = 5_000;
/** Longest wait for the lock, milliseconds; several daemons may be starting one after another. */
const LOCK_MS = 20_000;
const POLL_MS = 10;

/** The listener of an older daemon, to be opened again. */
export interface InheritedProxy {
  /** Its port. */
  port: number;
  /** Whether somebody was attached who wants it closed when they go. */
  attached: boolean;
  /** Whether the tunnels of plain callers are opened, too. */
  intercept?: boolean;
  /** Its ports at which who does not say who calls is asked to. */
  askingPorts?: number[];
}

/** The outcome of {@linkcode succeed}. */
export interface Succession {
  /** Lets a successor in; until this is called, or the process ends, the daemon is the only one. */
  release: () => void;
  /** What an older daemon had open. */
  proxy: InheritedProxy | null;
  /**
   * Whether this daemon still is the only one: if somebody deleted the lock file, it is made and taken anew, unless another
   * daemon was faster.
   */
  isOnlyOne: () => Promise<boolean>;
  /** Process id of the older daemon, if one was replaced. */
  replaced: number | null;
}

/** An older daemon that was asked to hand over. */
interface Asked {
  info: DaemonInfo;
  at: number;
  client: DaemonClient;
}

/**
 * Takes the lock, from an older daemon if there is one. What a killed one left behind is removed.
 *
 * @throws {FailedError} `daemon_busy` if the lock cannot be had.
 */
export async function succeed(files: VaultFiles): Promise<Succession> {
  await ensureLockFile(files.daemonLock);
  let proxy: InheritedProxy | null = null;
  let replaced: number | null = null;
  let asked: Asked | undefined;
  try {
    for (const start = performance.now(); performance.now() - start < LOCK_MS;) {
      const lock = await tryDaemonLock(files.daemonLock);
      if (typeof lock !== "string") {
        await removeRemains(files);
        return { ...heldLock(files.daemonLock, lock), proxy, replaced };
      }
      const info = await readDaemonInfo(files.daemonInfo);
      if (info !== null && !isSame(info, asked?.info)) {
        const client = await tryConnect(info);
        if (client !== null) {
          asked?.client.close();
          asked = { info, at: performance.now(), client };
          // While it answers, the lock is tried again and again: an older one that hangs never answers.
          client.call("daemon.handover", {}).then(({ result }) => {
            proxy = result.proxy;
            replaced = result.pid;
          }, () => undefined); // It ended, or was asked by another: whoever holds the lock next is asked in turn.
        }
      }
      if (asked !== undefined && performance.now() - asked.at > HANDOVER_MS) {
        // Its socket took our connection, so its pid is a living daemon's and no other program's.
        const listener = await readProxyFile(files.proxyInfo);
        if (listener?.pid === asked.info.pid) proxy = { port: listener.port, attached: false };
        replaced = asked.info.pid;
        asked.at = performance.now();
        kill(asked.info.pid);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    asked?.client.close();
  }
  throw new FailedError("cannot start the daemon: another one holds the vault and does not let go", {
    code: "daemon_busy",
    hint: "wispkey stop",
  });
}

function heldLock(path: string, first: Deno.FsFile): Pick<Succession, "release" | "isOnlyOne"> {
  let lock = first;
  return {
    release: once(() => lock.close()),
    isOnlyOne: async () => {
      if (await isSameFile(path, lock)) return true;
      await ensureLockFile(path);
      const again = await tryDaemonLock(path);
      if (typeof again === "string") return again === "missing";
      lock.close();
      lock = again;
      return true;
    },
  };
}

async function isSameFile(path: string, file: Deno.FsFile): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).ino === (await file.stat()).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeRemains(files: VaultFiles): Promise<void> {
  const info = await readDaemonInfo(files.daemonInfo);
  if (info !== null) await removeStaleSocket(info.address);
  // `daemon.json` stays until it is replaced: it tells callers that a successor is due.
  await Deno.remove(files.proxyInfo).catch(() => undefined); // Mostly it is not there.
}

function isSame(a: DaemonInfo, b: DaemonInfo | undefined): boolean {
  return a.pid === b?.pid && a.startedAt === b.startedAt;
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended in this very moment.
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
