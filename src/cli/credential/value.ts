/**
 * Where a secret value comes from: `--value-file`, `--value`, or a hidden prompt. Never `WISPKEY_PASSWORD`.
 *
 * @module
 */

import { utf8, wipe } from "../../core/bytes.ts";
import { type CredentialType, MAX_VALUE_LENGTH, type Place } from "../../core/credential.ts";
import { FailedError, UsageError, WispKeyError } from "../../core/errors.ts";
import { WORD_LENGTH } from "../../core/scrub/patterns.ts";
import { whyUnproxied } from "../../core/unproxied.ts";
import type { Arguments } from "../arguments.ts";
import type { CliIo } from "../io.ts";
import { confirmSecret } from "../password.ts";

/** How the value is to be had. */
export type ValueSource =
  /** Given on the command line, which already made it a string. */
  | { from: "argument"; text: string }
  /** A file, or `-` for standard input. */
  | { from: "file"; path: string }
  /** Asked for twice, hidden. */
  | { from: "prompt" };

/** The source that `--value` and `--value-file` name; undefined if neither was given. */
export function valueSource(args: Arguments): ValueSource | undefined {
  args.exclusive("value", "value-file");
  const text = args.text("value");
  if (text !== undefined) return { from: "argument", text };
  const path = args.text("value-file");
  return path === undefined ? undefined : { from: "file", path };
}

/**
 * Reads the value, verbatim. The caller wipes it.
 *
 * @param what the act, for messages: `add 'openai'`
 * @param retry the command that takes the value from a pipe, for the hint
 * @throws {UsageError} `no_terminal`, `values_differ`.
 * @throws {FailedError} `value_too_large`, or why the file cannot be read.
 */
export async function readValue(
  io: CliIo,
  source: ValueSource,
  what: string,
  retry: string,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (source.from) {
    case "argument": {
      await io.output.warn(
        "--value is visible in the shell's history and to other programs while it runs; the prompt and --value-file are not",
      );
      return checkSize(utf8(source.text), what);
    }
    case "file":
      return checkSize(await readFile(io, source.path, what, retry), what);
    case "prompt":
      return await promptValue(io, what, retry);
  }
}

/** Warns of what will not work or is weak: line ends in a header, a user without a password, a value too short to be found. Looks at bytes only. */
export async function adviseOnValue(
  io: CliIo,
  value: Uint8Array,
  type: CredentialType,
  place: Place | null,
): Promise<void> {
  if (value.length === 0) await io.output.warn("the value is empty");
  else if (value.length < WORD_LENGTH) {
    await io.output.warn(
      `the value is shorter than ${WORD_LENGTH} bytes: in what hosts answer it is only found as a whole word, and it can be guessed`,
    );
  }
  const last = value.at(-1);
  const inHeader = place === null || place.in === "header" || place.in === "basic";
  if (inHeader && (last === 0x0a || last === 0x0d) && whyUnproxied(value) === null) {
    await io.output.warn(
      "the value ends with a line break and cannot stand in a header; if that is not part of it, give it again without (printf %s)",
    );
  }
  if (type === "basic_auth" && value.length > 0 && !value.includes(0x3a)) {
    await io.output.warn("the value of a basic_auth is user:password, and this one has no colon");
  }
}

async function promptValue(io: CliIo, what: string, retry: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!io.terminal.interactive) {
    throw new UsageError(`cannot ${what}: there is no value, and no terminal to ask for it on`, {
      code: "no_terminal",
      hint: retry,
    });
  }
  const value = await io.terminal.readSecret("Secret value: ");
  try {
    await confirmSecret(io, value, "Secret value again: ", what, "values_differ");
  } catch (error) {
    wipe(value);
    throw error;
  }
  return value;
}

async function readFile(
  io: CliIo,
  path: string,
  what: string,
  retry: string,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return path === "-"
      ? await io.files.readStdin(MAX_VALUE_LENGTH)
      : await io.files.read(path, MAX_VALUE_LENGTH);
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    if (error.code === "file_too_large" || error.code === "input_too_long") throw tooLarge(what, error);
    // Exit code 4 is for what the vault lacks; a missing file is a plain failure.
    throw new FailedError(error.message, { code: error.code, hint: error.hint ?? retry, cause: error });
  }
}

function checkSize(value: Uint8Array<ArrayBuffer>, what: string): Uint8Array<ArrayBuffer> {
  if (value.length > MAX_VALUE_LENGTH) throw tooLarge(what, undefined);
  return value;
}

function tooLarge(what: string, cause: unknown): FailedError {
  return new FailedError(`cannot ${what}: the value is larger than ${MAX_VALUE_LENGTH / 1024 / 1024} MiB`, {
    code: "value_too_large",
    hint: "keep the key that opens it here, and the rest elsewhere",
    cause,
  });
}
