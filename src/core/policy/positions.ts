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
  readonly entries: ReadonlyMap<string, TomlNode>;
  /** Items of an array. */
  readonly items: readonly TomlNode[];
}

/** The lines of a text. */
export class Lines {
  readonly #starts: number[] = [0];

  /** Finds where each line begins. */
  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.#starts.push(at + 1);
  }

  /** Line and column of an offset. */
  at(offset: number): Position {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** Offset of a line and column, as a parser gives them. */
  offset({ line, column }: Position): number {
    return (this.#starts[Math.min(line, this.#starts.length) - 1] ?? 0) + column - 1;
  }
}

/**
 * Finds the offsets of all keys and values.
 *
 * @param text valid TOML; of anything else the result is meaningless
 */
export function tomlNodes(text: string): TomlNode {
  return new Scanner(text).document();
}

// Most values have nothing in them, and there are many.
const NO_ENTRIES: ReadonlyMap<string, TomlNode> = new Map();
const NO_ITEMS: readonly TomlNode[] = [];

interface Table extends TomlNode {
  readonly entries: Map<string, TomlNode>;
  readonly items: TomlNode[];
}

function node(key: number, value: number): Table {
  return { key, value, entries: new Map(), items: [] };
}

const BLANKS_AND_COMMENTS = /\s*(?:#[^\n]*\s*)*/y;
const BARE_KEY = /[\w-]+/y;
const SCALAR = /[^,\]}#\n\r]+/y;
const PLAIN_STRING = /"([^"\\\n]+)"|'([^'\n]+)'/y;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TomlNode {
    const root = node(0, 0);
    let table: Table = root;
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      if (this.#text[this.#at] === "[") table = this.#header(root);
      else this.#pair(table);
    }
    return root;
  }

  #header(root: Table): Table {
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

  #pair(table: Table): void {
    const start = this.#at;
    const path = this.#path();
    this.#at = this.#text.indexOf("=", this.#at) + 1;
    this.#skip();
    const last = path.pop() ?? "";
    const parent = path.reduce((inner, key) => child(inner, key, start), table);
    parent.entries.set(last, this.#value(start));
  }

  #value(key?: number): TomlNode {
    const value = this.#at;
    const first = this.#text[value];
    if (first === "[" || first === "{") {
      const made = node(key ?? value, value);
      if (first === "[") this.#list("]", () => made.items.push(this.#value()));
      else this.#list("}", () => this.#pair(made));
      return made;
    }
    if (first === '"' || first === "'") this.#string();
    else this.#pass(SCALAR);
    return { key: key ?? value, value, entries: NO_ENTRIES, items: NO_ITEMS };
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
        this.#pass(BARE_KEY);
        path.push(this.#text.slice(start, this.#at));
      }
      this.#skip();
      if (this.#char() !== ".") return path;
      this.#at++;
    }
  }

  /** A string of any kind; answers its text as far as keys need it. */
  #string(): string {
    PLAIN_STRING.lastIndex = this.#at;
    const plain = PLAIN_STRING.exec(this.#text);
    if (plain !== null) {
      this.#at = PLAIN_STRING.lastIndex;
      return plain[1] ?? plain[2] ?? "";
    }
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
    this.#pass(BLANKS_AND_COMMENTS);
  }

  /** Goes behind what a sticky expression matches here. */
  #pass(what: RegExp): void {
    what.lastIndex = this.#at;
    if (what.test(this.#text)) this.#at = what.lastIndex;
  }

  #char(): string {
    return this.#text[this.#at] ?? "";
  }
}

function child(table: Table, key: string, at: number): Table {
  const found = table.entries.get(key);
  if (found !== undefined) return found as Table;
  const made = node(at, at);
  table.entries.set(key, made);
  return made;
}

/** Of an array of tables, the one that headers below it belong to. */
function latest(table: Table): Table {
  return table.items.at(-1) as Table | undefined ?? table;
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
