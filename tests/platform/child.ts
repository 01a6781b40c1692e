/** Small helpers for tests that run real processes. */
export { fileURLToPath as fromFileUrl } from "node:url";

/** Reads one line of a process's output; what comes after it is dropped. */
export async function line(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the process ended before it wrote a line: ${JSON.stringify(text)}`);
      text += decoder.decode(value, { stream: true });
    }
    return text.slice(0, text.indexOf("\n"));
  } finally {
    reader.releaseLock();
  }
}

/** Ends a process, whatever it does, and drops the rest of its output. */
export async function stop(process: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
  await process.stdout.cancel().catch(() => undefined);
  return await process.status;
}
