/**
 * How the demo writes on the terminal, and how it keeps count of what it expected and did not get.
 *
 * @module
 */

const colours = Deno.stdout.isTerminal() && Deno.env.get("NO_COLOR") === undefined;
const paint = (code: string, text: string) => colours ? `\x1b[${code}m${text}\x1b[0m` : text;

/** Bold text. */
export const bold = (text: string): string => paint("1", text);
/** Faint text. */
export const faint = (text: string): string => paint("2", text);
const red = (text: string) => paint("31", text);
const green = (text: string) => paint("32", text);

let step = 0;

/** Begins a numbered step. */
export function heading(text: string): void {
  console.log(`\n${bold(`${++step}. ${text}`)}`);
}

/** A line of explanation. */
export function say(text: string): void {
  console.log(`   ${text}`);
}

/** A command as a person would type it. */
export function shell(line: string): void {
  console.log(`   ${faint("$")} ${line}`);
}

/** Rows of `left` and `right` under two titles. */
export function sideBySide(titles: [string, string], rows: readonly [string, string][]): void {
  const width = Math.max(...[titles, ...rows].map(([left]) => left.length));
  console.log(`   ${bold(titles[0].padEnd(width))}   ${bold(titles[1])}`);
  for (const [left, right] of rows) console.log(`   ${left.padEnd(width)}   ${right}`);
}

/** Counts what came out otherwise than expected. */
export class Expectations {
  #failed = 0;

  /** Prints whether a sentence holds. */
  expect(holds: boolean, sentence: string, otherwise = ""): void {
    console.log(`   ${holds ? green("ok") : red("NO")}  ${sentence}`);
    if (holds) return;
    this.#failed++;
    if (otherwise !== "") say(red(otherwise.trim()));
  }

  /** How many sentences did not hold. */
  get failed(): number {
    return this.#failed;
  }
}
