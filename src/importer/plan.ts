/**
 * What an import would do, before anything is done: which values are secrets, under what names they would be kept, which
 * of them are the same.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import { MAX_VALUE_LENGTH } from "../core/credential.ts";
import type { SourceEntry } from "./formats/mod.ts";
import { credentialNameOf } from "./names.ts";
import { ownHostsOf } from "./own_hosts.ts";
import { recognize, type SecretVerdict } from "./recognize/recognize.ts";
import { splice } from "./splice.ts";

/** A secret of the source. */
export interface PlannedSecret {
  /** Where it stands. */
  readonly entry: SourceEntry;
  /** What it is. */
  readonly verdict: SecretVerdict;
  /** The name it would have in the vault. */
  readonly wanted: string;
}

/** A value that stays as it is. */
export interface LeftValue {
  /** Where it stands. */
  readonly entry: SourceEntry;
  /** Why. */
  readonly why: string;
}

/** A plan for one source. */
export interface ImportPlan {
  /** What would be kept, in the order of the source. */
  readonly secrets: readonly PlannedSecret[];
  /** What would be left. */
  readonly left: readonly LeftValue[];
}

/** What may be asked of a plan. */
export interface PlanOptions {
  /** Set before every name. */
  readonly prefix: string;
  /** Names of the only variables to import; undefined = all. */
  readonly only: readonly string[] | undefined;
}

/** Judges the values of a source. */
export function planImport(entries: readonly SourceEntry[], { prefix, only }: PlanOptions): ImportPlan {
  const ownHosts = ownHostsOf(entries);
  const secrets: PlannedSecret[] = [];
  const left: LeftValue[] = [];
  for (const entry of entries) {
    const verdict = recognize(entry, ownHosts);
    if (verdict.kind === "plain") left.push({ entry, why: verdict.why });
    else if (isTooLarge(entry.value)) left.push({ entry, why: "larger than a credential may be" });
    else if (only !== undefined && !only.includes(entry.name)) {
      left.push({ entry, why: "not chosen by --only" });
    } else secrets.push({ entry, verdict, wanted: credentialNameOf(entry.name, prefix) });
  }
  return { secrets, left };
}

/** The source with each secret's token in the place of its value, and nothing else changed. */
export function swapped(text: string, tokens: ReadonlyMap<SourceEntry, string>): string {
  return splice(text, [...tokens].map(([entry, token]) => entry.swap(token)));
}

/** A UTF-16 unit takes three bytes at the most. */
function isTooLarge(value: string): boolean {
  return value.length * 3 > MAX_VALUE_LENGTH && utf8(value).length > MAX_VALUE_LENGTH;
}
