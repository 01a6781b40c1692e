/**
 * Reading a shell script into pipelines of commands. Knows lists, pipelines, redirections, here-documents, groups, loops
 * and functions; whatever joins two pipelines (`;`, `&&`, `||`, `&`, a line's end) is the same to it. Never fails.
 *
 * @module
 */

import type { Assignment, Command, Redirect, Script, Word } from "./syntax.ts";
import { type Cursor, DEEPEST, plainText, readDouble, readWord } from "./words.ts";

/** Longer scripts are cut, characters. */
export const LONGEST_SCRIPT = 256 * 1024;

/** Words that begin a group, and the word that ends it. */
const GROUPS: Readonly<Record<string, string>> = {
  "{": "}",
  if: "fi",
  while: "done",
  until: "done",
  for: "done",
  select: "done",
  case: "esac",
};
/** Words in command position that only lead on. */
const CONNECTING = new Set(["then", "else", "elif", "do", "in", "!", "time", "coproc", "&"]);
const ENDS = new Set(Object.values(GROUPS));
const REDIRECT = /(\d*)(<<<|<<-|<<|<>|<&|>>|>&|>\||&>>|&>|<|>)/y;
const ASSIGNMENT = /^([A-Za-z_]\w*)(?:\[[^\]]*\])?(\+?)=/;

interface Document {
  readonly delimiter: string;
  readonly literal: boolean;
  readonly indented: boolean;
  /** Filled when the lines have been read. */
  readonly body: { word: Word };
}

/** Reads a whole script. */
export function parseScript(text: string): Script {
  return readScript({ text: text.slice(0, LONGEST_SCRIPT), at: 0, depth: 0 }, "");
}

function readScript(cursor: Cursor, close: ")" | ""): Script {
  const inner: Cursor = { text: cursor.text, at: cursor.at, depth: cursor.depth + 1 };
  const script = new Reader(inner).list(close === "" ? null : close);
  cursor.at = inner.at;
  return script;
}

class Reader {
  readonly #cursor: Cursor;
  readonly #documents: Document[] = [];

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** Pipelines up to a closing bracket or word, which is consumed; null = the end of the text. */
  list(end: string | null): Script {
    const script: Command[][] = [];
    let pipeline: Command[] = [];
    for (;;) {
      this.#skipBlanks();
      const { text, at } = this.#cursor;
      const c = text[at];
      if (c === undefined) break;
      if (c === "\n" || c === ";" || c === "&" && text[at + 1] !== ">") {
        this.#cursor.at++;
        if (c === "\n") this.#readDocuments();
        pipeline = [];
      } else if (c === "|") {
        this.#cursor.at += text[at + 1] === "&" ? 2 : 1;
        if (text[at + 1] === "|") {
          this.#cursor.at = at + 2;
          pipeline = [];
        } else this.#skipLines();
      } else if (c === ")") {
        this.#cursor.at++;
        if (end === ")") return script;
        pipeline = []; // The end of a `case` pattern, or one bracket too many.
      } else if (this.#endsWith(end)) return script;
      else {
        const command = this.#command();
        if (command === null) continue;
        if (pipeline.length === 0) script.push(pipeline);
        pipeline.push(command);
      }
    }
    return script;
  }

  #command(): Command | null {
    const { text, at } = this.#cursor;
    if (text.startsWith("((", at)) {
      const close = text.indexOf("))", at);
      this.#cursor.at = close < 0 ? text.length : close + 2;
      return null;
    }
    if (text[at] === "(") {
      this.#cursor.at++;
      return { kind: "group", body: this.#nested(")"), loop: null, redirects: this.#redirects() };
    }
    const keyword = this.#peekKeyword();
    if (keyword === "function") {
      this.#cursor.at += keyword.length;
      this.#skipBlanks();
      return this.#definition(plainText(this.#word()) ?? "");
    }
    if (CONNECTING.has(keyword) || ENDS.has(keyword)) {
      this.#cursor.at += keyword.length;
      return null;
    }
    const end = GROUPS[keyword];
    if (end !== undefined && Object.hasOwn(GROUPS, keyword)) return this.#group(keyword, end);
    return this.#simple();
  }

  #group(keyword: string, end: string): Command {
    this.#cursor.at += keyword.length;
    const loop = keyword === "for" || keyword === "select" ? this.#loopHead() : null;
    if (keyword === "case") {
      this.#skipBlanks();
      this.#word();
    }
    return { kind: "group", body: this.#nested(end), loop, redirects: this.#redirects() };
  }

  #loopHead(): { variable: string; words: Word[] } | null {
    this.#skipBlanks();
    if (this.#cursor.text.startsWith("((", this.#cursor.at)) return null;
    const variable = plainText(this.#word()) ?? "";
    this.#skipBlanks();
    if (this.#peekKeyword() !== "in") return { variable, words: [] };
    this.#cursor.at += 2;
    return { variable, words: this.#words() };
  }

  #definition(name: string): Command | null {
    this.#skipBlanks();
    if (/^\(\s*\)/.test(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 8))) {
      this.#cursor.at = this.#cursor.text.indexOf(")", this.#cursor.at) + 1;
    }
    while (/\s/.test(this.#cursor.text.charAt(this.#cursor.at))) this.#cursor.at++;
    if (this.#cursor.depth > DEEPEST) return null;
    this.#cursor.depth++;
    const body = this.#cursor.at < this.#cursor.text.length ? this.#command() : null;
    this.#cursor.depth--;
    return body === null ? null : { kind: "function", name, body };
  }

  #simple(): Command | null {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    const start = this.#cursor.at;
    for (;;) {
      this.#skipBlanks();
      const redirect = this.#redirect();
      if (redirect !== null) {
        redirects.push(redirect);
        continue;
      }
      const word = this.#word();
      if (word.length === 0) break;
      const assignment = words.length === 0 ? this.#assignment(word) : null;
      if (assignment !== null) assignments.push(assignment);
      else words.push(word);
      if (
        words.length === 1 && /^\(\s*\)/.test(this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 8))
      ) {
        return this.#definition(plainText(word) ?? "");
      }
    }
    if (this.#cursor.at === start) this.#cursor.at++; // A character that no grammar has a place for.
    if (assignments.length + words.length + redirects.length === 0) return null;
    return { kind: "simple", assignments, words, redirects };
  }

  #assignment(word: Word): Assignment | null {
    const [first, ...rest] = word;
    if (first?.kind !== "text" || first.quoted) return null;
    const match = ASSIGNMENT.exec(first.text);
    if (match === null) return null;
    const [head, name = "", plus] = match;
    const text = first.text.slice(head.length);
    const value: Word = text === "" ? rest : [{ ...first, text }, ...rest];
    if (value.length === 0 && this.#cursor.text[this.#cursor.at] === "(") {
      this.#cursor.at++;
      const words = this.#words();
      if (this.#cursor.text[this.#cursor.at] === ")") this.#cursor.at++;
      const blank = { kind: "text", text: " ", quoted: false } as const;
      return { name, value: words.flatMap((word, i) => i === 0 ? word : [blank, ...word]), appends: false };
    }
    return { name, value, appends: plus === "+" };
  }

  /** Words on, up to anything else. */
  #words(): Word[] {
    const words: Word[] = [];
    for (;;) {
      this.#skipBlanks();
      const word = this.#word();
      if (word.length === 0) return words;
      words.push(word);
    }
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      this.#skipBlanks();
      const redirect = this.#redirect();
      if (redirect === null) return redirects;
      redirects.push(redirect);
    }
  }

  #redirect(): Redirect | null {
    const { text, at } = this.#cursor;
    REDIRECT.lastIndex = at;
    const match = REDIRECT.exec(text);
    if (match === null) return null;
    const [whole, digits = "", operator = ""] = match;
    // `<(` and `>(` are words.
    if ((operator === "<" || operator === ">") && text[at + whole.length] === "(") return null;
    this.#cursor.at += whole.length;
    this.#skipBlanks();
    const descriptor = digits === "" ? null : Number(digits);
    const target = this.#word();
    if (operator !== "<<" && operator !== "<<-") {
      const plain = operator === ">|" ? ">" : operator === "&>>" ? "&>" : operator;
      return { operator: plain as Redirect["operator"], descriptor, target };
    }
    const body = { word: [] as Word };
    this.#documents.push({
      delimiter: plainText(target) ?? "",
      literal: target.some((part) => part.kind === "text" && part.quoted),
      indented: operator === "<<-",
      body,
    });
    return {
      operator: "<<",
      descriptor,
      get target() {
        return body.word;
      },
    };
  }

  #readDocuments(): void {
    for (const { delimiter, literal, indented, body } of this.#documents.splice(0)) {
      const lines: string[] = [];
      while (this.#cursor.at < this.#cursor.text.length) {
        const end = this.#cursor.text.indexOf("\n", this.#cursor.at);
        const stop = end < 0 ? this.#cursor.text.length : end;
        const raw = this.#cursor.text.slice(this.#cursor.at, stop);
        const line = indented ? raw.replace(/^\t+/, "") : raw;
        this.#cursor.at = Math.min(stop + 1, this.#cursor.text.length);
        if (line.replace(/\r$/, "") === delimiter) break;
        lines.push(line);
      }
      const text = lines.map((line) => `${line}\n`).join("");
      body.word = literal
        ? [{ kind: "text", text, quoted: true }]
        : readDouble({ text, at: 0, depth: this.#cursor.depth }, "", readScript);
    }
  }

  #nested(end: string): Script {
    if (this.#cursor.depth > DEEPEST) return [];
    const cursor: Cursor = {
      text: this.#cursor.text,
      at: this.#cursor.at,
      depth: this.#cursor.depth + 1,
    };
    const reader = new Reader(cursor);
    reader.#documents.push(...this.#documents.splice(0));
    const script = reader.list(end);
    this.#documents.push(...reader.#documents);
    this.#cursor.at = cursor.at;
    return script;
  }

  #word(): Word {
    return readWord(this.#cursor, readScript);
  }

  #endsWith(end: string | null): boolean {
    if (end === null || end === ")" || this.#peekKeyword() !== end) return false;
    this.#cursor.at += end.length;
    return true;
  }

  /** The unquoted word at the cursor, if it could be one of the grammar's. */
  #peekKeyword(): string {
    return /^(?:[a-z]+|[{}!])(?=[\s;&|()<>]|$)/.exec(
      this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + 12),
    )?.[0] ?? "";
  }

  /** A pipeline goes on in the next line. */
  #skipLines(): void {
    for (this.#skipBlanks(); this.#cursor.text[this.#cursor.at] === "\n"; this.#skipBlanks()) {
      this.#cursor.at++;
      this.#readDocuments();
    }
  }

  #skipBlanks(): void {
    const { text } = this.#cursor;
    for (;;) {
      const c = text[this.#cursor.at];
      if (c === " " || c === "\t" || c === "\r") this.#cursor.at++;
      else if (c === "\\" && text[this.#cursor.at + 1] === "\n") this.#cursor.at += 2;
      else if (c === "#") {
        const end = text.indexOf("\n", this.#cursor.at);
        this.#cursor.at = end < 0 ? text.length : end;
      } else return;
    }
  }
}
