/**
 * JSON as configuration files have it, with comments and trailing commas, read into nodes that know where they lie. So a
 * value can be put in or taken out while every other character stays.
 *
 * @module
 */

/** A value and where it lies: offsets in UTF-16 units, the end is not part of it. */
export type JsonNode =
  & { readonly start: number; readonly end: number }
  & (
    | { readonly kind: "object"; readonly members: readonly JsonMember[] }
    | { readonly kind: "array"; readonly items: readonly JsonNode[] }
    | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
  );

/** A member of an object. */
export interface JsonMember {
  /** Its name, decoded. */
  readonly name: string;
  /** Where its name begins. */
  readonly start: number;
  /** Its value. */
  readonly value: JsonNode;
}

const DEEPEST = 256;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// deno-lint-ignore no-control-regex -- RFC 8259 refuses control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/y;

/**
 * Reads a text.
 *
 * @returns null for a text of blanks and comments alone
 * @throws {SyntaxError} with the line for anything that is not JSON with comments.
 */
export function parseJsonc(text: string): JsonNode | null {
  const reader = new Reader(text);
  return reader.whole();
}

/** The plain value of a node. */
export function valueOf(node: JsonNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "array":
      return node.items.map(valueOf);
    case "object":
      return Object.fromEntries(node.members.map(({ name, value }) => [name, valueOf(value)]));
  }
}

/** Where blanks and comments from an offset on end. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    while (/[\s\ufeff]/.test(text.charAt(at))) at++;
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
    } else return at;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): JsonNode | null {
    this.#skip();
    if (this.#at === this.#text.length) return null;
    const node = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#error("something follows the value");
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > DEEPEST) throw this.#error("it is nested too deeply");
    const start = this.#at;
    const c = this.#text[start];
    if (c === "{") return this.#object(depth);
    if (c === "[") return this.#array(depth);
    const source = this.#match(STRING) ?? this.#match(NUMBER) ?? this.#match(WORD);
    if (source === null) throw this.#error("a value is expected");
    return { kind: "scalar", value: JSON.parse(source), start, end: this.#at };
  }

  #object(depth: number): JsonNode {
    const start = this.#at++;
    const members: JsonMember[] = [];
    while (!this.#closes("}")) {
      const at = this.#at;
      const name = this.#match(STRING);
      if (name === null) throw this.#error("a name in quotes is expected");
      this.#skip();
      if (this.#text[this.#at] !== ":") throw this.#error("':' is expected");
      this.#at++;
      this.#skip();
      members.push({ name: JSON.parse(name), start: at, value: this.#value(depth + 1) });
      this.#comma("}");
    }
    return { kind: "object", members, start, end: this.#at };
  }

  #array(depth: number): JsonNode {
    const start = this.#at++;
    const items: JsonNode[] = [];
    while (!this.#closes("]")) {
      items.push(this.#value(depth + 1));
      this.#comma("]");
    }
    return { kind: "array", items, start, end: this.#at };
  }

  #closes(bracket: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== bracket) return false;
    this.#at++;
    return true;
  }

  #comma(bracket: string): void {
    this.#skip();
    if (this.#text[this.#at] === ",") this.#at++;
    else if (this.#text[this.#at] !== bracket) throw this.#error(`',' or '${bracket}' is expected`);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #skip(): void {
    this.#at = skipBlanks(this.#text, this.#at);
  }

  #error(why: string): SyntaxError {
    const line = this.#text.slice(0, this.#at).split("\n").length;
    return new SyntaxError(`${why} in line ${line}`);
  }
}
