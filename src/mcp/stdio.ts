/**
 * Serves one client over standard input and output, where nothing but the protocol may appear.
 *
 * @module
 */

import type { McpContext } from "./context.ts";
import { stdioServing } from "./server.ts";

/** Serves until the client closes its end, or the signal ends it. */
export async function serveOverStdio(context: McpContext, signal: AbortSignal): Promise<void> {
  keepStdoutClean();
  const serving = stdioServing(context);
  const close = () => void serving.close();
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  await serving.ended;
}

/** Whatever a library prints goes to stderr. */
function keepStdoutClean(): void {
  const { error } = console;
  for (const name of ["log", "info", "debug", "dir", "table"] as const) console[name] = error.bind(console);
}
