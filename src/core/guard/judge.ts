/**
 * The guard's judgement on a shell command, a text, or a path. Pure: what only the vault knows is asked elsewhere.
 *
 * @module
 */

import { LONGEST_SCRIPT } from "../shell/parse.ts";
import { Evaluation } from "./evaluate.ts";
import type { Finding } from "./finding.ts";
import { findLiteral } from "./literals.ts";
import { isSecretFile } from "./secret_names.ts";

/**
 * Judges a shell command: whether it holds a real key, or shows, copies or sends secrets.
 *
 * @returns null if there is nothing against it
 */
export function judgeCommand(command: string): Finding | null {
  if (command.length > LONGEST_SCRIPT) return { code: "too_complex", what: "" };
  const literal = findLiteral(command);
  if (literal !== null) return literal;
  const evaluation = new Evaluation();
  const { secret } = evaluation.runText(command);
  return evaluation.findings[0] ?? secret;
}

/** Judges a text: what is to be written to a file, handed to a tool, or said. */
export function judgeText(text: string): Finding | null {
  return findLiteral(text);
}

/** Judges the path of a file that is to be read. */
export function judgePath(path: string): Finding | null {
  if (!isSecretFile(path)) return null;
  const name = path.replaceAll("\\", "/");
  return { code: "reads_secret_file", what: name.slice(name.lastIndexOf("/") + 1) };
}
