/**
 * The labelled commands of `corpus.txt`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** One command. */
export interface Labelled {
  /** Whether it must be refused. */
  readonly harmful: boolean;
  /** As an agent would run it. */
  readonly command: string;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Characters drawn from an alphabet. */
export function drawn(length: number, alphabet: string = LETTERS): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  const text = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
  // A letter and a digit each, as any long key has.
  return `k7${text.slice(2)}`;
}

/** Keys in the form of well-known providers, made up. They are put together here so that no scanner takes them for real. */
export const KEYS: Readonly<Record<string, () => string>> = {
  openai: () => ["sk", "proj", drawn(48)].join("-"),
  anthropic: () => ["sk", "ant", "api03", `${drawn(93)}AA`].join("-"),
  github: () => `ghp_${drawn(36)}`,
  github_pat: () => ["github", "pat", drawn(22), drawn(59)].join("_"),
  aws: () => `AKIA${drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").toUpperCase().replaceAll(/[0189]/g, "Q")}`,
  slack: () => ["xoxb", "2834756102", "4958203716485", drawn(24)].join("-"),
  stripe: () => ["sk", "live", drawn(24)].join("_"),
  google: () => `AIza${drawn(35)}`,
  npm: () => `npm_${drawn(36)}`,
  gitlab: () => `glpat-${drawn(20)}`,
  sendgrid: () => ["SG", drawn(22), drawn(43)].join("."),
  random: () => drawn(32),
  token: () => `wk_openai_prod_${drawn(16, "abcdefghijklmnopqrstuvwxyz0123456789")}`,
};

/** Reads the corpus; keys are fresh each time. */
export function readCorpus(): Labelled[] {
  const text = Deno.readTextFileSync(fileURLToPath(new URL("corpus.txt", import.meta.url)));
  const labelled: { harmful: boolean; command: string }[] = [];
  for (const line of text.split("\n")) {
    const last = labelled.at(-1);
    if (line.startsWith("  | ") && last !== undefined) last.command += `\n${line.slice(4)}`;
    else if (/^[!.] /.test(line)) labelled.push({ harmful: line.startsWith("!"), command: line.slice(2) });
  }
  return labelled.map(({ harmful, command }) => ({ harmful, command: withKeys(command) }));
}

/** Ways to write a key so that it does not stand there as one piece. */
const SPELLINGS: Readonly<Record<string, (key: string) => string>> = {
  b64: btoa,
  quoted: (key) => `${key.slice(0, 9)}""${key.slice(9)}`,
  escaped: (key) => `${key.slice(0, 9)}\\${key.slice(9)}`,
  assigned: (key) => `a=${key.slice(0, 12)}; b=${key.slice(12)}`,
};

function withKeys(command: string): string {
  return command.replaceAll(
    /\{(?:([a-z0-9]+):)?([a-z_]+)\}/g,
    (whole, spelling: string | undefined, name: string) => {
      const make = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
      if (make === undefined) return whole;
      return spelling === undefined ? make() : SPELLINGS[spelling]?.(make()) ?? whole;
    },
  );
}
