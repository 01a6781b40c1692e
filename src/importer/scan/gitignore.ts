/**
 * Which files git ignores, by the rules of `gitignore(5)`.
 *
 * @module
 */

/** The patterns of one `.gitignore`, and those around it. */
export class IgnoreRules {
  readonly #rules: readonly IgnoreRule[];
  readonly #around: IgnoreRules | null;

  /**
   * Reads a `.gitignore`.
   *
   * @param base directory of the file from the root of the tree, empty for the root
   * @param around what holds in the directories above
   */
  constructor(text: string, base: string, around: IgnoreRules | null) {
    this.#rules = text.split(/\r?\n/).map((line) => parseRule(line, base)).filter((rule) => rule !== null);
    this.#around = around;
  }

  /** Whether a path from the root is ignored, provided that no directory above it is. */
  ignores(path: string, isDirectory: boolean): boolean {
    return this.#verdict(path, isDirectory) ?? this.#around?.ignores(path, isDirectory) ?? false;
  }

  /** The last rule that fits decides. */
  #verdict(path: string, isDirectory: boolean): boolean | null {
    for (let index = this.#rules.length - 1; index >= 0; index--) {
      const rule = this.#rules[index];
      if (rule === undefined || (rule.directoriesOnly && !isDirectory)) continue;
      if (rule.pattern.test(path)) return !rule.negated;
    }
    return null;
  }
}

interface IgnoreRule {
  pattern: RegExp;
  negated: boolean;
  directoriesOnly: boolean;
}

function parseRule(line: string, base: string): IgnoreRule | null {
  let text = line.replace(/(?<!\\)\s+$/, "").replace(/\\ $/, " ");
  if (text === "" || text.startsWith("#")) return null;
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const directoriesOnly = text.endsWith("/");
  if (directoriesOnly) text = text.slice(0, -1);
  const anchored = text.includes("/");
  if (text.startsWith("/")) text = text.slice(1);
  if (text === "") return null;
  const prefix = base === "" ? "" : `${escape(base)}/`;
  try {
    const pattern = new RegExp(`^${prefix}${anchored ? "" : "(?:.*/)?"}${glob(text)}$`, "s");
    return { pattern, negated, directoriesOnly };
  } catch {
    return null; // A class that no regular expression takes fits nothing, as with git.
  }
}

function glob(text: string): string {
  let source = "";
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    const piece = PIECES.find(([start]) => rest.startsWith(start));
    const set = /^\[(!|\^)?(\]?(?:[^\]\\]|\\.)*)\]/s.exec(rest);
    if (piece !== undefined && (piece[0] !== "**/" || at === 0 || text[at - 1] === "/")) {
      source += piece[1];
      at += piece[0].length;
    } else if (set !== null) {
      source += `(?!/)[${set[1] === undefined ? "" : "^"}${
        (set[2] ?? "").replaceAll("[", "\\[").replace(/^\]/, "\\]")
      }]`;
      at += set[0].length;
    } else if (rest.startsWith("\\") && rest.length > 1) {
      source += escape(rest[1] ?? "");
      at += 2;
    } else {
      source += escape(rest[0] ?? "");
      at++;
    }
  }
  return source;
}

const PIECES: readonly (readonly [start: string, source: string])[] = [
  ["/**/", "/(?:.*/)?"],
  ["**/", "(?:.*/)?"],
  ["/**", "/.*"],
  ["**", ".*"],
  ["*", "[^/]*"],
  ["?", "[^/]"],
];

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
