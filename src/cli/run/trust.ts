/**
 * Makes a program trust the local authority besides whatever it trusts already.
 *
 * @module
 */

import { concat, utf8 } from "../../core/bytes.ts";
import { type Environment, trustVariables } from "../../core/run/environment.ts";
import type { DaemonClient } from "../backend.ts";
import type { CliIo, TemporaryFiles } from "../io.ts";

/** Largest file of roots that is joined with ours, bytes. */
const MAX_ROOTS = 8 * 1024 * 1024;
const LINE_FEED = utf8("\n");

/**
 * The variables that name files of roots. Where the environment names a file of its own, the program gets one in which that
 * and ours are joined.
 */
export async function trustOwnAuthority(
  daemon: DaemonClient,
  before: Environment,
  io: CliIo,
  temporary: TemporaryFiles,
): Promise<Record<string, string>> {
  const { certificatePath, bundlePath } = (await daemon.call("ca.init", {})).result.ca;
  const variables = trustVariables(before, certificatePath, bundlePath);
  const joinedFiles = new Map<string, string>();
  for (const [name, ours] of Object.entries(variables)) {
    const own = before[name];
    if (!own || own === certificatePath || own === bundlePath) continue;
    const known = joinedFiles.get(`${own}\0${ours}`);
    if (known !== undefined) {
      variables[name] = known;
      continue;
    }
    try {
      const joined = concat(
        await io.files.read(own, MAX_ROOTS),
        LINE_FEED,
        await io.files.read(ours, MAX_ROOTS),
      );
      const path = await temporary.write(`roots-${joinedFiles.size + 1}.pem`, joined);
      joinedFiles.set(`${own}\0${ours}`, path);
      variables[name] = path;
    } catch {
      // The program could not read it either; ours alone lets it work.
      await io.output.warn(
        `${name} names a file that cannot be read; the program trusts the system's roots instead`,
      );
    }
  }
  return variables;
}
