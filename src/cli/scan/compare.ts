/**
 * Which of the secrets that were found the vault holds. The daemon compares, for long values only and so many a minute,
 * because its answer confirms a guess.
 *
 * @module
 */

import { concat, wipe } from "../../core/bytes.ts";
import { NotFoundError, WispKeyError } from "../../core/errors.ts";
import type { LocatedFinding } from "../../importer/scan/scan_tree.ts";
import type { CliIo } from "../io.ts";
import { activeProject } from "../project/active.ts";
import { connectUnlocked } from "../session.ts";

/** The daemon compares no shorter values, bytes. */
const LEAST = 16;
/** So many at once leave room for others in the same minute. */
const MOST = 4_000;

/** The name of the credential for each secret that the vault holds; null where that cannot be told. */
export async function compareWithVault(
  io: CliIo,
  findings: readonly LocatedFinding[],
  chosen: string | undefined,
): Promise<Map<LocatedFinding, string> | null> {
  const long = findings.filter(({ secret }) => secret.length >= LEAST);
  const distinct = [...Map.groupBy(long, ({ secret }) => secret)].slice(0, MOST);
  const held = new Map<LocatedFinding, string>();
  if (distinct.length === 0 || !await io.backend.exists()) return held;
  const daemon = await connectUnlocked(io);
  if (daemon === null) return null;
  const values = distinct.map(([secret]) => Uint8Array.from(secret, (character) => character.charCodeAt(0)));
  const payload = concat(...values);
  try {
    const project = chosen ?? (await activeProject(io)).name;
    const lengths = values.map(({ length }) => length);
    const { result } = await daemon.call(
      "environment.match",
      { project, credentials: null, lengths },
      payload,
    );
    for (const { index, credential } of result.matches) {
      for (const finding of distinct[index]?.[1] ?? []) held.set(finding, credential);
    }
    return held;
  } catch (error) {
    // A scan is of use without the comparison: no such project, or more than may be asked in a minute.
    const known = error instanceof NotFoundError ||
      (error instanceof WispKeyError && ["too_many_guesses", "guesses_exhausted"].includes(error.code));
    if (!known) throw error;
    await io.output.warn(`not compared with the vault: ${error.message}`);
    return null;
  } finally {
    wipe(payload, ...values);
    daemon.close();
  }
}
