/** Starts and ends fake daemons. */
import { fileURLToPath } from "node:url";
import type { DaemonClient } from "../../src/daemon/client.ts";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { readDaemonInfo } from "../../src/daemon/info.ts";
import { vaultFiles } from "../../src/platform/paths.ts";
import { spawnDaemon, type SpawnedDaemon } from "../../src/platform/process.ts";

export const MAIN = new URL("fake_daemon_main.ts", import.meta.url).href;
export const MAIN_PATH = fileURLToPath(MAIN);

/** A call of an operation that only the fake core knows. */
export async function fake(
  client: DaemonClient,
  op: string,
  params: unknown = {},
  payload?: Uint8Array,
): Promise<{ result: Record<string, unknown>; payload: Uint8Array | undefined }> {
  const call = client.call.bind(client) as unknown as (...args: unknown[]) => ReturnType<typeof fake>;
  return await call(op, params, payload);
}

/** Starts a fake daemon as the program would. */
export async function start(
  vaultDir: string,
  key: number[] = [1, 2, 3],
  ...flags: string[]
): Promise<SpawnedDaemon> {
  return await spawnDaemon({ vaultDir, args: [vaultDir, ...flags], key: new Uint8Array(key), main: MAIN });
}

/** Connects; there must be a daemon. */
export async function connected(vaultDir: string): Promise<DaemonClient> {
  const client = await connectDaemon(vaultDir);
  if (client === null) throw new Error("no daemon runs");
  return client;
}

/** Whether a process lives (or is a zombie that nobody has waited for). */
export function alive(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    if (Deno.build.os !== "linux") return true;
    // Its first thread may be a zombie while others still hold its sockets.
    const zombie = /\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
    return !zombie || [...Deno.readDirSync(`/proc/${pid}/task`)].length > 1;
  } catch {
    return false;
  }
}

/** Waits until something holds; fails after ten seconds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`did not come true: ${what}`);
}

/** Gives the body a fresh vault directory, and ends whatever daemon is left there. */
export async function inVault(body: (vaultDir: string, pids: Set<number>) => Promise<void>): Promise<void> {
  const vaultDir = await Deno.makeTempDir();
  const pids = new Set<number>();
  try {
    await body(vaultDir, pids);
  } finally {
    const info = await readDaemonInfo(vaultFiles(vaultDir).daemonInfo);
    if (info !== null) pids.add(info.pid);
    for (const pid of pids) if (alive(pid)) Deno.kill(pid, "SIGKILL");
    for (const pid of pids) await until(`${pid} has ended`, () => !alive(pid));
    await Deno.remove(vaultDir, { recursive: true });
  }
}
