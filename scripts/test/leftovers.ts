/**
 * What tests left behind: processes that still run and files that still lie about.
 *
 * @module
 */

import { basename } from "node:path";

/** A process that outlived the tests which started it. */
export interface LeftProcess {
  /** Process id. */
  readonly pid: number;
  /** Its command line, arguments separated by spaces. */
  readonly command: string;
}

/** Reads a file under `/proc`; null if the process is gone or not ours. */
function readProc(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // Processes end while we look, and those of other users cannot be read: neither is one of ours.
    return null;
  }
}

/**
 * Processes whose command line, environment, working directory or open program lies under a directory that only the
 * tests know. Linux only: elsewhere there is no `/proc`, and the answer is empty.
 *
 * @param marker a text no other process carries, such as the run's temporary directory
 */
export function processesWith(marker: string): LeftProcess[] {
  if (Deno.build.os !== "linux") return [];
  const found: LeftProcess[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    const pid = Number(entry.name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    const command = readProc(`/proc/${pid}/cmdline`);
    // An empty command line is a kernel thread or a zombie that its parent has yet to collect.
    if (command === null || command === "") continue;
    const environment = readProc(`/proc/${pid}/environ`) ?? "";
    if (command.includes(marker) || environment.includes(marker)) {
      found.push({ pid, command: command.replaceAll("\0", " ").trim() });
    }
  }
  return found;
}

/**
 * Waits until no process carries the marker; those that still do after `graceMs` are ended by id and answered.
 */
export async function endProcessesWith(marker: string, graceMs: number): Promise<LeftProcess[]> {
  const deadline = Date.now() + graceMs;
  let left = processesWith(marker);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = processesWith(marker);
  }
  for (const { pid } of left) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself between the look and the signal.
    }
  }
  return left;
}

/** Names of what still lies in a directory. */
export async function filesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Deno.readDir(directory)) names.push(basename(entry.name));
  return names.sort();
}
