/**
 * Reads the text of a policy file: TOML, strictly. Whatever is not understood is a mistake, because a rule that is not
 * understood is a rule that is not enforced.
 *
 * @module
 */

import { parse as parseToml, TomlError } from "smol-toml";
import { kindOf, Mistakes } from "./fields.ts";
import { didYouMean, type PolicyMistake, quoted } from "./mistake.ts";
import type { Policy } from "./policy.ts";
import { tomlNodes } from "./positions.ts";
import { type ParseOptions, PolicyReader } from "./read_policy.ts";

export type { ParseOptions } from "./read_policy.ts";

/** Largest policy file, bytes. */
export const MAX_POLICY_BYTES = 1024 * 1024;
/** Most policies in a file. */
export const MAX_POLICIES = 4096;

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
  const policies = readDocument(text, mistakes, options);
  const [first, ...others] = mistakes.found;
  return first === undefined ? { ok: true, policies } : { ok: false, mistakes: [first, ...others] };
}

function readDocument(text: string, mistakes: Mistakes, options: ParseOptions): Policy[] {
  const byteOrderMark = text.startsWith("\ufeff") ? 1 : 0;
  let document: Record<string, unknown>;
  try {
    document = parseToml(text.slice(byteOrderMark));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // A byte order mark was left out of what the parser counts.
    const column = error.column + (error.line === 1 ? byteOrderMark : 0);
    mistakes.atPosition({ line: error.line, column }, syntaxMessage(error));
    return [];
  }
  const root = tomlNodes(text.replace(/^\ufeff/, " "));
  for (const key of Object.keys(document)) {
    if (key === "policy") continue;
    const message = didYouMean(key, ["policy"], "a policy file holds [[policy]] tables, nothing else");
    mistakes.at(
      root.entries.get(key)?.key ?? 0,
      `unknown key ${quoted(key)}${message.replace("'policy'", "'[[policy]]'")}`,
    );
  }
  const tables = document["policy"];
  const node = root.entries.get("policy");
  if (tables === undefined || node === undefined) return [];
  if (!Array.isArray(tables)) {
    mistakes.at(
      node.key,
      `'policy' is ${kindOf(tables)}: write [[policy]], with two brackets, before each policy`,
    );
    return [];
  }
  if (tables.length > MAX_POLICIES) {
    mistakes.at(node.items[MAX_POLICIES]?.key ?? 0, `more than ${MAX_POLICIES} policies`);
    return [];
  }
  const reader = new PolicyReader(mistakes, options);
  return tables.flatMap((table: unknown, i) => reader.read(table, node.items[i] ?? node) ?? []);
}

/** The parser's own words in one line, without its picture of the place. */
function syntaxMessage(error: TomlError): string {
  const [line = ""] = error.message.split("\n");
  return line.replace(/^Invalid TOML document: /, "");
}
