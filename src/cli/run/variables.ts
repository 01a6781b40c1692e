/**
 * The variables of a program before anything of ours is among them: the environment, and `.env` files over it.
 *
 * @module
 */

import { fromUtf8, wipe } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { withoutPasswords } from "../../core/run/environment.ts";
import { dotenvValues, parseDotenv } from "../../importer/dotenv/parse.ts";
import type { CliIo } from "../io.ts";

/** Largest `.env` file, bytes. */
const MAX_ENV_FILE = 4 * 1024 * 1024;

/**
 * Reads them; passwords of ours are left out, wherever they stand.
 *
 * @throws {NotFoundError} `file_not_found`; {FailedError} `not_text`, and the reasons why a file cannot be read.
 */
export async function readVariables(io: CliIo, envFiles: readonly string[]): Promise<Record<string, string>> {
  const variables = io.programs.environment();
  for (const path of envFiles) Object.assign(variables, Object.fromEntries(await readEnvFile(io, path)));
  return withoutPasswords(variables);
}

async function readEnvFile(io: CliIo, path: string): Promise<Map<string, string>> {
  const bytes = await io.files.read(path, MAX_ENV_FILE);
  try {
    return dotenvValues(parseDotenv(fromUtf8(bytes)));
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new FailedError(`cannot read '${escapeText(path)}': it is not UTF-8 text`, {
      code: "not_text",
      cause,
    });
  } finally {
    wipe(bytes);
  }
}
