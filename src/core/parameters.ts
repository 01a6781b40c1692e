/**
 * Which parameter of a query or an urlencoded form a range of the text lies in.
 *
 * @module
 */

/** A parameter in whose value something stands. */
export interface ParameterSpot {
  /** Its name, decoded. */
  readonly name: string;
  /** Whether the range is all of its value. */
  readonly whole: boolean;
}

/**
 * Answers for ranges of one text, each beginning after the one before it, so that all of them together cost one pass.
 *
 * @param from where the first parameter begins
 */
export class ParameterFinder {
  readonly #text: string;
  #start = 0;
  #end = 0;
  /** Next of each mark at or after the parameter's beginning; the text's length if there is none. */
  #equals = -1;
  #semicolon = -1;

  /** Looks at `text` from `from` on. */
  constructor(text: string, from: number) {
    this.#text = text;
    this.#enter(from);
  }

  /** The parameter in whose value the range lies; null if that is no value. */
  at(start: number, end: number): ParameterSpot | null {
    while (this.#end < start) this.#enter(this.#end + 1);
    const equals = this.#equals;
    if (equals >= start) return null;
    // Some programs take `;` for `&`: to them it would be another parameter.
    if (this.isAfterSemicolon(start)) return null;
    const whole = equals + 1 === start && end === this.#end;
    return { name: decodeName(this.#text.slice(this.#start, equals)), whole };
  }

  /** Whether a `;` stands before a place in the parameter that was asked about last. */
  isAfterSemicolon(start: number): boolean {
    return this.#semicolon < start;
  }

  #enter(start: number): void {
    this.#start = start;
    this.#end = this.#next("&", start);
    // A mark beyond this parameter is the next one's too: none is searched for twice.
    if (this.#equals < start) this.#equals = this.#next("=", start);
    if (this.#semicolon < start) this.#semicolon = this.#next(";", start);
  }

  #next(mark: string, start: number): number {
    const at = this.#text.indexOf(mark, start);
    return at < 0 ? this.#text.length : at;
  }
}

/** A name or value with its escapes undone; with `+` for a blank, as forms have it. */
export function decodeName(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Not UTF-8: no declared parameter has such a name, the raw text will match none.
    return spaced;
  }
}
