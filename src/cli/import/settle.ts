/**
 * Which credential each secret of a plan becomes: one that the vault holds already, or a new one under a free name.
 *
 * @module
 */

import { concat, utf8, wipe } from "../../core/bytes.ts";
import { WispKeyError } from "../../core/errors.ts";
import type { VaultClient } from "../../daemon/api.ts";
import { freeName } from "../../importer/names.ts";
import type { ImportPlan, PlannedSecret } from "../../importer/plan.ts";

/** Tag of credentials that were imported. */
export const IMPORTED_TAG = "imported";

/** Of so many secrets all are compared with the vault; of more, only those whose name is taken. */
const COMPARED_WHOLLY = 2_000;
/** The daemon compares no shorter values, bytes. */
const LEAST_COMPARED = 16;

/** A secret and the credential it becomes. */
export type SettledSecret =
  /** A new credential of this name. */
  | { readonly planned: PlannedSecret; readonly state: "new"; readonly name: string }
  /** The same value as another one of the source, which is `first`. */
  | { readonly planned: PlannedSecret; readonly state: "repeated"; readonly first: PlannedSecret }
  /** One the vault holds; `compared`: by its value, else by its name alone. */
  | {
    readonly planned: PlannedSecret;
    readonly state: "held";
    readonly name: string;
    readonly token: string;
    readonly compared: boolean;
  };

/** Looks the vault over and decides. Nothing is changed. */
export async function settle(
  vault: VaultClient,
  plan: ImportPlan,
  project: string,
): Promise<SettledSecret[]> {
  const { result } = await vault.call("credential.list", { project, partition: null, tokens: false });
  const known = new Map(result.credentials.map((credential) => [credential.name, credential]));
  const firsts = new Map<string, PlannedSecret>();
  for (const planned of plan.secrets) {
    if (!firsts.has(planned.entry.value)) firsts.set(planned.entry.value, planned);
  }
  const distinct = [...firsts.values()];
  const compared = distinct.length <= COMPARED_WHOLLY
    ? distinct
    : distinct.filter(({ wanted }) => known.has(wanted));
  const held = await findHeld(vault, project, known.size === 0 ? [] : compared);
  const taken = new Set(known.keys());
  const settled: SettledSecret[] = [];
  for (const planned of plan.secrets) {
    const first = firsts.get(planned.entry.value);
    if (first !== undefined && first !== planned) {
      settled.push({ planned, state: "repeated", first });
      continue;
    }
    const match = held.get(planned);
    if (match !== undefined) {
      settled.push({ planned, state: "held", ...match, compared: true });
      continue;
    }
    const token = await sameByName(vault, planned, project, known.get(planned.wanted)?.tags);
    if (token !== null) {
      settled.push({ planned, state: "held", name: planned.wanted, token, compared: false });
      continue;
    }
    const name = freeName(planned.wanted, (candidate) => taken.has(candidate));
    taken.add(name);
    settled.push({ planned, state: "new", name });
  }
  return settled;
}

/** Asks the daemon, which knows the secrets, for those that it holds. */
async function findHeld(
  vault: VaultClient,
  project: string,
  secrets: readonly PlannedSecret[],
): Promise<Map<PlannedSecret, { name: string; token: string }>> {
  const held = new Map<PlannedSecret, { name: string; token: string }>();
  const long = secrets.filter(({ entry }) => entry.value.length >= LEAST_COMPARED);
  if (long.length === 0) return held;
  const values = long.map(({ entry }) => utf8(entry.value));
  const payload = concat(...values);
  wipe(...values);
  try {
    const lengths = values.map(({ length }) => length);
    const { result } = await vault.call(
      "environment.match",
      { project, credentials: null, lengths },
      payload,
    );
    for (const match of result.matches) {
      const planned = long[match.index];
      if (match.kind === "token" && planned !== undefined) {
        held.set(planned, { name: match.credential, token: match.token });
      }
    }
  } catch (error) {
    // More may not be asked now; then names alone decide.
    const known = error instanceof WispKeyError &&
      ["too_many_guesses", "guesses_exhausted"].includes(error.code);
    if (!known) throw error;
  } finally {
    wipe(payload);
  }
  return held;
}

/** A value too short to be compared counts as the one of the credential that an import made under its name. */
async function sameByName(
  vault: VaultClient,
  { wanted, entry }: PlannedSecret,
  project: string,
  tags: readonly string[] | undefined,
): Promise<string | null> {
  if (tags?.includes(IMPORTED_TAG) !== true || utf8(entry.value).length >= LEAST_COMPARED) return null;
  const { result } = await vault.call("credential.get", { name: wanted, project, token: true });
  return result.credential.token ?? null;
}
