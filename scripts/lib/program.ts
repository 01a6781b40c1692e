/**
 * Runs WispKey as a person would: as a process, with the permissions its commands need and no others.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { permissionFlags } from "../../src/platform/permissions.ts";

/** The checkout. */
export const ROOT: string = resolve(import.meta.dirname ?? ".", "../..");

/** Arguments of Deno that start the program from its source. */
export function programArguments(): string[] {
  return ["run", "--no-prompt", ...permissionFlags("command"), join(ROOT, "main.ts")];
}

/** How a command ended. */
export interface CommandResult {
  /** Exit code. */
  readonly code: number;
  /** What it printed on stdout. */
  readonly stdout: string;
  /** What it printed on stderr. */
  readonly stderr: string;
}

/** What a command is given. */
export interface CommandInput {
  /** Variables besides `PATH`, `HOME` and where Deno keeps its cache. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes on stdin; none = closed. */
  readonly stdin?: string;
}

/** The part of our environment that Deno itself needs, so that nothing else of it decides what a run does. */
export function bareEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "SystemRoot", "USERPROFILE", "LOCALAPPDATA"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** Runs a process to its end. */
export async function run(
  program: string,
  args: readonly string[],
  input: CommandInput,
): Promise<CommandResult> {
  const child = new Deno.Command(program, {
    args: [...args],
    clearEnv: true,
    env: { ...bareEnvironment(), ...input.env },
    stdin: input.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input.stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs one command of the program to its end. */
export function wispkey(args: readonly string[], input: CommandInput): Promise<CommandResult> {
  return run(Deno.execPath(), [...programArguments(), ...args], input);
}
