/**
 * Asking the daemon whether texts hold values of the vault.
 *
 * @module
 */

import { concat, utf8, wipe } from "../core/bytes.ts";
import { DaemonClient } from "../daemon/client.ts";
import { readDaemonInfo } from "../daemon/info.ts";
import { vaultDirectory, vaultFiles } from "../platform/paths.ts";

/** Why the vault could not be asked. */
export type Unasked = "locked" | "unreachable" | "too_many" | "exhausted";

/** Time for the daemon to answer, milliseconds: an agent waits. */
const ANSWER_MS = 2_000;

/**
 * Names of credentials whose values stand in the texts.
 *
 * @returns a word instead, if nobody answered; without a daemon the vault is locked
 */
export async function askVault(texts: readonly string[]): Promise<readonly string[] | Unasked> {
  let client: DaemonClient | undefined;
  const pieces = texts.map(utf8);
  const payload = concat(...pieces);
  try {
    const info = await readDaemonInfo(vaultFiles(vaultDirectory()).daemonInfo);
    if (info === null) return "locked";
    client = await DaemonClient.connect(info.address);
    const lengths = pieces.map(({ length }) => length);
    return (await client.call("guard.match", { lengths }, payload, ANSWER_MS)).result.credentials;
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    if (code === "too_many_guesses") return "too_many";
    if (code === "guesses_exhausted") return "exhausted";
    return code === "locked" || code === "vault_locked" ? "locked" : "unreachable";
  } finally {
    client?.close();
    wipe(payload, ...pieces);
  }
}
