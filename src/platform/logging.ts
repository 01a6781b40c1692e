/**
 * Structured logs. No secret can get in: a message is a literal of the source, fields are named and typed, bytes are no
 * field at all; and, as a second line of defence, every line is searched for tokens before it is written.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import { errorToJson } from "../core/errors.ts";
import { LogFile } from "./log_file.ts";
import type { LogFilter, LogLevel, LogModule } from "./log_filter.ts";

/** What a record may say besides its message. */
export interface LogFields {
  /** An error: its code and message are written. */
  error?: unknown;
  /** Process id. */
  pid?: number;
  /** Port. */
  port?: number;
  /** `host` or `host:port`. */
  host?: string;
  /** Response status. */
  status?: number;
  /** Duration in milliseconds. */
  durationMs?: number;
  /** How many. */
  count?: number;
  /** Bytes. */
  bytes?: number;
  /** Name of an operation of the local API. */
  operation?: string;
  /** Name of a credential. */
  credential?: string;
  /** Name of a project. */
  project?: string;
  /** Program version. */
  version?: string;
  /** Stable machine-readable name. */
  code?: string;
}

/** A text that the source spells out; a text made at run time is none. */
export type Literal<T extends string> = string extends T ? never : T;

/** Writes a record. */
export type Log = <const T extends string>(message: Literal<T>, fields?: LogFields) => void;

/** Writes records of one module. */
export interface Logger {
  /** For those who look for a fault in the program. */
  debug: Log;
  /** What happened, in ordinary running. */
  info: Log;
  /** What may need somebody's attention. */
  warn: Log;
  /** What failed. */
  error: Log;
}

/** Where and what to log. */
export interface LoggingOptions {
  /** Least level of each module. */
  filter: LogFilter;
  /** Path of a log file; stderr if absent. */
  file?: string;
}

type Emit = (module: LogModule, level: Exclude<LogLevel, "off">, message: string, fields: LogFields) => void;

const TOKEN = /wk_[a-z0-9_]+/gi;

let emit: Emit | undefined;

/** The logger of a module. Until {@linkcode startLogging} is called its records go nowhere. */
export function logger(module: LogModule): Logger {
  const at = (level: Exclude<LogLevel, "off">): Log => (message, fields = {}) =>
    emit?.(module, level, message, fields);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/**
 * Begins to write records; loads the logging library, which takes some milliseconds.
 *
 * @returns ends it again and closes the file
 * @throws {FailedError} if the file cannot be opened; see `openPrivateAppend`.
 */
export async function startLogging({ filter, file }: LoggingOptions): Promise<() => Promise<void>> {
  const { configure, getLogger, reset } = await import("@logtape/logtape");
  const target = file === undefined ? null : await LogFile.open(file);
  const write = (line: string) => {
    const bytes = utf8(redact(line));
    if (target !== null) target.write(bytes);
    else writeStderrNow(bytes);
  };
  const form = target === null ? textLine : jsonLine;
  await configure({
    reset: true,
    sinks: { out: (record) => write(form(record as unknown as LogRecord)) },
    loggers: [
      ...Object.entries(filter).filter(([, level]) => level !== "off").map(([module, level]) => ({
        category: ["wispkey", module],
        sinks: ["out"],
        lowestLevel: level === "warn" ? "warning" as const : level as "debug" | "info" | "error",
      })),
      { category: ["logtape", "meta"], lowestLevel: "fatal" },
    ],
  });
  emit = (module, level, message, fields) => {
    // The library takes {…} in a message for a placeholder; ours are plain, so it is doubled.
    getLogger(["wispkey", module])[level](message.replaceAll("{", "{{").replaceAll("}", "}}"), { ...fields });
  };
  return async () => {
    emit = undefined;
    await reset();
    target?.close();
  };
}

/** Replaces whatever looks like a token. */
export function redact(text: string): string {
  return text.replace(TOKEN, "wk_[redacted]");
}

/** What we use of the library's record. */
interface LogRecord {
  category: readonly string[];
  level: string;
  message: readonly unknown[];
  timestamp: number;
  properties: LogFields;
}

/** `2026-01-01T00:00:00.000Z info proxy: listening port=7700` */
function textLine(record: LogRecord): string {
  const { time, level, module, message, ...fields } = plain(record);
  const pairs = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${time} ${level} ${module}: ${message}${pairs.join("")}\n`;
}

/** The same as one JSON object. */
function jsonLine(record: LogRecord): string {
  return `${JSON.stringify(plain(record))}\n`;
}

function plain({ category, level, message, timestamp, properties }: LogRecord): Record<string, unknown> {
  const { error, ...fields } = properties;
  return {
    time: new Date(timestamp).toISOString(),
    level: level === "warning" ? "warn" : level,
    module: category[1],
    message: message.join(""),
    ...fields,
    ...(error === undefined ? {} : { error: errorToJson(error) }),
  };
}

function writeStderrNow(bytes: Uint8Array): void {
  try {
    for (let sent = 0; sent < bytes.length;) sent += Deno.stderr.writeSync(bytes.subarray(sent));
  } catch {
    // Nobody reads stderr any more.
  }
}
