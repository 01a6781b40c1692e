/**
 * Secrets without a form of their own: something random that is assigned to a name which tells that it is one.
 *
 * @module
 */

import { recognize } from "../recognize/recognize.ts";
import { looksRandom } from "../recognize/randomness.ts";
import type { Hit, Place } from "./rules.ts";

/** Words of which one stands in the name of whatever is secret. */
export const ASSIGNMENT_WORDS: readonly string[] = [
  "secret",
  "password",
  "passwd",
  "passphrase",
  "token",
  "apikey",
  "api-key",
  "accesskey",
  "_key",
  "_pass",
  "_auth",
  "_pat",
  "credential",
];

/** How far a name may reach before its word, and a value behind. */
const BEFORE = 48;
const BEHIND = 400;

const NAME_BEFORE = /[\w.-]*$/;
const REST =
  /^([\w-]*)(["'`]?\]?)(\s*(?:=>|:=|[=:])\s*|\s*\(\s*|\s+)(?:(?:[bru]|Bearer |Token )?(["'`])([^"'`\s\\]{8,256})\4|([^\s"'`,;#(){}[\]<>$]{8,256})(?=\s|$|[,;#]))/;
/** What stands bare and is code, not a value: a call, a member, a path, a type. */
const CODE =
  /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$|^(?:process|os|env|config|this|self|props|string|number|boolean|null|undefined|true|false|None)\b|::|=>|^\/|^https?:/;

/** Regular expressions and templates, which look as random as keys. */
const PATTERN = /[[({].*[\])}]|\\[dwsb]/;

/** Looks whether the name around an anchor is given a secret. */
export function assignmentAt({ text, at, bare }: Place): Hit | null {
  const match = REST.exec(text.slice(at, at + BEHIND));
  if (match === null) return null;
  const [whole, tail = "", , equals = "", quote, quoted, plain] = match;
  // `setToken("value")` gives one too; what merely follows in quotes does not.
  const assigned = /[=:]/.test(equals);
  if (!assigned && !equals.includes("(")) return null;
  if (plain !== undefined && (!bare || !assigned || CODE.test(plain))) return null;
  const value = quoted ?? plain ?? "";
  if (!looksRandom(value) || CODE.test(value) || PATTERN.test(value)) return null;
  const before = NAME_BEFORE.exec(text.slice(Math.max(0, at - BEFORE), at))?.[0] ?? "";
  const name = `${before}${tail}`;
  const verdict = recognize({ name, value });
  if (verdict.kind === "plain") return null;
  const start = at + whole.length - value.length - (quote === undefined ? 0 : 1);
  const { provider, title } = verdict;
  return {
    title: provider === null ? `Secret (${name.slice(0, 60)})` : title,
    id: provider?.id ?? "secret",
    start,
    end: start + value.length,
    shown: 0,
  };
}
