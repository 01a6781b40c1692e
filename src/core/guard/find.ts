/**
 * `find`: names on standard output, and programs that are run for what was found.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import { ANYTHING, EMPTY, type Field, join, plainField, type Stream } from "./stream.ts";

const NAMES = /^-(?:i?name|i?path|i?wholename|i?regex|-glob)$/;
const EXECUTES = /^-(?:exec|execdir|ok|okdir|x|X|-exec|-exec-batch)$/;

/** Follows `-exec`; else answers the pattern of the names that are printed. */
export function runFind(args: readonly Field[], stdin: Stream, evaluation: Evaluation, name: string): Stream {
  const found: Field[] = [];
  args.forEach(({ text }, i) => {
    const pattern = args[i + 1];
    if (NAMES.test(text) && pattern !== undefined) {
      found.push({
        ...pattern,
        text: pattern.text.replace(/\\\./g, ".").replace(/^\.\*/, ""),
        isPattern: /[*?[]/.test(pattern.text),
      });
    }
  });
  const [start] = args;
  if (found.length === 0 && start !== undefined && !start.text.startsWith("-")) found.push(start);
  if (name === "fd") {
    found.push(
      ...args.filter(({ text }) => /^\.?env/.test(text)).map(({ text }) =>
        plainField(text.startsWith(".") ? text : `.${text}`)
      ),
    );
  }
  const outputs: Stream[] = [];
  args.forEach(({ text }, i) => {
    if (!EXECUTES.test(text)) return;
    const rest = args.slice(i + 1);
    const end = rest.findIndex((arg) => arg.text === ";" || arg.text === "+");
    const command = end < 0 ? rest : rest.slice(0, end);
    for (const file of found) {
      const filled = command.map((arg) =>
        arg.text.includes("{}")
          ? { ...arg, text: arg.text.replaceAll("{}", () => file.text), isPattern: file.isPattern }
          : arg
      );
      const complete = command.some((arg) => arg.text.includes("{}")) || name !== "fd"
        ? filled
        : [...filled, file];
      outputs.push(evaluation.runProgram(complete, stdin));
    }
  });
  if (outputs.length > 0) return join(outputs);
  if (found.length === 0) return ANYTHING;
  return found.length === 0 ? EMPTY : { text: found.map((file) => `${file.text}\n`).join(""), secret: null };
}
