/**
 * Header and trailer fields with secrets replaced by their tokens.
 *
 * @module
 */

import { scrubBytes, type ScrubSet } from "../../core/scrub/mod.ts";
import { type HeaderField, latin1Text } from "../http/mod.ts";

let scratch = new Uint8Array(16 * 1024);

/**
 * Searches names and values. In the usual case that nothing is found the very same fields come back after one search
 * over all of them.
 */
export function scrubFields<Owner>(
  set: ScrubSet<Owner>,
  fields: Iterable<HeaderField>,
  onFound: (owner: Owner) => void,
): HeaderField[] {
  const list = [...fields];
  const length = list.reduce((sum, { name, value }) => sum + name.length + value.length + 2, 0);
  if (length > scratch.length) scratch = new Uint8Array(length);
  let at = 0;
  for (const { name, value } of list) {
    at = write(value, write(name, at));
  }
  if (set.find(scratch, at, -1).length === 0) return list;
  scratch.fill(0, 0, at);
  return list.map((field) => {
    const name = scrubText(set, field.name, onFound);
    const value = scrubText(set, field.value, onFound);
    return name === field.name && value === field.value ? field : { name, lower: name.toLowerCase(), value };
  });
}

/** Scrubs a text of one character a byte. */
function scrubText<Owner>(set: ScrubSet<Owner>, text: string, onFound: (owner: Owner) => void): string {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const scrubbed = scrubBytes(set, bytes, onFound);
  return scrubbed === bytes ? text : latin1Text(scrubbed);
}

function write(text: string, at: number): number {
  for (let i = 0; i < text.length; i++) scratch[at + i] = text.charCodeAt(i);
  // Stands in no name and no value.
  scratch[at + text.length] = 0x0a;
  return at + text.length + 1;
}
