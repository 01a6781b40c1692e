/**
 * Windows: a protected access list for a directory. Files made in it inherit the list, so they need no call of
 * their own. Written to Microsoft's documentation of `icacls` and well-known SIDs; the project's tests run on
 * Linux and macOS and do not reach this file.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";

// OWNER RIGHTS, SYSTEM, Administrators: by SID, because the names are translated on localised systems.
const TRUSTEES = ["*S-1-3-4", "*S-1-5-18", "*S-1-5-32-544"];

/**
 * Cuts a directory off from its parent's access list and grants it to its owner, SYSTEM and Administrators alone.
 *
 * @throws {FailedError} `acl_failed` if `icacls` is missing or refuses.
 */
export async function protectDirectory(path: string): Promise<void> {
  const systemRoot = Deno.env.get("SystemRoot") ?? "C:\\Windows";
  const grants = TRUSTEES.flatMap((sid) => ["/grant:r", `${sid}:(OI)(CI)F`]);
  const { success, code } = await new Deno.Command(`${systemRoot}\\System32\\icacls.exe`, {
    args: [path, "/inheritance:r", ...grants, "/q"],
    clearEnv: true,
    env: { SystemRoot: systemRoot },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) {
    throw new FailedError(`cannot protect '${escapeText(path)}': icacls ended with code ${code}`, {
      code: "acl_failed",
    });
  }
}
