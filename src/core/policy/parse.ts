/**
 * Reads the text of a policy file: TOML, strictly. Whatever is not understood is a mistake, because a rule that is not
 * understood is a rule that is not enforced.
 *
 * @module
 */

import { Mistakes } from "./fields.ts";
import type { PolicyMistake } from "./mistake.ts";
import type { Policy } from "./policy.ts";
import { type ParseOptions, PolicyReader } from "./read_policy.ts";
import { readTables, type TableKind } from "./tables.ts";

export type { ParseOptions } from "./read_policy.ts";

/** Largest policy file, bytes. */
export const MAX_POLICY_BYTES = 1024 * 1024;
/** Most policies in a file. */
const MAX_POLICIES = 4096;

const POLICIES: TableKind = {
  key: "policy",
  file: "a policy file",
  one: "policy",
  many: "policies",
  max: MAX_POLICIES,
};

/** What a file says, or what is wrong with it. */
export type ParsedPolicies =
  | { readonly ok: true; readonly policies: readonly Policy[] }
  | { readonly ok: false; readonly mistakes: readonly [PolicyMistake, ...PolicyMistake[]] };

/**
 * Reads the text of a policy file.
 *
 * @example
 * ```ts
 * import { parsePolicies } from "./parse.ts";
 *
 * const read = parsePolicies('[[policy]]\nname = "reads"\nallowed_methods = ["GET"]\n');
 * console.assert(read.ok && read.policies.length === 1);
 * ```
 */
export function parsePolicies(text: string, options: ParseOptions = {}): ParsedPolicies {
  const mistakes = new Mistakes(text);
  const reader = new PolicyReader(mistakes, options);
  const policies = readTables(text, POLICIES, mistakes).flatMap(({ table, node }) =>
    reader.read(table, node) ?? []
  );
  const [first, ...others] = mistakes.found;
  return first === undefined ? { ok: true, policies } : { ok: false, mistakes: [first, ...others] };
}
