/**
 * The parts of a `multipart/form-data` body, RFC 7578 and RFC 2046, as offsets.
 *
 * @module
 */

import { utf8FromLatin1 } from "./bytes.ts";
import { isPlainlyQuoted, parameter } from "./media_type.ts";

/** One part. */
export interface FormPart {
  /** Name of its field; null if it has none. */
  readonly name: string | null;
  /** Whether it is an uploaded file, or has a transfer encoding of its own. */
  readonly isFile: boolean;
  /** Index of the first character of its content. */
  readonly start: number;
  /** Index after its last. */
  readonly end: number;
}

const MAX_PARTS = 1_000;

/**
 * Finds the parts. Read strictly: lines end with CR LF, the body begins with its first delimiter and ends with the closing
 * one; a body that could be read in another way has no parts.
 *
 * @param text the body, one character per byte
 * @returns null if it is not such a body
 */
export function formParts(text: string, boundary: string): FormPart[] | null {
  const delimiter = `--${boundary}`;
  if (!text.startsWith(delimiter) || hasLooseDelimiter(text, delimiter)) return null;
  const parts: FormPart[] = [];
  let at = delimiter.length;
  while (!text.startsWith("--", at)) {
    if (!text.startsWith("\r\n", at) || parts.length === MAX_PARTS) return null;
    // Of a part without fields, the line end is the first of the two that end them.
    const fieldsEnd = text.indexOf("\r\n\r\n", at);
    const next = text.indexOf(`\r\n${delimiter}`, fieldsEnd + 2);
    if (fieldsEnd < 0 || next < 0) return null;
    const start = fieldsEnd + 4;
    if (next < start) return null;
    const fields = text.slice(at + 2, fieldsEnd);
    // A lone CR or LF ends a line for some programs and not for others.
    if (fields.includes(delimiter) || /[\r\n]/.test(fields.replaceAll("\r\n", ""))) return null;
    parts.push({ ...describe(fields), start, end: next });
    at = next + 2 + delimiter.length;
  }
  return parts;
}

/** Whether some program could see a delimiter where others see none: after a line feed alone, or a carriage return alone. */
function hasLooseDelimiter(text: string, delimiter: string): boolean {
  for (let at = text.indexOf(delimiter, 1); at >= 0; at = text.indexOf(delimiter, at + 1)) {
    const before = text[at - 1];
    if (before === "\r" || (before === "\n" && text[at - 2] !== "\r")) return true;
  }
  return false;
}

function describe(fields: string): Pick<FormPart, "name" | "isFile"> {
  let name: string | null = null;
  let isFile = false;
  let dispositions = 0;
  for (const line of fields.split("\r\n")) {
    const colon = line.indexOf(":");
    const field = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = line.slice(colon + 1);
    if (field === "content-disposition") {
      dispositions++;
      name = nameOf(value);
      isFile ||= /[;\s]filename\*?\s*=/i.test(value);
    } else if (field === "content-transfer-encoding") {
      isFile ||= !/^\s*(?:7bit|8bit|binary)\s*$/i.test(value);
    }
  }
  return { name: dispositions === 1 ? name : null, isFile };
}

/** The name of a field, unless another program could read another name. */
function nameOf(disposition: string): string | null {
  const name = parameter(disposition, "name");
  if (name === undefined || !/^\s*form-data\s*;/i.test(disposition)) return null;
  // Some programs look for the word wherever it stands.
  const [word, ...others] = disposition.match(/(?<!file)name\*?\s*=/gi) ?? [];
  const isOnce = word !== undefined && !word.includes("*") && others.length === 0;
  return isOnce && isPlainlyQuoted(disposition) ? decoded(name) : null;
}

function decoded(latin1: string): string {
  try {
    return utf8FromLatin1(latin1);
  } catch {
    // Not UTF-8: no declared field has such a name, the raw text will match none.
    return latin1;
  }
}
