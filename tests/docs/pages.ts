/**
 * The texts that people read, and what can be checked in them.
 *
 * @module
 */

import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** A text, by its path from the root of the checkout. */
export interface Page {
  path: string;
  text: string;
}

function below(directory: string, fits: (name: string) => boolean): string[] {
  return [...Deno.readDirSync(join(ROOT, directory))].flatMap(({ name, isDirectory }) => {
    const path = directory === "" ? name : `${directory}/${name}`;
    if (isDirectory) return below(path, fits);
    return fits(name) ? [path] : [];
  }).sort();
}

/** Everything in Markdown: what lies at the top, `docs/`, `plugin/`. */
export function pages(): Page[] {
  const top = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".md"))
    .sort();
  const isText = (name: string) => /\.mdc?$/.test(name);
  return [...top, ...below("docs", isText), ...below("plugin", isText)].map(pageAt);
}

/** One of them. */
export function pageAt(path: string): Page {
  return { path, text: Deno.readTextFileSync(join(ROOT, path)) };
}

/** Source files below a directory. */
export function sources(directory: string): Page[] {
  return below(directory, (name) => name.endsWith(".ts")).map(pageAt);
}

/** The lines of a page's blocks of code, those that go on behind a backslash joined. */
export function blockLines({ text }: Page): string[] {
  return [...text.matchAll(/^( *)```\w*\n([\s\S]*?)^\1```/gm)]
    .flatMap(([, , block = ""]) => block.replaceAll(/\\\n\s*/g, " ").split("\n"));
}

/** What stands between backquotes in a page's prose. */
export function inlineCode({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "");
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replaceAll(/\s+/g, " "));
}

/** Links of a page to other files and headings, as they are written; links to the web are not among them. */
export function links({ text }: Page): string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "").replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
}

/** Where a link leads to: a path from the root, and a heading's anchor or nothing. */
export function targetOf(page: Page, link: string): { path: string; anchor: string } {
  const [path = "", anchor = ""] = link.split("#");
  return { path: path === "" ? page.path : normalize(join(dirname(page.path), path)), anchor };
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors({ text }: Page): Set<string> {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```/gm, "");
  const found = new Set<string>();
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.+)$/gm)) {
    const base = heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    for (let n = 0;; n++) {
      const anchor = n === 0 ? base : `${base}-${n}`;
      if (found.has(anchor)) continue;
      found.add(anchor);
      break;
    }
  }
  return found;
}

/** The words of a shell's command line up to what ends it: a comment, a pipe, a redirection, another command. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  for (
    const [token, gap = "", end] of line.matchAll(/(\s*)(?:(#|[|>;)]|&&)|(?:"[^"]*"|'[^']*'|[^\s"'|>;)])+)/g)
  ) {
    if (end !== undefined && (end !== "#" || gap !== "")) break;
    words.push(token.trim().replaceAll(/["']/g, ""));
  }
  return words;
}

/** Every command line of ours in a line: its words behind `wispkey`. */
export function ownCommands(line: string): string[][] {
  return [...line.replace(/(?:^| )# .*$/, "").matchAll(/(?:^|[\s|;&(])wispkey (?=[a-z-])/g)]
    .map(({ index, 0: { length } }) => shellWords(line.slice(index + length)));
}
