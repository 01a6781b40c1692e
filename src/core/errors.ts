/**
 * The errors a person can meet. Each says what failed and why, may carry the command that mends it, and
 * decides the exit code by its class (the habit of `cli/cli`): the top of the program prints, nobody else.
 *
 * @module
 */

/** Exit codes of every command. */
export const ExitCode = {
  /** The command did what it was asked. */
  done: 0,
  /** It failed; the message says why. */
  failed: 1,
  /** It was called wrongly. */
  usage: 2,
  /** The vault is locked, or the password was wrong. */
  locked: 3,
  /** What was named does not exist. */
  notFound: 4,
  /** A rule forbids it. */
  denied: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** One of {@linkcode ExitCode}'s numbers. */
export type ExitCode = typeof ExitCode[keyof typeof ExitCode];

/** What every WispKey error carries besides its message. */
export interface ErrorDetail {
  /** Stable machine-readable name, `snake_case`. */
  code: string;
  /** How to mend it, usually one exact command. */
  hint?: string;
  /** The error underneath, if any. */
  cause?: unknown;
}

/**
 * Base of all expected errors. The message reads `<what failed>: <why>` and contains no secret and no token.
 *
 * @example
 * ```ts
 * import { NotFoundError } from "./errors.ts";
 *
 * throw new NotFoundError("cannot show 'openai': there is no such credential", {
 *   code: "credential_not_found",
 *   hint: "wispkey list",
 * });
 * ```
 */
export class WispKeyError extends Error {
  /** Name of the class. */
  override readonly name: string = "WispKeyError";
  /** Exit code of a command that ends with this error. */
  readonly exitCode: ExitCode = ExitCode.failed;
  /** Stable machine-readable name, `snake_case`. */
  readonly code: string;
  /** How to mend it, if known. */
  readonly hint: string | undefined;

  /** Makes an error with its machine-readable name and, if there is one, the hint that mends it. */
  constructor(message: string, detail: ErrorDetail) {
    super(
      message,
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.code = detail.code;
    this.hint = detail.hint;
  }
}

/** The command failed; exit code 1. */
export class FailedError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "FailedError";
}

/** The command was called wrongly; exit code 2. */
export class UsageError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "UsageError";
  /** `ExitCode.usage`. */
  override readonly exitCode: ExitCode = ExitCode.usage;
}

/** The vault is locked or the password was wrong; exit code 3. */
export class LockedError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "LockedError";
  /** `ExitCode.locked`. */
  override readonly exitCode: ExitCode = ExitCode.locked;
}

/** What was named does not exist; exit code 4. */
export class NotFoundError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "NotFoundError";
  /** `ExitCode.notFound`. */
  override readonly exitCode: ExitCode = ExitCode.notFound;
}

/** A rule forbids it; exit code 5. */
export class DeniedError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "DeniedError";
  /** `ExitCode.denied`. */
  override readonly exitCode: ExitCode = ExitCode.denied;
}

/** The person interrupted the command; exit code 130. */
export class InterruptedError extends WispKeyError {
  /** Name of the class. */
  override readonly name = "InterruptedError";
  /** `ExitCode.interrupted`. */
  override readonly exitCode: ExitCode = ExitCode.interrupted;
}

/** An error as it crosses the local API and as `--json` prints it. */
export interface ErrorJson {
  /** Stable machine-readable name. */
  code: string;
  /** What failed and why. */
  message: string;
  /** How to mend it. */
  hint?: string;
  /** Exit code for the command that meets it. */
  exit_code: number;
}

/** Describes any thrown value; an unexpected one becomes code `internal`, its message kept. */
export function errorToJson(error: unknown): ErrorJson {
  if (error instanceof WispKeyError) {
    const json: ErrorJson = {
      code: error.code,
      message: error.message,
      exit_code: error.exitCode,
    };
    if (error.hint !== undefined) json.hint = error.hint;
    return json;
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "internal", message, exit_code: ExitCode.failed };
}

/** The inverse of {@linkcode errorToJson}: rebuilds the class from the exit code. What is not text is not believed. */
export function errorFromJson(json: ErrorJson): WispKeyError {
  const text = (value: unknown, otherwise: string): string => typeof value === "string" ? value : otherwise;
  const detail: ErrorDetail = { code: text(json.code, "internal") };
  if (typeof json.hint === "string") detail.hint = json.hint;
  const message = text(json.message, "the daemon answered with an error that makes no sense");
  switch (json.exit_code) {
    case ExitCode.usage:
      return new UsageError(message, detail);
    case ExitCode.locked:
      return new LockedError(message, detail);
    case ExitCode.notFound:
      return new NotFoundError(message, detail);
    case ExitCode.denied:
      return new DeniedError(message, detail);
    case ExitCode.interrupted:
      return new InterruptedError(message, detail);
    default:
      return new FailedError(message, detail);
  }
}
