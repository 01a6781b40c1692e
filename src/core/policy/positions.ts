/**
 * Where things stand in a TOML text, so that a mistake in a value can be named by line and column. The parser gives values
 * without positions; this reads the same text again, once the parser has found it valid.
 *
 * @module
 */

/** A place in a text: both from 1, the column in UTF-16 units. */
export interface Position {
  /** Line. */
  readonly line: number;
  /** Column. */
  readonly column: number;
}

/** A value of the text, and what is in it. */
export interface TomlNode {
  /** Offset of its key, or of its table's header; for an item of an array, of the value. */
  readonly key: number;
  /** Offset of the value. */
  readonly value: number;
  /** Values of a table by key. */
  readonly entries: Map<string, TomlNode>;
  /** Items of an array. */
  readonly items: TomlNode[];
}

/** The line and column of an offset. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let at = before.indexOf("\n"); at >= 0; at = before.indexOf("\n", at + 1)) line++;
  return { line, column: offset - lineStart + 1 };
}

/**
 * Finds the offsets of all keys and values.
 *
 * @param text valid TOML; of anything else the result is meaningless
 */
export function tomlNodes(text: string): TomlNode {
  return new Scanner(text).document();
}

function node(key: number, value: number): TomlNode {
  return { key, value, entries: new Map(), items: [] };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TomlNode {
    const root = node(0, 0);
    let table = root;
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      if (this.#text[this.#at] === "[") table = this.#header(root);
      else this.#pair(table);
    }
    return root;
  }

  #header(root: TomlNode): TomlNode {
    const start = this.#at;
    const isItem = this.#text[this.#at + 1] === "[";
    this.#at += isItem ? 2 : 1;
    const path = this.#path();
    this.#at = this.#text.indexOf("]", this.#at) + (isItem ? 2 : 1);
    const last = path.pop() ?? "";
    const parent = path.reduce((table, key) => latest(child(table, key, start)), root);
    const named = child(parent, last, start);
    if (!isItem) return named;
    const item = node(start, start);
    named.items.push(item);
    return item;
  }

  #pair(table: TomlNode): void {
    const start = this.#at;
    const path = this.#path();
    this.#at = this.#text.indexOf("=", this.#at) + 1;
    this.#skip();
    const last = path.pop() ?? "";
    const parent = path.reduce((inner, key) => child(inner, key, start), table);
    parent.entries.set(last, this.#value(start));
  }

  #value(key?: number): TomlNode {
    const start = this.#at;
    const made = node(key ?? start, start);
    const first = this.#text[start];
    if (first === '"' || first === "'") this.#string();
    else if (first === "[") this.#list("]", () => made.items.push(this.#value()));
    else if (first === "{") this.#list("}", () => this.#pair(made));
    else while (this.#at < this.#text.length && !/[,\]}#\n\r]/.test(this.#char())) this.#at++;
    return made;
  }

  #list(end: string, item: () => void): void {
    this.#at++;
    for (this.#skip(); this.#at < this.#text.length && this.#char() !== end; this.#skip()) {
      if (this.#char() === ",") this.#at++;
      else item();
    }
    this.#at++;
  }

  /** A key, dotted or not; stands behind it afterwards. */
  #path(): string[] {
    const path: string[] = [];
    for (;;) {
      this.#skip();
      const quote = this.#char();
      if (quote === '"' || quote === "'") path.push(this.#string());
      else {
        const start = this.#at;
        while (/[\w-]/.test(this.#char())) this.#at++;
        path.push(this.#text.slice(start, this.#at));
      }
      this.#skip();
      if (this.#char() !== ".") return path;
      this.#at++;
    }
  }

  /** A string of any kind; answers its text as far as keys need it. */
  #string(): string {
    const quote = this.#char();
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at);
    const fence = isLong ? quote.repeat(3) : quote;
    const start = this.#at + fence.length;
    let end = start;
    while (end < this.#text.length && !this.#text.startsWith(fence, end)) {
      end += quote === '"' && this.#text[end] === "\\" ? 2 : 1;
    }
    // A long string may end in quotes of its own.
    while (isLong && this.#text[end + 3] === quote) end++;
    this.#at = end + fence.length;
    const raw = this.#text.slice(start, end);
    return quote === "'" || !raw.includes("\\") ? raw : unescaped(raw);
  }

  #skip(): void {
    for (;;) {
      while (/[\s]/.test(this.#char())) this.#at++;
      if (this.#char() !== "#") return;
      const end = this.#text.indexOf("\n", this.#at);
      this.#at = end < 0 ? this.#text.length : end;
    }
  }

  #char(): string {
    return this.#text[this.#at] ?? "";
  }
}

function child(table: TomlNode, key: string, at: number): TomlNode {
  let found = table.entries.get(key);
  if (found === undefined) table.entries.set(key, found = node(at, at));
  return found;
}

/** Of an array of tables, the one that headers below it belong to. */
function latest(table: TomlNode): TomlNode {
  return table.items.at(-1) ?? table;
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  e: "\u001b",
};

function unescaped(raw: string): string {
  return raw.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/gs,
    (_, short, long, byte, letter) => {
      const hex = short ?? long ?? byte;
      return hex === undefined ? ESCAPES[letter] ?? letter : String.fromCodePoint(Number.parseInt(hex, 16));
    },
  );
}
