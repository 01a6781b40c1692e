/** Alphabets of the templates. */
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
const ALPHABETS: Readonly<Record<string, string>> = {
  d: DIGITS,
  x: `${DIGITS}abcdef`,
  X: `${DIGITS}ABCDEF`,
  l: `${LOWER}${DIGITS}`,
  U: `${UPPER}${DIGITS}`,
  b: `${UPPER}234567`,
  a: `${UPPER}${LOWER}${DIGITS}`,
  w: `${UPPER}${LOWER}${DIGITS}_-`,
};

/** Draws values from templates, always the same for the same seed: xorshift32, which is random enough to look it. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A number from 0 to below `bound`. */
  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  /** The template with each `{x40}` drawn; neither its first nor its last character is a sign. */
  value(template: string): string {
    return template.replace(/\{([dxXlUbaw])(\d+)\}/g, (_, kind: string, count: string) => {
      const alphabet = ALPHABETS[kind] ?? "";
      let text = "";
      for (let left = Number(count); left > 0; left--) {
        const inner = left > 1 && text !== "" ? alphabet : alphabet.replace("_-", "");
        text += inner[this.below(inner.length)];
      }
      return text;
    });
  }
}
