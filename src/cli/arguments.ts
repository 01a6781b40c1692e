/**
 * The arguments of one command, parsed: read by name, each as its own type.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";

/** Values of options as they were given: `true` for a flag, else every value in order. */
export type OptionValues = ReadonlyMap<string, true | readonly string[]>;

/** Parsed arguments. Asking for what the command did not declare is a mistake of ours and throws `TypeError`. */
export class Arguments {
  readonly #options: OptionValues;
  readonly #declared: ReadonlySet<string>;
  readonly #positionals: readonly string[];

  /** Takes what the parser found; `declared` are the names the command has. */
  constructor(options: OptionValues, declared: ReadonlySet<string>, positionals: readonly string[]) {
    this.#options = options;
    this.#declared = declared;
    this.#positionals = positionals;
  }

  /** Whether an option was given at all. */
  has(name: string): boolean {
    if (!this.#declared.has(name)) throw new TypeError(`option '${name}' is not declared`);
    return this.#options.has(name);
  }

  /** A flag. */
  flag(name: string): boolean {
    return this.has(name);
  }

  /** Value of a text option; undefined if it was not given. */
  text(name: string): string | undefined {
    return this.has(name) ? this.#values(name)[0] : undefined;
  }

  /** Value of an integer option; the parser has checked form and range. */
  integer(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Pieces of a list option, over all its occurrences; undefined if it was not given, empty for `--tags ''`. */
  list(name: string): string[] | undefined {
    return this.has(name) ? this.#values(name).flatMap(splitList) : undefined;
  }

  /** A positional that the parser has made sure of. */
  positional(index: number): string {
    const value = this.#positionals[index];
    if (value === undefined) throw new TypeError(`positional ${index} is not declared as required`);
    return value;
  }

  /** A positional that may be missing. */
  optionalPositional(index: number): string | undefined {
    return this.#positionals[index];
  }

  /** All positionals from an index on. */
  rest(index: number): readonly string[] {
    return this.#positionals.slice(index);
  }

  /** Refuses two options that exclude each other. */
  exclusive(...names: string[]): void {
    const [a, b] = names.filter((name) => this.has(name));
    if (a !== undefined && b !== undefined) {
      throw new UsageError(`cannot use --${a} and --${b} together: give one of them`, {
        code: "conflicting_options",
        hint: `leave out --${a} or --${b}`,
      });
    }
  }

  #values(name: string): readonly string[] {
    const values = this.#options.get(name);
    if (values === undefined || values === true) throw new TypeError(`option '${name}' takes no value`);
    return values;
  }
}

/** Splits a comma separated list: pieces trimmed, empty ones dropped. */
export function splitList(text: string): string[] {
  return text.split(",").map((piece) => piece.trim()).filter((piece) => piece !== "");
}
