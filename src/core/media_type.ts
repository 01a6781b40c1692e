/**
 * What a body is, as far as finding tokens in it goes: RFC 9110 section 8.3.
 *
 * @module
 */

/** A body that tokens can be looked for in; `null` elsewhere means that it is not text. */
export type BodyFormat =
  /** `isSure`: it is said to be, not guessed. */
  | { readonly kind: "json"; readonly isSure: boolean }
  | { readonly kind: "urlencoded" }
  /** The boundary is one character per byte. */
  | { readonly kind: "multipart"; readonly boundary: string }
  | { readonly kind: "text" };

const TEXT_SUBTYPES =
  /^application\/(?:(?:.*\+)?(?:xml|yaml)|x-yaml|graphql|(?:x-)?javascript|sql|toml|jwt|jose)$/;

const ASCII_CHARSETS = /^(?:utf-?8|(?:us-)?ascii|iso-8859-\d+|latin1|windows-125\d)$/i;

/**
 * The format that `Content-Type` names. Without one, or for one that could be anything, a body that begins like JSON is
 * JSON and others are text.
 *
 * @param contentType value of the field; undefined if there is none
 * @param firstByte of the body that is neither blank nor part of a byte order mark
 * @returns null for what is not text in an ASCII-compatible charset, such as images, protobuf or UTF-16
 */
export function bodyFormat(contentType: string | undefined, firstByte: number): BodyFormat | null {
  const looksLikeJson = firstByte === 0x7b || firstByte === 0x5b;
  const guess: BodyFormat = looksLikeJson ? { kind: "json", isSure: false } : { kind: "text" };
  if (contentType === undefined) return guess;
  const semicolon = contentType.indexOf(";");
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  if (type === "") return guess;
  // More than one type, or a charset that other programs could read as other text.
  if (/[\s,]/.test(type) || contentType.includes(",") || !isPlainlyQuoted(contentType)) return null;
  if (!ASCII_CHARSETS.test(parameter(contentType, "charset", "utf-8") ?? "")) return null;
  if (/^[^/]+\/(?:.*\+)?(?:json|json-seq|ndjson|x-ndjson|jsonl|x-json|json5)$/.test(type)) {
    return { kind: "json", isSure: true };
  }
  if (type === "application/x-www-form-urlencoded") return { kind: "urlencoded" };
  if (type === "multipart/form-data") return multipartOf(contentType);
  if (type.startsWith("text/") || type.startsWith("multipart/")) return guess;
  return TEXT_SUBTYPES.test(type) ? guess : null;
}

/** Of the characters of RFC 2046 section 5.1.1 those that end a boundary for nobody. */
const BOUNDARY = /^[0-9A-Za-z'()+_./:=?-]{1,70}$/;

/** Null if programs differ in what the boundary is: some search for the word wherever it stands. */
function multipartOf(contentType: string): BodyFormat | null {
  const boundary = parameter(contentType, "boundary");
  if (boundary === undefined || boundary === "" || boundary.length > 70) return { kind: "text" };
  const first = /(.?)boundary(.?)/i.exec(contentType.replaceAll(/\s/g, ""));
  const isFirst = first?.[1] === ";" && first[2] === "=";
  return isFirst && BOUNDARY.test(boundary) ? { kind: "multipart", boundary } : null;
}

/** Whether quotes in a field with parameters matter to nobody: no escape, and nothing between them that ends a value elsewhere. */
export function isPlainlyQuoted(value: string): boolean {
  let inside = false;
  for (const character of value) {
    if (character === '"') inside = !inside;
    else if (character === "\\" || (inside && (character === ";" || character === ","))) return false;
  }
  return !inside;
}

/**
 * A parameter of a field such as `Content-Type` or `Content-Disposition`, unquoted.
 *
 * @param otherwise what it is if it is not given
 * @returns undefined also if it is given twice, which programs read differently
 */
export function parameter(value: string, name: string, otherwise?: string): string | undefined {
  let found = otherwise;
  let times = 0;
  let at = value.indexOf(";");
  while (at >= 0) {
    const equals = value.indexOf("=", at);
    if (equals < 0) break;
    const key = value.slice(at + 1, equals).trim().toLowerCase();
    const [text, end] = readValue(value, equals + 1);
    if (key === name) {
      found = text;
      times++;
    }
    at = value.indexOf(";", end);
  }
  return times > 1 ? undefined : found;
}

function readValue(value: string, start: number): [text: string, end: number] {
  if (value[start] !== '"') {
    const semicolon = value.indexOf(";", start);
    const end = semicolon < 0 ? value.length : semicolon;
    return [value.slice(start, end).trim(), end];
  }
  let text = "";
  let i = start + 1;
  for (; i < value.length && value[i] !== '"'; i++) {
    if (value[i] === "\\" && i + 1 < value.length) i++;
    text += value[i];
  }
  return [text, i + 1];
}
