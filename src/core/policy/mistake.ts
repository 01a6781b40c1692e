/**
 * What is wrong with a policy file, and where.
 *
 * @module
 */

import { escapeText } from "../name.ts";
import { nearest } from "../suggest.ts";
import type { Position } from "./positions.ts";

/** One mistake in a policy file. */
export interface PolicyMistake extends Position {
  /** What is wrong and what was probably meant, in one line. */
  readonly message: string;
}

/** Thrown by the readers of single values; where the value stands is known to whoever called them. */
export class ValueMistake extends Error {
  /** Name of the class. */
  override readonly name = "ValueMistake";
}

/** `policies.toml:3:14: unknown key 'alowed_hosts': did you mean 'allowed_hosts'?` */
export function mistakeText(file: string, { line, column, message }: PolicyMistake): string {
  return `${escapeText(file)}:${line}:${column}: ${message}`;
}

/** A value as it is quoted in a message: escaped and cut. */
export function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : String(value);
  return `'${escapeText(text.length > 60 ? `${text.slice(0, 60)}…` : text)}'`;
}

/** `: did you mean 'x'?`, or what `otherwise` says. */
export function didYouMean(typed: string, words: Iterable<string>, otherwise: string): string {
  const word = nearest(typed, words);
  return word === undefined ? `: ${otherwise}` : `: did you mean '${word}'?`;
}
