/**
 * Starting a person's program in our place: with its own environment, our terminal and streams, our working directory and
 * process group, so that it finds everything as if we were not there.
 *
 * @module
 */

import { FailedError, NotFoundError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { GroupWitness } from "./group_witness.ts";
import { asStarter } from "./harden.ts";
import { terminals } from "./terminal.ts";

/** What to start. */
export interface Program {
  /** A path, or a name that is looked for in the environment's `PATH`. */
  command: string;
  /** Its arguments. */
  args: readonly string[];
  /** Its whole environment. */
  env: Record<string, string>;
  /** Whether its output passes through us instead of going straight to our streams. */
  piped: boolean;
}

/** A program that has been started. */
export interface RunningProgram {
  /** What it writes, where `piped` was asked for. */
  readonly output: { stdout: ReadableStream<Uint8Array>; stderr: ReadableStream<Uint8Array> } | null;
  /** Its exit code; 128 and the number of the signal that ended it. Signals we get are passed on until then. */
  readonly exitCode: Promise<number>;
}

/** Exit codes of shells for what cannot be started (POSIX.1-2017, XCU 2.8.2). */
export const CANNOT_EXECUTE = 126;
/** See {@linkcode CANNOT_EXECUTE}. */
export const NOT_FOUND = 127;

/** The environment of this process. */
export function currentEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

/**
 * Starts a program.
 *
 * @throws {NotFoundError} `program_not_found`; {FailedError} `program_not_started`.
 */
export function startProgram({ command, args, env, piped }: Program): RunningProgram {
  const output = piped ? "piped" : "inherit";
  let process: Deno.ChildProcess;
  const stopForwarding = forwardSignals((signal) => {
    try {
      process.kill(signal);
    } catch {
      // It has ended in this very moment, and so shall we.
    }
  });
  try {
    process = asStarter(() =>
      new Deno.Command(command, {
        args: [...args],
        env,
        clearEnv: true,
        stdin: "inherit",
        stdout: output,
        stderr: output,
      }).spawn()
    );
  } catch (error) {
    void stopForwarding();
    throw cannotStart(command, error);
  }
  return {
    output: piped ? { stdout: process.stdout, stderr: process.stderr } : null,
    exitCode: process.status.then(({ code }) => code).finally(stopForwarding),
  };
}

/**
 * The system's `script`, which runs a program on a terminal of its own; null if there is none. The one of BSD and macOS takes
 * the program as arguments, the one of Linux (util-linux) as a line for a shell.
 */
export function scriptCommand(): { path: string; takesArguments: boolean } | null {
  const path = "/usr/bin/script";
  if (Deno.build.os === "windows") return null;
  try {
    return Deno.statSync(path).isFile ? { path, takesArguments: Deno.build.os !== "linux" } : null;
  } catch {
    return null; // Not there: the program goes without.
  }
}

/** Signals that are sent to us alone, whatever we run in. */
const ALWAYS: readonly Deno.Signal[] = ["SIGTERM", "SIGUSR2"];
/** Signals that a terminal, or the shell that owns it, sends to the whole process group: the program has them then. */
const FROM_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT", "SIGHUP"];

/**
 * Passes signals on instead of ending from them. What stops and resumes a job, and tells of another window size, reaches the
 * program by itself, as it is in our process group; so do those of a terminal, but not if they are sent to us alone.
 */
function forwardSignals(forward: (signal: Deno.Signal) => void): () => Promise<void> {
  if (Deno.build.os === "windows") {
    const stop = listen(["SIGINT", "SIGBREAK"], () => {}); // The console tells the program itself.
    return () => Promise.resolve(stop());
  }
  const { stdin, stdout, stderr } = terminals();
  const isShared = stdin || stdout || stderr;
  let witness: GroupWitness | null = null;
  const forwardUnlessSeen = (signal: Deno.Signal) => {
    void witness?.saw(signal).then((saw) => saw || forward(signal));
  };
  const stops = [
    listen(ALWAYS, forward),
    listen(FROM_TERMINAL, isShared ? forwardUnlessSeen : forward),
  ];
  // Only once they are listened to do signals that were ignored before us end what is started.
  if (isShared) witness = GroupWitness.start();
  return async () => {
    for (const stop of stops) stop();
    await witness?.close();
  };
}

function listen(signals: readonly Deno.Signal[], act: (signal: Deno.Signal) => void): () => void {
  const listeners = signals.map((signal) => {
    const listener = () => act(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/** What is told of a program that the system does not start, and why. */
export function cannotStart(command: string, error: unknown): FailedError | NotFoundError {
  const what = `cannot run '${escapeText(command)}'`;
  if (error instanceof Deno.errors.NotFound) {
    return new NotFoundError(`${what}: there is no such program`, {
      code: "program_not_found",
      cause: error,
    });
  }
  if (error instanceof Error && /\.bat or \.cmd/.test(error.message)) {
    return new FailedError(`${what}: on Windows it is a batch file, which takes a shell`, {
      code: "program_not_started",
      hint: `wispkey run -- cmd /c ${escapeText(command)} …`,
      cause: error,
    });
  }
  const why = error instanceof Deno.errors.PermissionDenied ? "permission denied" : "the system refused";
  return new FailedError(`${what}: ${why}`, { code: "program_not_started", cause: error });
}
