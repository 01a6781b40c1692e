/**
 * Our entries in a configuration's text: putting them in, telling whether they are there, taking them out. Pure.
 *
 * @module
 */

import { appendItem, nodeAt, removeItems, removeMember, setMember } from "../../core/jsonc/edit.ts";
import { type JsonNode, valueOf } from "../../core/jsonc/parse.ts";
import type { Entry } from "./clients.ts";
import { removeTable, setTable } from "./toml_table.ts";

/**
 * The text with all entries as they should be. Applied again it changes nothing.
 *
 * @throws {SyntaxError} if the text cannot be read; {TypeError} if it has something else in the place of an entry.
 */
export function withEntries(text: string, entries: readonly Entry[]): string {
  return entries.reduce(withEntry, text);
}

/**
 * The text without our entries.
 *
 * @param before the text before they were put in, if that is known: what was there already stays
 */
export function withoutEntries(text: string, entries: readonly Entry[], before: string | null): string {
  return entries.reduceRight((left, entry) => withoutEntry(left, entry, before), text);
}

function withEntry(text: string, entry: Entry): string {
  switch (entry.kind) {
    case "table":
      return setTable(text, entry.name, entry.lines);
    case "default":
      return nodeAt(text, entry.path) === undefined ? setMember(text, entry.path, entry.value) : text;
    case "member": {
      const node = nodeAt(text, entry.path);
      return node !== undefined && isEqual(valueOf(node), entry.value)
        ? text
        : setMember(text, entry.path, entry.value);
    }
    case "item": {
      const array = nodeAt(text, entry.path);
      const ours = array?.kind === "array" ? array.items.filter(isOurs) : [];
      const [only] = ours;
      if (ours.length === 1 && only !== undefined && isEqual(valueOf(only), entry.value)) return text;
      return appendItem(removeItems(text, entry.path, isOurs), entry.path, entry.value);
    }
  }
}

function withoutEntry(text: string, entry: Entry, before: string | null): string {
  switch (entry.kind) {
    case "table":
      return removeTable(text, entry.name);
    case "default":
      return text;
    case "member":
      return pruned(removeMember(text, entry.path), entry.path.slice(0, -1), before);
    case "item":
      return pruned(removeItems(text, entry.path, isOurs), entry.path, before);
  }
}

/** Takes out what is empty now and was made for our entries. */
function pruned(text: string, path: readonly string[], before: string | null): string {
  const node = nodeAt(text, path);
  if (path.length === 0 || node === undefined) return text;
  const isEmpty = node.kind === "object"
    ? node.members.length === 0
    : node.kind === "array" && node.items.length === 0;
  const holdsComments = text.slice(node.start + 1, node.end - 1).trim() !== "";
  const wasThere = before !== null && nodeAt(before, path) !== undefined;
  if (!isEmpty || holdsComments || wasThere) return text;
  return pruned(removeMember(text, path), path.slice(0, -1), before);
}

/** Whether an item of a list of hooks calls the guard. */
function isOurs(node: JsonNode): boolean {
  const commands = (value: unknown): boolean => {
    if (Array.isArray(value)) return value.length > 0 && value.every(commands);
    if (typeof value !== "object" || value === null) return false;
    const { command, hooks } = value as { command?: unknown; hooks?: unknown };
    return typeof command === "string" ? /^wispkey guard(?:\s|$)/.test(command) : commands(hooks);
  };
  return commands(valueOf(node));
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
