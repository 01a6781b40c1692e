/**
 * Starting this program again as another role, and the daemon in particular: in its own session, with a clean
 * environment, and the key handed over a pipe that nobody else has.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { wipe } from "../core/bytes.ts";
import { errorFromJson, type ErrorJson, FailedError } from "../core/errors.ts";
import { daemonEnvironment } from "./environment.ts";
import { permissionFlags, type Role } from "./permissions.ts";

/** A program with its first arguments. */
export interface SelfCommand {
  /** Absolute path of the executable. */
  command: string;
  /** What comes before the program's own arguments. */
  args: string[];
}

/**
 * How to start this program in a role: compiled, its own executable; from source, Deno with exactly the role's
 * permissions, and dependencies from the cache only.
 *
 * @param main file URL of the program's entry module, this process's unless told otherwise
 */
export function selfCommand(role: Role, main: string = Deno.mainModule): SelfCommand {
  const command = Deno.execPath();
  if (!isAbsolute(command)) throw new Error(`no absolute path of our own: ${command}`);
  if (Deno.build.standalone) return { command, args: [] };
  const bundled = import.meta.url === main;
  const code = bundled
    ? ["--no-config", "--no-lock", "--no-remote", "--no-npm"]
    : ["--cached-only", "--config", fileURLToPath(new URL("../../deno.json", import.meta.url))];
  return {
    command,
    args: ["run", "--quiet", "--no-prompt", ...code, ...permissionFlags(role), fileURLToPath(main)],
  };
}

/** What `spawnDaemon` needs. */
export interface SpawnOptions {
  /** Absolute path of the vault directory; the daemon's working directory, and its `WISPKEY_VAULT_PATH`. */
  vaultDir: string;
  /** The program's own arguments that make it the daemon. */
  args: readonly string[];
  /** The data key. Wiped before the call returns. */
  key: Uint8Array;
  /** Longest wait for the daemon to serve, milliseconds; default 30 000. */
  timeoutMs?: number;
  /** See {@linkcode selfCommand}. */
  main?: string;
}

/** A daemon that has begun to serve. */
export interface SpawnedDaemon {
  /** Process id. */
  pid: number;
  /** Whether it is closed to other programs of the same user. */
  closed: boolean;
  /** By what means, or why not. */
  how: string;
}

/** The lines a starting daemon writes to its stdout, in this order; or the last one alone. */
export type DaemonLine =
  | { ready: "for-key"; closed: boolean; how: string }
  | { ready: "serving"; pid: number }
  | { error: ErrorJson };

/**
 * Starts a daemon and waits until it serves. The key goes over its stdin, after it has said that it is hardened;
 * it is in no argument, environment variable or file.
 *
 * @throws {WispKeyError} what the daemon could not do.
 * @throws {FailedError} `daemon_not_started` if it ended without a word or did not serve in time.
 */
export async function spawnDaemon(options: SpawnOptions): Promise<SpawnedDaemon> {
  try {
    const self = selfCommand("daemon", options.main);
    const { command, args } = await withSignalBlocked(self);
    const process = new Deno.Command(command, {
      args: [...args, ...options.args],
      cwd: options.vaultDir,
      clearEnv: true,
      env: {
        ...daemonEnvironment(Deno.env.toObject(), !Deno.build.standalone),
        WISPKEY_VAULT_PATH: options.vaultDir,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      detached: true,
    }).spawn();
    return await handOver(process, options.key, options.timeoutMs ?? 30_000);
  } finally {
    wipe(options.key);
  }
}

async function handOver(
  process: Deno.ChildProcess,
  key: Uint8Array,
  timeoutMs: number,
): Promise<SpawnedDaemon> {
  const lines = readLines(process.stdout);
  const stdin = process.stdin.getWriter();
  const timer = setTimeout(() => end(process), timeoutMs);
  try {
    const first = await nextLine(lines);
    if (!("ready" in first) || first.ready !== "for-key") throw notStarted("it spoke out of turn");
    // If it is gone by now, the line that does not come says so.
    await stdin.write(key).then(() => stdin.close()).catch(() => undefined);
    const second = await nextLine(lines);
    if (!("ready" in second) || second.ready !== "serving") throw notStarted("it spoke out of turn");
    process.unref();
    return { pid: process.pid, closed: first.closed, how: first.how };
  } catch (error) {
    await stdin.abort().catch(() => undefined); // It may be gone already; the first error is the one to report.
    if (error instanceof FailedError && error.code === "daemon_not_started") end(process);
    await process.status;
    throw error;
  } finally {
    clearTimeout(timer);
    await lines.return(undefined);
  }
}

function end(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function nextLine(lines: AsyncGenerator<string, void>): Promise<DaemonLine> {
  const { value } = await lines.next();
  if (typeof value !== "string") throw notStarted("it ended without a word");
  let said: DaemonLine;
  try {
    said = JSON.parse(value);
  } catch (cause) {
    throw notStarted("it spoke no JSON", cause);
  }
  if ("error" in said) throw errorFromJson(said.error);
  return said;
}

function notStarted(why: string, cause?: unknown): FailedError {
  return new FailedError(`cannot start the daemon: ${why}`, {
    code: "daemon_not_started",
    hint: "wispkey doctor",
    cause,
  });
}

/** Lines of a stream, each at most 64 KiB. */
async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 1);
    }
    if (text.length > 65_536) throw notStarted("it wrote a line without end");
  }
}

const ENV = "/usr/bin/env";
const BLOCK = "--block-signal=USR1";

/** Starts through `env --block-signal=USR1` where that exists (GNU), so that the signal is blocked from the first moment. */
async function withSignalBlocked(self: SelfCommand): Promise<SelfCommand> {
  if (Deno.build.os !== "linux") return self;
  try {
    const probe = await new Deno.Command(ENV, {
      args: [BLOCK, "/bin/true"],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (probe.success) return { command: ENV, args: [BLOCK, self.command, ...self.args] };
  } catch {
    // There is no such program: the daemon's own hardening closes the window milliseconds later.
  }
  return self;
}
