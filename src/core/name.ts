/**
 * Names people give to credentials, projects and partitions, and how any text of theirs is shown on a terminal.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

/** Longest name, in UTF-16 units. */
export const MAX_NAME_LENGTH = 128;

// Control characters, line and paragraph separators, direction marks and the byte order mark: all can lie on a terminal.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/u;
const UNPRINTABLE_ALL = new RegExp(UNPRINTABLE.source, "gu");

/**
 * Checks a name and returns it in Unicode normal form C.
 *
 * @param kind what is named, for the message: `credential`, `project`, `partition`
 * @throws {UsageError} `invalid_name` if it is blank, too long, padded with blanks, or holds a control character
 * or half of a surrogate pair.
 */
export function checkName(name: string, kind: string): string {
  const refuse = (why: string): never => {
    throw new UsageError(`invalid ${kind} name '${escapeText(name)}': ${why}`, {
      code: "invalid_name",
      hint: `use 1 to ${MAX_NAME_LENGTH} printable characters, for example openai-prod`,
    });
  };
  if (name.trim() === "") refuse("it is blank");
  if (name !== name.trim()) refuse("it starts or ends with a blank");
  if (name.length > MAX_NAME_LENGTH) {
    refuse(`it is longer than ${MAX_NAME_LENGTH} characters`);
  }
  if (UNPRINTABLE.test(name)) refuse("it holds a control character");
  if (!name.isWellFormed()) refuse("it holds half of a character");
  if (name.startsWith("-")) {
    refuse("it starts with '-', which reads like an option");
  }
  return name.normalize("NFC");
}

/** Makes text safe for a terminal: control and direction characters become `\u{…}` escapes. */
export function escapeText(text: string): string {
  return text.replace(
    UNPRINTABLE_ALL,
    (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`,
  );
}
