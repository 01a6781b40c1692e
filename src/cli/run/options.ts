/**
 * What `run` was asked for.
 *
 * @module
 */

import { checkCallerName } from "../../core/caller.ts";
import { UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { Arguments } from "../arguments.ts";

/** Options of `run`. */
export interface RunOptions {
  /** The program. */
  command: string;
  /** Its arguments. */
  args: readonly string[];
  /** Paths of `.env` files, the last one wins. */
  envFiles: readonly string[];
  /** Names of the only credentials; null = all of the project. */
  only: readonly string[] | null;
  /** Variables and the credentials they stand for. */
  set: ReadonlyMap<string, string>;
  /** Variables that name a file with a credential's value. */
  files: ReadonlyMap<string, string>;
  /** Name of the project; undefined = the active one. */
  project: string | undefined;
  /** Name of the caller; null = one is invented. */
  caller: string | null;
  /** Seconds until its requests are refused; 0 = never. */
  seconds: number;
  /** Whether SDKs are told another base URL. */
  baseUrls: boolean;
  /** Whether the program gets real values. */
  reveal: boolean;
  /** Whether they are masked in its output. */
  mask: boolean;
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Reads the options.
 *
 * @throws {UsageError} `missing_argument`, `invalid_option`, `conflicting_options`, `invalid_name`.
 */
export function readRunOptions(args: Arguments): RunOptions {
  const [command, ...rest] = args.rest(0);
  if (command === undefined || command === "") {
    throw new UsageError("cannot run: no program is named", {
      code: "missing_argument",
      hint: "wispkey run -- COMMAND ARGUMENTS…",
    });
  }
  const reveal = args.flag("reveal");
  for (const name of ["file", "no-mask"]) {
    if (args.has(name) && !reveal) {
      throw new UsageError(`cannot use --${name} alone: it is about real values`, {
        code: "conflicting_options",
        hint: "add --reveal",
      });
    }
  }
  for (const name of ["caller", "for", "no-base-urls"]) if (reveal) args.exclusive("reveal", name);
  const caller = args.text("caller");
  return {
    command,
    args: rest,
    envFiles: args.list("env-file") ?? [],
    only: args.list("only") ?? null,
    set: pairs(args, "set"),
    files: pairs(args, "file"),
    project: args.text("project"),
    caller: caller === undefined ? null : checkCallerName(caller),
    seconds: (args.integer("for") ?? 0) * 60,
    baseUrls: !args.flag("no-base-urls"),
    reveal,
    mask: !args.flag("no-mask"),
  };
}

function pairs(args: Arguments, option: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const text of args.list(option) ?? []) {
    const at = text.indexOf("=");
    const variable = text.slice(0, Math.max(at, 0));
    const name = text.slice(at + 1);
    if (!VARIABLE.test(variable) || name === "") {
      throw new UsageError(`invalid --${option}: it takes a variable and the name of a credential`, {
        code: "invalid_option",
        hint: `--${option} ${VARIABLE.test(variable) ? escapeText(variable) : "VAR"}=NAME`,
      });
    }
    pairs.set(variable, name);
  }
  return pairs;
}
