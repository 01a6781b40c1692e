/**
 * A daemon's life: harden, become the only one, take the key, serve, end. Everything the vault and the proxy do is behind
 * {@linkcode DaemonCore}.
 *
 * @module
 */

import { errorToJson, ExitCode, FailedError } from "../core/errors.ts";
import { utf8, wipe } from "../core/bytes.ts";
import { harden, type HardenReport } from "../platform/harden.ts";
import { vaultFiles } from "../platform/paths.ts";
import { giveUp } from "../platform/permissions.ts";
import { removeLeftovers } from "../platform/private_file.ts";
import type { DaemonLine } from "../platform/process.ts";
import { onTermination } from "../platform/signals.ts";
import { readAllStdin } from "../platform/terminal.ts";
import type { DaemonCore, Ending } from "./core.ts";
import { writeDaemonInfo } from "./info.ts";
import { AskingDesk } from "./asking_desk.ts";
import { keepPublished } from "./published.ts";
import { ProxyDesk } from "./proxy_desk.ts";
import { serveDaemon } from "./server.ts";
import { lifeOperations } from "./life_operations.ts";
import { succeed, type Succession } from "./succession.ts";

/** Largest key that is taken from stdin, bytes. */
const MAX_KEY_BYTES = 4096;
/** How long requests of the proxy may go on when a daemon is replaced or stopped, milliseconds. */
const DRAIN_MS = 10_000;
/** How long calls of the local API may go on then, milliseconds. */
const CALLS_MS = 2_000;
/** How long requests of the proxy may go on when the system asks it to end. */
const SIGNAL_DRAIN_MS = 1_000;

/** How to run a daemon. */
export interface DaemonOptions {
  /** The vault directory, absolute. */
  vaultDir: string;
  /** Program version. */
  version: string;
  /** Begins to write the log file; answers what ends that. Absent: nothing is logged. */
  startLogging?: () => Promise<() => Promise<void>>;
  /** Makes the heart, once the process is hardened. */
  core: (report: HardenReport) => DaemonCore;
  /** Loopback TCP with a token instead of a Unix socket; the default on Windows. */
  token?: boolean;
}

/**
 * Runs a daemon to its end.
 *
 * Speaks the protocol of `spawnDaemon` on stdin and stdout: says that it is ready for the key, reads the key until the end of
 * stdin, says that it serves.
 *
 * @returns the process's exit code: 0 after a stop, a handover or a signal, 1 if it could not start
 */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  let endLogging: (() => Promise<void>) | undefined;
  try {
    endLogging = await options.startLogging?.();
    return await live(options);
  } catch (error) {
    await say({ error: errorToJson(error) });
    return ExitCode.failed;
  } finally {
    await endLogging?.();
  }
}

async function live({ vaultDir, version, core: makeCore, token }: DaemonOptions): Promise<number> {
  const files = vaultFiles(vaultDir);
  let core: DaemonCore | undefined;
  const report = await harden(() => core?.wipe());
  const ending = Promise.withResolvers<Ending>();
  onTermination(() => ending.resolve("signal"));
  await say({ ready: "for-key", closed: report.closed, how: report.how });
  // The key comes first: if whoever started us is gone, an older daemon goes on undisturbed.
  const key = await takeKey();
  try {
    const succession = await succeed(files);
    giveUp("run");
    try {
      core = makeCore(report);
      await core.openWithKey(key);
      wipe(key);
      await removeLeftovers(vaultDir);
      await serve(core, succession);
    } finally {
      core?.wipe();
      succession.release();
    }
  } finally {
    wipe(key);
  }
  return ExitCode.done;

  async function serve(core: DaemonCore, succession: Succession): Promise<void> {
    const { proxy, release } = succession;
    const startedAt = Date.now();
    const desk = new ProxyDesk(core, files.proxyInfo);
    const asking = new AskingDesk(core);
    const server = serveDaemon({
      directory: vaultDir,
      ...(token === undefined ? {} : { token }),
      dispatch: lifeOperations({ core, desk, asking, startedAt, version, report, end: ending.resolve }),
    });
    const info = { pid: Deno.pid, startedAt, version };
    if (proxy !== null) await desk.inherit(proxy);
    if (core.proxy() !== null) await asking.inherit(proxy?.askingPorts ?? []);
    const onReplaced = () => ending.resolve("replaced");
    const unpublish = await keepPublished({ files, info, server, succession, onReplaced });
    await say({ ready: "serving", pid: Deno.pid });

    const reason = await ending.promise;
    asking.end();
    await unpublish();
    await server.stop(CALLS_MS);
    await desk.close(reason === "signal" ? SIGNAL_DRAIN_MS : DRAIN_MS);
    if (reason === "handover") {
      await writeDaemonInfo(files.daemonInfo, { ...info, address: server.address, handedOver: true });
    } else if (reason !== "replaced") {
      await Deno.remove(files.daemonInfo).catch(() => undefined); // Somebody tidied up already.
    }
    // A successor may write all the files above from here on; to others the vault is closed only when it is.
    if (reason === "handover" || reason === "replaced") release();
    await server.close();
    await desk.drained();
    await core.close(reason);
    release();
  }
}

/**
 * Reads the key from stdin.
 *
 * @throws {FailedError} `no_key` if there is none.
 */
async function takeKey(): Promise<Uint8Array<ArrayBuffer>> {
  const key = await readAllStdin(MAX_KEY_BYTES);
  if (key.length > 0) return key;
  throw new FailedError("cannot start the daemon: it was given no key", {
    code: "no_key",
    hint: "wispkey unlock",
  });
}

/** One line for whoever started the daemon; if they are gone, the daemon goes on. */
async function say(line: DaemonLine): Promise<void> {
  const bytes = utf8(`${JSON.stringify(line)}\n`);
  try {
    for (let sent = 0; sent < bytes.length;) sent += await Deno.stdout.write(bytes.subarray(sent));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
