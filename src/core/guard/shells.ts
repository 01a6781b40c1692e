/**
 * Shells: what they run is a script, wherever it comes from.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import { EMPTY, type Field, type Stream } from "./stream.ts";

/** Names of shells. */
export const SHELLS: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "zsh",
  "dash",
  "ksh",
  "mksh",
  "ash",
  "fish",
  "rbash",
  "pwsh",
  "powershell",
  "cmd",
  "su",
  "script",
]);

/** Follows `sh -c SCRIPT`, a script on standard input, or one that a process writes. */
export function runShell(
  args: readonly Field[],
  stdin: Stream,
  evaluation: Evaluation,
  name: string,
): Stream {
  const flag = args.findIndex(({ text }) => /^-[a-z]*c$|^--command$|^-command$|^\/[ck]$/i.test(text));
  if (flag >= 0) {
    const script = args[flag + 1];
    if (script === undefined) return EMPTY;
    const rest = args.slice(flag + 2);
    if (name === "cmd" || name === "pwsh" || name === "powershell") {
      return evaluation.runText([script, ...rest].map(({ text }) => text).join(" "), stdin);
    }
    // The word behind the script is its $0.
    const [zero, ...positionals] = rest;
    if (zero !== undefined) evaluation.variables.set("0", { text: zero.text, secret: zero.secret });
    return evaluation.withPositionals(positionals, () => evaluation.runText(script.text, stdin));
  }
  const file = args.find(({ text }) => !/^[-+]/.test(text));
  const stream = file?.stream ?? (file === undefined || file.text === "/dev/stdin" ? stdin : undefined);
  const text = stream?.text;
  return text === null || text === undefined || text === "" ? EMPTY : evaluation.runText(text);
}
