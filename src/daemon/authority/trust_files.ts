/**
 * The two files that tell programs to trust the local authority. They hold no secret, but lie where the user, and so an
 * agent, can write: whoever needs them as they ought to be writes them anew.
 *
 * @module
 */

import { equalInConstantTime, utf8 } from "../../core/bytes.ts";
import { readFileBounded, writePrivateFile } from "../../platform/private_file.ts";
import { systemRoots } from "../../platform/system_roots.ts";
import { vaultFiles } from "../../platform/paths.ts";

/** Larger than any such file, bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What is written. */
export interface TrustFiles {
  /** The vault directory. */
  directory: string;
  /** The authority's certificate, PEM. */
  certificate: string;
  /** Further roots, PEM each. */
  extra: readonly string[];
}

/** Writes both files where they are not as they ought to be. */
export async function writeTrustFiles({ directory, certificate, extra }: TrustFiles): Promise<void> {
  const { caCertificate, caBundle } = vaultFiles(directory);
  await writeIfOther(caCertificate, certificate);
  await writeIfOther(caBundle, joinPem([await systemRoots(), ...extra, certificate]));
}

function joinPem(parts: readonly string[]): string {
  return parts.map((part) => part.endsWith("\n") ? part : `${part}\n`).join("");
}

async function writeIfOther(path: string, text: string): Promise<void> {
  const wanted = utf8(text);
  // Missing, unreadable or too large: then it is not as it ought to be either.
  const found = await readFileBounded(path, MAX_BYTES).catch(() => null);
  if (found !== null && equalInConstantTime(found, wanted)) return;
  await writePrivateFile(path, wanted);
}
