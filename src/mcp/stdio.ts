/**
 * Serves one client over standard input and output, where nothing but the protocol may appear.
 *
 * @module
 */

import process from "node:process";
import type { McpContext } from "./context.ts";
import { stdioServing } from "./server.ts";

/** Serves until the client closes its end, or the signal ends it. */
export async function serveOverStdio(context: McpContext, signal: AbortSignal): Promise<void> {
  keepStdoutClean();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  process.stdin.once("end", resolve);
  process.stdin.once("close", resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  const serving = stdioServing(context);
  await ended;
  await serving.close();
}

/** Whatever a library prints goes to stderr. */
function keepStdoutClean(): void {
  const { error } = console;
  for (const name of ["log", "info", "debug", "dir", "table"] as const) console[name] = error.bind(console);
}
