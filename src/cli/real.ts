/**
 * Joins the program to the operating system.
 *
 * @module
 */

import { vaultDirectory } from "../platform/paths.ts";
import { findNearestFile } from "../platform/nearest_file.ts";
import { giveUp } from "../platform/permissions.ts";
import { readFileBounded } from "../platform/read_file.ts";
import { currentEnvironment, scriptCommand, startProgram } from "../platform/run_program.ts";
import { onTermination } from "../platform/signals.ts";
import { TemporaryFiles } from "../platform/temporary_files.ts";
import {
  confirm,
  readAllStdin,
  readSecret,
  terminals,
  terminalWidth,
  useColour,
  writeStderr,
  writeStdout,
} from "../platform/terminal.ts";
import type { Files, Interrupt } from "./io.ts";
import { LazyBackend } from "./lazy_backend.ts";
import type { Sink } from "./output.ts";
import type { GlobalOptions } from "./parse.ts";
import type { Surroundings } from "./program.ts";

/** The real surroundings of a command. */
export function realSurroundings(): Surroundings {
  const { stdin, stdout, stderr } = terminals();
  const env = (name: string): string | undefined => Deno.env.get(name) || undefined;
  const sink = (terminal: boolean, noColorFlag: boolean, write: Sink["write"]): Sink => ({
    write,
    terminal,
    colour: useColour({ terminal, noColorFlag, noColor: env("NO_COLOR"), term: env("TERM") }),
    columns: terminal ? terminalWidth() : 0,
  });
  return {
    sinks: (noColor) => ({
      stdout: sink(stdout, noColor, writeStdout),
      stderr: sink(stderr, noColor, writeStderr),
    }),
    terminal: { interactive: stdin && stderr, readSecret: (prompt) => readSecret(prompt), confirm },
    programs: {
      prepare: async () => {
        const { hardenStarter } = await import("../platform/harden.ts");
        return await hardenStarter();
      },
      environment: currentEnvironment,
      start: (program) => {
        const running = startProgram(program);
        // What is left to do is to hold the caller and to tidy up.
        giveUp("run", "ffi", "sys", "env");
        return running;
      },
      notify: async (title, text) => await (await import("../platform/notification.ts")).notify(title, text),
      scriptCommand,
      temporaryFiles: () => new TemporaryFiles(),
    },
    files: realFiles(),
    vaultDir: vaultDirectory,
    backend: (directory) =>
      new LazyBackend(async () => new (await import("./vault_backend.ts")).VaultBackend(directory)),
    startLogging,
    env,
    now: () => Date.now(),
    catchInterrupt,
    harden: async () => {
      await (await import("../platform/harden.ts")).harden();
    },
  };
}

function realFiles(): Files {
  return {
    read: readFileBounded,
    readStdin: readAllStdin,
    nearest: findNearestFile,
    readPrivate: async (path, maxBytes) => await (await secretFiles()).readSecretFile(path, maxBytes),
    exists: async (path) => await (await secretFiles()).somethingAt(path),
    open: async (path) => await (await secretFiles()).openForReading(path),
    create: async (path) =>
      await (await import("../platform/private_file.ts")).PrivateFileWriter.create(path),
    writeNew: async (path, bytes) => {
      const { createPrivateFile, writePrivateFile } = await import("../platform/private_file.ts");
      await createPrivateFile(path);
      await writePrivateFile(path, bytes);
    },
  };
}

function secretFiles() {
  return import("../platform/secret_file.ts");
}

function catchInterrupt(): Interrupt {
  const controller = new AbortController();
  return { signal: controller.signal, release: onTermination(() => controller.abort()) };
}

/** Logs go nowhere unless asked for: the library is loaded only then. */
async function startLogging({ logLevel, logFile }: GlobalOptions): Promise<void> {
  const filter = logLevel ?? Deno.env.get("WISPKEY_LOG");
  if (filter === undefined && logFile === undefined) return;
  const logging = await import("../platform/logging.ts");
  const { parseLogFilter } = await import("../platform/log_filter.ts");
  await logging.startLogging({
    filter: parseLogFilter(filter ?? "", "info"),
    ...(logFile === undefined ? {} : { file: logFile }),
  });
}
