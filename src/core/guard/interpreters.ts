/**
 * Interpreters that take code on their command line or on standard input.
 *
 * @module
 */

import { examineCode } from "./code.ts";
import type { Evaluation } from "./evaluate.ts";
import { ANYTHING, EMPTY, type Field, join, secretStream, type Stream } from "./stream.ts";

/** Options behind which code stands, by the program's name without its version. */
export const INTERPRETERS: Readonly<Record<string, RegExp>> = {
  python: /^-[a-zA-Z]*c$/,
  pypy: /^-[a-zA-Z]*c$/,
  node: /^(?:-[pe]{1,2}|--eval|--print)$/,
  nodejs: /^(?:-[pe]{1,2}|--eval|--print)$/,
  bun: /^(?:-[pe]|--eval|--print)$/,
  tsx: /^(?:-[pe]|--eval)$/,
  deno: /^eval$/,
  perl: /^-[a-zA-Z0-9]*[eE]$/,
  ruby: /^-[a-zA-Z0-9]*e$/,
  php: /^-r$/,
  lua: /^-e$/,
  rscript: /^-e$/,
  osascript: /^-e$/,
  elixir: /^-e$/,
  groovy: /^-e$/,
  tclsh: /^$/,
};

/** The code an interpreter is given; null if it is none, or runs a file. */
export function codeOf(name: string, args: readonly Field[], stdin: Stream): string | null {
  const plain = name.replace(/[\d.]+$/, "");
  const option = Object.hasOwn(INTERPRETERS, plain) ? INTERPRETERS[plain] : undefined;
  if (option === undefined) return null;
  const at = args.findIndex(({ text }) => option.test(text));
  if (at >= 0) {
    const found = args.slice(at + 1).filter(({ text }) => !/^-[pTAq]$|^--(?:print|ext)/.test(text));
    const code = found[0]?.text ?? "";
    const prints = /^-p|^--print|p$/.test(args[at]?.text ?? "") && /node|bun|deno/.test(plain) ||
      plain === "deno" && args.some(({ text }) => text === "-p" || text === "--print");
    return prints ? `console.log(${code})` : code;
  }
  const file = args.find(({ text }) => !text.startsWith("-"));
  const source = file?.stream ??
    (file === undefined || file.text === "-" || file.text === "/dev/stdin" ? stdin : undefined);
  return source?.text === undefined || source.text === "" ? null : source.text;
}

/** Follows code: what it prints of the environment or of files, and the shell commands it runs. */
export function runCode(code: string, args: readonly Field[], evaluation: Evaluation, name: string): Stream {
  const { finding, scripts } = examineCode(code, name.replace(/[\d.]+$/, ""));
  if (finding !== null) return secretStream(finding);
  // `perl -ne print FILE` and the like print what they read.
  const reads = /perl|ruby/.test(name) && args.some(({ text }) => /^-[a-z0-9]*[np]/.test(text))
    ? join(
      args.slice(1).filter(({ text }) => !text.startsWith("-") && text !== code).map((file) =>
        evaluation.readFile(file)
      ),
    )
    : EMPTY;
  const output = join([reads, ...scripts.map((script) => evaluation.runText(script))]);
  return output.secret === null ? ANYTHING : output;
}
