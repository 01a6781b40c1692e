/**
 * Everything a command may touch, as one interface: streams, terminal, environment, files, clock and the vault behind
 * them. Commands get it as their second argument, so a test runs them in-process with a few lines in its place.
 *
 * @module
 */

import type { Program, RunningProgram } from "../platform/run_program.ts";
import type { Backend } from "./backend.ts";
import type { Output } from "./output.ts";
import type { GlobalOptions } from "./parse.ts";

/** The person at the terminal, if there is one. */
export interface Terminal {
  /** Whether questions can be asked. */
  readonly interactive: boolean;
  /**
   * Asks for a secret without showing it; the caller wipes the answer.
   *
   * @throws {InterruptedError} on Ctrl-C.
   */
  readSecret(prompt: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Asks a yes-or-no question; anything but yes is no. */
  confirm(question: string): Promise<boolean>;
}

/** Files and standard input, bounded. */
export interface Files {
  /**
   * Reads a file verbatim, at most `maxBytes`.
   *
   * @throws {FailedError} or {NotFoundError} with the reason.
   */
  read(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads standard input to its end, at most `maxBytes`. */
  readStdin(maxBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Reads a file that holds a secret: it must be its owner's alone.
   *
   * @throws {FailedError} `file_not_private` with the command that mends it, or as {@linkcode Files.read}.
   */
  readPrivate(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether something is at a path. */
  exists(path: string): Promise<boolean>;
  /** Opens a file to be read in pieces. */
  open(path: string): Promise<FileReader>;
  /** Begins a file, in the place of one that may be there. */
  create(path: string): Promise<FileWriter>;
  /**
   * Writes a file of its owner alone where there is none yet.
   *
   * @throws {FailedError} `file_exists`, or `file_unwritable` with the reason.
   */
  writeNew(path: string, bytes: Uint8Array): Promise<void>;
  /** Finds a file in the working directory or the nearest directory above; null if there is none. */
  nearest(name: string, maxBytes: number): Promise<{ path: string; bytes: Uint8Array<ArrayBuffer> } | null>;
}

/** Private files that are removed together. */
export interface TemporaryFiles extends AsyncDisposable {
  /** Writes a file that nobody else can read; answers its path. */
  write(name: string, bytes: Uint8Array): Promise<string>;
}

/** Programs that are run in the place of this one. */
export interface Programs {
  /** Closes this process to others, so that the program cannot read what it was started with. */
  prepare(): Promise<{ closed: boolean; how: string }>;
  /** A copy of this process's environment. */
  environment(): Record<string, string>;
  /**
   * Starts a program.
   *
   * @throws {NotFoundError} `program_not_found`; {FailedError} `program_not_started`.
   */
  start(program: Program): RunningProgram;
  /** Shows a notification on the person's desktop; false where there is none. */
  notify(title: string, text: string): Promise<boolean>;
  /** The system's `script`, which runs a program on a terminal of its own; null if there is none. */
  scriptCommand(): { path: string; takesArguments: boolean } | null;
  /** Files for it. */
  temporaryFiles(): TemporaryFiles;
}

/** A file being written; it takes its place when it is committed, owner-only and whole. */
export interface FileWriter {
  /** Appends bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts it in its place. */
  commit(): Promise<void>;
  /** Gives it up. */
  abort(): Promise<void>;
}

/** A file being read. */
export interface FileReader {
  /** Fills the buffer, in part or whole; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Closes it. */
  close(): void;
}

/** A wait for Ctrl-C. */
export interface Interrupt {
  /** Aborts when the person interrupts, or the process is asked to end. */
  readonly signal: AbortSignal;
  /** Gives Ctrl-C its ordinary meaning back. */
  release(): void;
}

/** What a command works with. */
export interface CliIo {
  /** Options every command takes. */
  readonly globals: GlobalOptions;
  /** Where results, notes and warnings go. */
  readonly output: Output;
  /** Questions to the person. */
  readonly terminal: Terminal;
  /** Files and standard input. */
  readonly files: Files;
  /** Programs to be run. */
  readonly programs: Programs;
  /** The vault and its daemon. */
  readonly backend: Backend;
  /** Directory of the vault, absolute. */
  readonly vaultDir: string;
  /** An environment variable; undefined if it is unset or empty. */
  env(name: string): string | undefined;
  /** Wall time, ms since the epoch. */
  now(): number;
  /** Takes Ctrl-C over until released. */
  catchInterrupt(): Interrupt;
  /** Closes this process to other programs of the same user; before a password or a key is used in it. */
  harden(): Promise<void>;
}
