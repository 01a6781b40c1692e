/**
 * Putting what was settled into the vault, many at a time.
 *
 * @module
 */

import { concat, utf8, wipe } from "../../core/bytes.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { NewCredential } from "../../daemon/api/import.ts";
import type { PlannedSecret } from "../../importer/plan.ts";
import { IMPORTED_TAG, type SettledSecret } from "./settle.ts";

/** Most bytes of values in one call; the daemon takes 16 MiB. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Most credentials in one call, so that their JSON stays under what the daemon takes. */
const BATCH_COUNT = 10_000;
/** Most characters of JSON in one call; the daemon takes 4 MiB. */
const BATCH_JSON = 3_500_000;

/** Where new credentials go. */
export interface Destination {
  /** Name of the project. */
  readonly project: string;
  /** Name of the partition. */
  readonly partition: string;
  /** What goes into each description. */
  readonly description: string;
}

/**
 * Adds the new ones; each call is one transaction.
 *
 * @param progress told after each call how many are kept
 * @returns the token of every secret, also of those that were held or repeated
 */
export async function store(
  vault: VaultClient,
  settled: readonly SettledSecret[],
  { project, partition, description }: Destination,
  progress: (done: number, all: number) => Promise<void>,
): Promise<Map<PlannedSecret, string>> {
  const tokens = new Map<PlannedSecret, string>();
  const fresh = settled.filter((secret) => secret.state === "new");
  let done = 0;
  const items = fresh.map((secret) => ({ secret, value: utf8(secret.planned.entry.value) }));
  for (const batch of batches(items, description)) {
    const payload = concat(...batch.map(({ value }) => value));
    try {
      const credentials = batch.map(({ secret, value }) => newCredential(secret, value.length, description));
      const { result } = await vault.call(
        "credential.add_many",
        { project, partition, credentials },
        payload,
      );
      for (const [index, { token }] of result.added.entries()) {
        const planned = batch[index]?.secret.planned;
        if (planned !== undefined) tokens.set(planned, token);
      }
    } finally {
      wipe(payload, ...batch.map(({ value }) => value));
    }
    done += batch.length;
    await progress(done, fresh.length);
  }
  for (const secret of settled) if (secret.state === "held") tokens.set(secret.planned, secret.token);
  for (const secret of settled) {
    const token = secret.state === "repeated" ? tokens.get(secret.first) : undefined;
    if (token !== undefined) tokens.set(secret.planned, token);
  }
  return tokens;
}

type Fresh = Extract<SettledSecret, { state: "new" }>;

function newCredential({ planned, name }: Fresh, length: number, description: string): NewCredential {
  const { type, place, hosts } = planned.verdict;
  return { name, description, type, place, hosts: [...hosts], tags: [IMPORTED_TAG], length };
}

interface Item {
  secret: Fresh;
  value: Uint8Array<ArrayBuffer>;
}

function* batches(items: readonly Item[], description: string): Generator<Item[], void> {
  let batch: Item[] = [];
  let bytes = 0;
  let json = 0;
  for (const item of items) {
    const text = JSON.stringify(newCredential(item.secret, item.value.length, description)).length + 1;
    const full = bytes + item.value.length > BATCH_BYTES || json + text > BATCH_JSON ||
      batch.length === BATCH_COUNT;
    if (full && batch.length > 0) {
      yield batch;
      [batch, bytes, json] = [[], 0, 0];
    }
    batch.push(item);
    bytes += item.value.length;
    json += text;
  }
  if (batch.length > 0) yield batch;
}
