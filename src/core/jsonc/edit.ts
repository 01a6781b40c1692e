/**
 * Putting members and items into JSON with comments, and taking them out again, by touching nothing else.
 *
 * @module
 */

import { type JsonMember, type JsonNode, parseJsonc, skipBlanks } from "./parse.ts";

/**
 * The node at a path of members; undefined if there is none.
 *
 * @throws {SyntaxError} as `parseJsonc`.
 */
export function nodeAt(text: string, path: readonly string[]): JsonNode | undefined {
  let node = parseJsonc(text) ?? undefined;
  for (const name of path) {
    node = node?.kind === "object" ? lastOf(node.members, name)?.value : undefined;
  }
  return node;
}

/**
 * Sets a member; objects on the way to it are made where they are missing.
 *
 * @throws {SyntaxError} as `parseJsonc`; {TypeError} if something on the way is no object.
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const root = parseJsonc(text);
  if (root === null) {
    const newline = newlineOf(text);
    const before = text.trim() === "" ? text.startsWith("\ufeff") ? "\ufeff" : "" : text;
    return `${before}${JSON.stringify(nested(path, value), null, 2).replaceAll("\n", newline)}${newline}`;
  }
  let node: JsonNode = root;
  for (const [depth, name] of path.entries()) {
    if (node.kind !== "object") throw new TypeError(`'${path.slice(0, depth).join(".")}' is no object`);
    const member = lastOf(node.members, name);
    if (member === undefined) {
      const made = nested(path.slice(depth + 1), value);
      return insert(text, node, `${JSON.stringify(name)}: `, made, node.members.at(-1)?.value);
    }
    node = member.value;
  }
  return text.slice(0, node.start) + format(text, node.start, value) + text.slice(node.end);
}

/**
 * Adds an item at the end of an array, which is made where it is missing.
 *
 * @throws {SyntaxError} as `parseJsonc`; {TypeError} if there is something else than an array.
 */
export function appendItem(text: string, path: readonly string[], item: unknown): string {
  const node = nodeAt(text, path);
  if (node === undefined) return setMember(text, path, [item]);
  if (node.kind !== "array") throw new TypeError(`'${path.join(".")}' is no array`);
  return insert(text, node, "", item, node.items.at(-1));
}

/** Takes a member out; the text as it is if there is none. */
export function removeMember(text: string, path: readonly string[]): string {
  const parent = nodeAt(text, path.slice(0, -1));
  if (parent?.kind !== "object") return text;
  const index = parent.members.findLastIndex(({ name }) => name === path.at(-1));
  const member = parent.members[index];
  if (member === undefined) return text;
  return remove(text, parent, member.start, member.value.end, parent.members[index - 1]?.value.end);
}

/** Takes the items out for which a test holds. */
export function removeItems(
  text: string,
  path: readonly string[],
  isWanted: (node: JsonNode) => boolean,
): string {
  for (let left = text;;) {
    const array = nodeAt(left, path);
    if (array?.kind !== "array") return left;
    const index = array.items.findLastIndex(isWanted);
    const item = array.items[index];
    if (item === undefined) return left;
    left = remove(left, array, item.start, item.end, array.items[index - 1]?.end);
  }
}

function insert(
  text: string,
  container: JsonNode,
  head: string,
  value: unknown,
  last: JsonNode | undefined,
): string {
  const close = container.end - 1;
  const newline = newlineOf(text);
  const outer = indentOf(text, container.start);
  if (last === undefined) {
    // Comments in an empty container stay where they are, before the new entry.
    const inside = text.slice(container.start + 1, close).trimEnd();
    const indent = outer + unitOf(text);
    const entry = head + format(text, container.start, value, indent);
    return `${text.slice(0, container.start + 1)}${inside}${newline}${indent}${entry}${newline}${outer}${
      text.slice(close)
    }`;
  }
  const after = skipBlanks(text, last.end);
  const trails = text[after] === ",";
  const isOneLine = !text.slice(container.start, container.end).includes("\n");
  if (isOneLine) {
    const entry = head + JSON.stringify(value);
    const at = trails ? after + 1 : last.end;
    return `${text.slice(0, at)}${trails ? " " : ", "}${entry}${trails ? "," : ""}${text.slice(at)}`;
  }
  const indent = indentOf(text, last.start);
  const entry = head + format(text, last.start, value, indent);
  // Behind the last comment, so that comments stay with what they speak of.
  const end = text.slice(0, close).trimEnd().length;
  const comma = trails ? "" : ",";
  return text.slice(0, last.end) + comma + text.slice(last.end, Math.max(end, last.end)) + newline + indent +
    entry +
    (trails ? "," : "") + text.slice(Math.max(end, last.end));
}

function remove(
  text: string,
  container: JsonNode,
  start: number,
  end: number,
  before: number | undefined,
): string {
  const after = skipBlanks(text, end);
  const hasComma = text[after] === ",";
  const stop = hasComma ? after + 1 : end;
  const from = text.slice(0, start).trimEnd().length;
  if (hasComma || before === undefined) {
    const left = text.slice(0, from) + text.slice(stop);
    // The only entry: a container that held nothing else closes on the same line again.
    if (
      before === undefined && skipBlanks(text, stop) === container.end - 1 && from === container.start + 1
    ) {
      return text.slice(0, from) + text.slice(container.end - 1);
    }
    return left;
  }
  // The last one: the comma before it goes with it.
  const comma = skipBlanks(text, before);
  return text.slice(0, comma) + text.slice(comma + 1, from) + text.slice(stop);
}

function format(text: string, at: number, value: unknown, indent: string = indentOf(text, at)): string {
  return JSON.stringify(value, null, unitOf(text)).replaceAll("\n", newlineOf(text) + indent);
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

function lastOf(members: readonly JsonMember[], name: string): JsonMember | undefined {
  return members.findLast((member) => member.name === name);
}

/** Blanks at the beginning of the line in which something lies. */
function indentOf(text: string, at: number): string {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? "";
}

/** What one level is indented by: that of the first indented line. */
function unitOf(text: string): string {
  return /\n([ \t]+)["[{]/.exec(text)?.[1] ?? "  ";
}

function newlineOf(text: string): string {
  return /\r\n/.test(text) ? "\r\n" : "\n";
}
