/**
 * Which log records are written: one level for all, other levels for single modules.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";

/** Levels, from most to least. */
export const LOG_LEVELS = ["debug", "info", "warn", "error", "off"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Parts of the program that log. */
export const LOG_MODULES = ["cli", "daemon", "mcp", "platform", "proxy", "vault"] as const;

/** One of {@linkcode LOG_MODULES}. */
export type LogModule = typeof LOG_MODULES[number];

/** Least level that is written, for every module. */
export type LogFilter = Readonly<Record<LogModule, LogLevel>>;

/**
 * Reads a filter as `--log-level` and `WISPKEY_LOG` give it: levels and `module=level` pairs, comma-separated, later ones win
 * over earlier ones, pairs over plain levels.
 *
 * @param text for example `info` or `warn,proxy=debug`
 * @param fallback level of modules that the text says nothing of
 * @throws {UsageError} `invalid_log_filter`.
 *
 * @example
 * ```ts
 * import { parseLogFilter } from "./log_filter.ts";
 *
 * console.assert(parseLogFilter("proxy=debug", "warn").proxy === "debug");
 * ```
 */
export function parseLogFilter(text: string, fallback: LogLevel): LogFilter {
  let general = fallback;
  const single = new Map<LogModule, LogLevel>();
  for (const part of text.split(",").map((part) => part.trim())) {
    if (part === "") continue;
    const [left, right, ...rest] = part.split("=");
    if (left !== undefined && right === undefined && isLevel(left)) general = left;
    else if (isModule(left) && isLevel(right) && rest.length === 0) single.set(left, right);
    else throw invalid(part);
  }
  const filter = Object.fromEntries(LOG_MODULES.map((module) => [module, single.get(module) ?? general]));
  return filter as Record<LogModule, LogLevel>;
}

function isLevel(text: string | undefined): text is LogLevel {
  return (LOG_LEVELS as readonly (string | undefined)[]).includes(text);
}

function isModule(text: string | undefined): text is LogModule {
  return (LOG_MODULES as readonly (string | undefined)[]).includes(text);
}

function invalid(part: string): UsageError {
  return new UsageError(
    `invalid log filter '${part}': it takes ${LOG_LEVELS.join(", ")}, alone or as module=level`,
    {
      code: "invalid_log_filter",
      hint: `modules are ${LOG_MODULES.join(", ")}; for example warn,proxy=debug`,
    },
  );
}
