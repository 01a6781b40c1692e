/**
 * Signals that ask a process to end.
 *
 * @module
 */

const ENDINGS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Calls `handler` at SIGINT, SIGTERM and SIGHUP (Windows: SIGINT and SIGBREAK) instead of ending the process.
 *
 * @returns takes the handler away again
 */
export function onTermination(handler: (signal: Deno.Signal) => void): () => void {
  const listeners = ENDINGS.map((signal) => {
    const listener = () => handler(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
