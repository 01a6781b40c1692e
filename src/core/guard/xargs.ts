/**
 * `xargs`: a program whose last arguments come from standard input.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import { type Field, fieldsOf, plainField, type Stream } from "./stream.ts";

const VALUED = /^-[nPLsdEIaij]$|^--(?:max-args|max-procs|replace|delimiter|arg-file|max-lines|jobs)$/;

/** Follows the program that `xargs` or `parallel` runs. */
export function runXargs(
  args: readonly Field[],
  stdin: Stream,
  evaluation: Evaluation,
  name: string,
): Stream {
  let input = stdin;
  let place: string | null = name === "parallel" ? "{}" : null;
  let at = 0;
  for (; at < args.length; at++) {
    const text = args[at]?.text ?? "";
    const next = args[at + 1];
    if (!text.startsWith("-") || text === "-") break;
    if (text === "-I" || text === "--replace") place = next?.text ?? "{}";
    else if (text.startsWith("-I")) place = text.slice(2);
    else if (text === "-i") place = "{}";
    if ((text === "-a" || text === "--arg-file") && next !== undefined) input = evaluation.readFile(next);
    if (VALUED.test(text) && text !== "-i") at++;
  }
  const given = fieldsOf(input);
  const program = args.slice(at);
  const command = program.length === 0 ? [plainField("echo")] : program;
  const mark = place;
  if (mark === null || mark === "") {
    return evaluation.runProgram([...command, ...given], { text: "", secret: null });
  }
  const [first] = given;
  const filled = command.map((field) =>
    first !== undefined && field.text.includes(mark)
      ? {
        text: field.text.replaceAll(mark, () => first.text),
        secret: field.secret ?? first.secret,
        isPattern: field.isPattern || first.isPattern,
      }
      : field
  );
  const complete = name === "parallel" && !command.some(({ text }) => text.includes(mark))
    ? [...filled, ...given]
    : filled;
  return evaluation.runProgram(complete, { text: "", secret: null });
}
