/**
 * Exit codes of programs that could not be started, as shells give them.
 *
 * @module
 */

import { type ExitCode, WispKeyError } from "../../core/errors.ts";
import { CANNOT_EXECUTE, NOT_FOUND } from "../../platform/run_program.ts";
import type { CliIo } from "../io.ts";

const CODES: Readonly<Record<string, number>> = {
  program_not_found: NOT_FOUND,
  program_not_started: CANNOT_EXECUTE,
};

/** Prints an error about starting the program and answers the shell's code for it; any other error goes on. */
export async function startFailure(io: CliIo, error: unknown): Promise<ExitCode> {
  const code = error instanceof WispKeyError ? CODES[error.code] : undefined;
  if (code === undefined) throw error;
  await io.output.error(error);
  return code as ExitCode;
}
