/**
 * The terminal and the three standard streams: questions, hidden input, whole writes.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import { FailedError, InterruptedError, UsageError } from "../core/errors.ts";
import { harden } from "./harden.ts";
import { readBounded } from "./read_file.ts";
import { SecretLine } from "./secret_line.ts";

/** Longest line `readSecret` takes unless told otherwise, in bytes. */
const MAX_SECRET_LINE = 4096;

/** Columns assumed where there is no terminal. */
const DEFAULT_WIDTH = 80;

/** Whether each standard stream is a terminal. */
export function terminals(): { stdin: boolean; stdout: boolean; stderr: boolean } {
  return {
    stdin: Deno.stdin.isTerminal(),
    stdout: Deno.stdout.isTerminal(),
    stderr: Deno.stderr.isTerminal(),
  };
}

/** Width of the terminal in columns; 80 where there is none. */
export function terminalWidth(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_WIDTH;
  } catch {
    return DEFAULT_WIDTH; // No stream is a terminal.
  }
}

/** What decides about colour. */
export interface ColourFacts {
  /** Whether the stream written to is a terminal. */
  terminal: boolean;
  /** The flag `--no-color`. */
  noColorFlag: boolean;
  /** Value of `NO_COLOR` (no-color.org: any text but the empty one turns colour off). */
  noColor: string | undefined;
  /** Value of `TERM`. */
  term: string | undefined;
}

/** Colour only on a terminal that knows it, and only if nobody said no. */
export function useColour(facts: ColourFacts): boolean {
  return facts.terminal && !facts.noColorFlag && !facts.noColor && facts.term !== "dumb";
}

/**
 * Asks for a secret on the terminal without showing it. The answer never becomes a string. The process is hardened before
 * anything can be typed.
 *
 * @param prompt shown on stderr, for example `Master password: `
 * @returns the line's bytes without its end; the caller wipes them
 * @throws {FailedError} `no_terminal`, `input_too_long`.
 * @throws {DeniedError} `debugger_attached`.
 * @throws {InterruptedError} on Ctrl-C, on Ctrl-D without text, when the terminal goes away, or on SIGTERM.
 */
export async function readSecret(
  prompt: string,
  maxBytes: number = MAX_SECRET_LINE,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!Deno.stdin.isTerminal()) {
    throw new FailedError("cannot ask for a secret: standard input is not a terminal", {
      code: "no_terminal",
      hint: "run this in a terminal, or set WISPKEY_PASSWORD for the master password",
    });
  }
  await harden();
  const line = new SecretLine(maxBytes);
  const byte = new Uint8Array(1);
  // Echo is off before the prompt is seen, so that nothing typed at once is shown.
  const restore = rawMode();
  try {
    await writeStderr(prompt);
    for (;;) {
      // One byte at a time: what is typed after Enter stays with the system for the next question.
      const count = await Deno.stdin.read(byte);
      const outcome = count === null ? "interrupt" : line.key(byte[0] ?? 0);
      if (outcome === "done") return line.take();
      if (outcome === "interrupt") throw interrupted();
      if (outcome === "too_long") {
        throw new FailedError(`cannot take the secret: it is longer than ${maxBytes} bytes`, {
          code: "input_too_long",
          hint: "give long values with --value-file",
        });
      }
    }
  } finally {
    line.wipe();
    byte.fill(0);
    restore();
    await writeStderr("\n");
  }
}

/**
 * Asks a question that is answered with yes or no; anything but `y` or `yes` is no.
 *
 * @throws {UsageError} `confirmation_needed` where nobody can be asked.
 */
export async function confirm(question: string): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError("cannot ask for confirmation: standard input is not a terminal", {
      code: "confirmation_needed",
      hint: "add --yes to go ahead without being asked",
    });
  }
  await writeStderr(`${question} [y/N] `);
  const byte = new Uint8Array(1);
  let answer = "";
  while (answer.length < 64) {
    const count = await Deno.stdin.read(byte);
    if (count === null || byte[0] === 0x0a) break;
    answer += String.fromCharCode(byte[0] ?? 0);
  }
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * Reads standard input to its end; the result may be a secret and no copy of it remains.
 *
 * @throws {FailedError} `input_too_long` if there are more than `maxBytes` bytes.
 */
export async function readAllStdin(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBounded(Deno.stdin, maxBytes);
  if (bytes === null) {
    throw new FailedError(`cannot read standard input: it is longer than ${maxBytes} bytes`, {
      code: "input_too_long",
    });
  }
  return bytes;
}

/** Writes all of it to stdout. If the reader is gone (`| head`), the process ends quietly with code 0. */
export async function writeStdout(data: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(Deno.stdout, data);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}

/** Writes all of it to stderr; if nobody reads that, nobody can be told. */
export async function writeStderr(data: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(Deno.stderr, data);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

async function writeWhole(
  stream: { write(bytes: Uint8Array): Promise<number> },
  data: string | Uint8Array,
): Promise<void> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  for (let offset = 0; offset < bytes.length;) offset += await stream.write(bytes.subarray(offset));
}

/** Turns echo and line editing off; the result turns them on again, as does a signal that ends the process. */
function rawMode(): () => void {
  const endings: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGBREAK"] : ["SIGTERM", "SIGHUP"];
  const onSignal = () => {
    Deno.stdin.setRaw(false);
    Deno.exit(interrupted().exitCode);
  };
  // The program may end while it asks, for instance because the proxy was closed by another command.
  const onUnload = () => Deno.stdin.setRaw(false);
  globalThis.addEventListener("unload", onUnload);
  for (const signal of endings) Deno.addSignalListener(signal, onSignal);
  Deno.stdin.setRaw(true);
  return () => {
    Deno.stdin.setRaw(false);
    globalThis.removeEventListener("unload", onUnload);
    for (const signal of endings) Deno.removeSignalListener(signal, onSignal);
  };
}

function interrupted(): InterruptedError {
  return new InterruptedError("stopped: the question was not answered", { code: "interrupted" });
}
