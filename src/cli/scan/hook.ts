/**
 * `wispkey scan --install-hook`: git scans before each commit.
 *
 * @module
 */

import { join } from "node:path";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { hooksDirectory } from "../../importer/scan/scan_git.ts";
import { createExecutable, readFileBounded } from "../../platform/private_file.ts";
import type { CliIo } from "../io.ts";

const HOOK = `#!/bin/sh
# Refuses a commit that would add secrets. Written by 'wispkey scan --install-hook'.
exec wispkey scan --staged
`;

/** Writes the hook; one that is there already is not touched. */
export async function installHook(io: CliIo, path: string): Promise<ExitCode> {
  const file = join(await hooksDirectory(path), "pre-commit");
  const shown = escapeText(file);
  const created = await createExecutable(file, HOOK);
  if (!created && new TextDecoder().decode(await readFileBounded(file, 1024 * 1024)) !== HOOK) {
    throw new FailedError(`cannot write '${shown}': there is a hook already`, {
      code: "hook_exists",
      hint: "add this line to it: wispkey scan --staged || exit 1",
    });
  }
  const line = created ? `Wrote ${shown}.` : `${shown} is there already.`;
  await io.output.result({ ok: true, path: file, created }, [line]);
  return ExitCode.done;
}
