/**
 * The processes of a benchmark.
 *
 * @module
 */

import { join } from "node:path";
import { bareEnvironment, ROOT } from "../../scripts/lib/program.ts";
import type { LoadPlan, LoadResult } from "./load.ts";

/** A helper process that listens. */
export interface Listening {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Its process. */
  readonly pid: number;
  /** Ends it. */
  readonly end: () => Promise<void>;
}

/** Starts `tests/bench/<file>` and waits for the port it prints. */
export async function startListening(
  file: string,
  args: readonly string[],
  permissions: readonly string[] = ["--allow-net=127.0.0.1"],
): Promise<Listening> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...permissions, join(ROOT, "tests/bench", file), ...args],
    clearEnv: true,
    env: bareEnvironment(),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${file} ended before it listened`);
    text += new TextDecoder().decode(value);
  }
  const end = async () => {
    child.kill("SIGTERM");
    await reader.cancel();
    await child.status;
  };
  return { port: Number(text), pid: child.pid, end };
}

/**
 * Runs the load generator once.
 *
 * @throws {Error} if any request failed: a figure of refusals would say nothing.
 */
export async function measure(plan: LoadPlan): Promise<LoadResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net=127.0.0.1",
      join(ROOT, "tests/bench/load.ts"),
      JSON.stringify(plan),
    ],
    clearEnv: true,
    env: bareEnvironment(),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(`the load generator failed: ${new TextDecoder().decode(stderr)}`);
  const result: LoadResult = JSON.parse(new TextDecoder().decode(stdout));
  if (result.failed > 0) throw new Error(`${result.failed} requests failed on port ${plan.port}`);
  return result;
}
