/**
 * Other people's programs that we start: by an absolute path that only an administrator can write to, with a clean
 * environment, bounded in what they answer.
 *
 * @module
 */

import { join } from "node:path";
import { concat, wipe } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";
import { currentEnvironment, spelled } from "./environment.ts";

const windows = Deno.build.os === "windows";

/** Where administrators and package managers put programs. */
const DIRECTORIES = windows
  ? ["C:\\Program Files\\1Password CLI", "C:\\Program Files\\Bitwarden CLI", "C:\\Program Files\\Git\\cmd"]
  : ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/1Password", "/snap/bin", "/bin"];

/** The absolute path of a program of that name, or null. */
export async function findHelper(
  name: string,
  directories: readonly string[] = DIRECTORIES,
): Promise<string | null> {
  for (const directory of directories) {
    const path = join(directory, windows ? `${name}.exe` : name);
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch {
      // It is not there, or we may not look: another place may have it.
    }
  }
  return null;
}

/** How a helper is run. */
export interface HelperOptions {
  /** Whether a variable of our own environment is passed on. */
  readonly environment: (name: string) => boolean;
  /** Most bytes of its answer. */
  readonly maxBytes: number;
  /** Its working directory; ours if absent. */
  readonly cwd?: string;
}

/** What a helper left. */
export interface HelperResult {
  /** Whether it ended with 0. */
  readonly ok: boolean;
  /** Its answer; the caller wipes it if it may be secret. */
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** Its complaints, at most 64 KiB. */
  readonly stderr: string;
}

/**
 * Runs a helper to its end.
 *
 * @throws {FailedError} `helper_too_long` if it answers more than allowed.
 */
export async function runHelper(
  path: string,
  args: readonly string[],
  options: HelperOptions,
): Promise<HelperResult> {
  const child = start(path, args, options);
  const [stdout, stderr, status] = await Promise.all([
    readStream(child.stdout, options.maxBytes),
    readStream(child.stderr, 64 * 1024),
    child.status,
  ]);
  if (stdout === null) {
    throw new FailedError(`cannot read the answer of ${path}: it is longer than ${options.maxBytes} bytes`, {
      code: "helper_too_long",
    });
  }
  return { ok: status.success, stdout, stderr: new TextDecoder().decode(stderr ?? new Uint8Array(0)) };
}

/**
 * Runs a helper and hands over its answer as it comes, for answers of any length.
 *
 * @returns whether it ended with 0, and its complaints
 */
export async function streamHelper(
  path: string,
  args: readonly string[],
  options: Omit<HelperOptions, "maxBytes">,
  take: (bytes: Uint8Array) => void,
): Promise<{ ok: boolean; stderr: string }> {
  const child = start(path, args, options);
  const [, stderr, status] = await Promise.all([
    (async () => {
      for await (const chunk of child.stdout) take(chunk);
    })(),
    readStream(child.stderr, 64 * 1024),
    child.status,
  ]);
  return { ok: status.success, stderr: new TextDecoder().decode(stderr ?? new Uint8Array(0)) };
}

function start(
  path: string,
  args: readonly string[],
  options: Omit<HelperOptions, "maxBytes">,
): Deno.ChildProcess {
  const env = Object.fromEntries(
    Object.entries(currentEnvironment()).filter(([name]) => options.environment(spelled(name))),
  );
  return new Deno.Command(path, {
    args: [...args],
    clearEnv: true,
    env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Reads to the end, so that the program can finish; null if it was too much. What was read on the way is wiped. */
async function readStream(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else wipe(chunk);
  }
  const whole = length <= maxBytes ? concat(...chunks) : null;
  wipe(...chunks);
  return whole;
}
