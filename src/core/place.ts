/**
 * The places an owner can declare for a secret, and how they are written: `header:NAME`, `query:NAME`, `basic:user`,
 * `body:/json/pointer`, `form:FIELD`, `body`, `ws`. A credential has one place at most.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

/** Where the owner said the secret may stand, if not only where its type implies. */
export type Place =
  /** Anywhere in the value of the header of that name; case does not matter. */
  | { in: "header"; name: string }
  /** Anywhere in the value of the query parameter of that name. */
  | { in: "query"; name: string }
  /** All of the user, or all of the password, of `Authorization: Basic`. */
  | { in: "basic"; part: "user" | "password" }
  /** Anywhere in the string at that JSON pointer (RFC 6901) of a JSON body; the empty pointer is the whole document. */
  | { in: "body_json"; pointer: string }
  /** Anywhere in the form field of that name, urlencoded or multipart; not in an uploaded file. */
  | { in: "form"; field: string }
  /** Anywhere in a text body. */
  | { in: "body" }
  /** Anywhere in a text message that the client sends over a WebSocket. */
  | { in: "ws" };

/** Longest name, pointer or field of a place, in characters. */
const MAX_NAME_LENGTH = 256;

// Written by the proxy itself or about one connection only: a secret in them would go nowhere, or not where it seems.
const UNUSABLE_HEADERS = new Set([
  "connection",
  "content-length",
  "content-encoding",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-target-url",
]);

/** Whether a value has the form of a place; of a stored one too, so it says nothing of whether the place makes sense. */
export function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  const place = value as Record<string, unknown>;
  const { length } = Object.keys(place);
  switch (place.in) {
    case "header":
    case "query":
      return length === 2 && typeof place.name === "string";
    case "basic":
      return length === 2 && (place.part === "user" || place.part === "password");
    case "body_json":
      return length === 2 && typeof place.pointer === "string";
    case "form":
      return length === 2 && typeof place.field === "string";
    case "body":
    case "ws":
      return length === 1;
    default:
      return false;
  }
}

/**
 * Why a place of the right form cannot be one, or null: a header's name that is no token (RFC 9110 section 5.6.2) or is
 * the proxy's own, an empty name, a pointer that is none.
 */
export function flawOf(place: Place): string | null {
  switch (place.in) {
    case "header": {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(place.name)) return "it is no name of an HTTP header";
      const lower = place.name.toLowerCase();
      const own = UNUSABLE_HEADERS.has(lower) || lower.startsWith("proxy-");
      return own ? `the header ${lower} is the proxy's own to write` : null;
    }
    case "query":
      return isPlainName(place.name) ? null : "it is no plain name of a query parameter";
    case "form":
      return isPlainName(place.field) ? null : "it is no plain name of a form field";
    case "body_json":
      return isPointer(place.pointer) ? null : "it is no JSON pointer, such as /auth/token";
    case "basic":
    case "body":
    case "ws":
      return null;
  }
}

/**
 * Reads a place as a person writes it.
 *
 * @throws {UsageError} `invalid_place`.
 *
 * @example
 * ```ts
 * import { parsePlace } from "./place.ts";
 *
 * const place = parsePlace("body:/auth/token");
 * console.assert(place.in === "body_json" && place.pointer === "/auth/token");
 * ```
 */
export function parsePlace(text: string): Place {
  const place = readPlace(text);
  const flaw = place === null ? "it is none of the places" : flawOf(place);
  if (place !== null && flaw === null) return place;
  throw new UsageError(`invalid place: ${flaw}`, {
    code: "invalid_place",
    hint:
      "--in header:NAME, query:NAME, body:/json/pointer, form:FIELD, body, ws, basic:user or basic:password",
  });
}

/** The inverse of {@linkcode parsePlace}. */
export function formatPlace(place: Place): string {
  switch (place.in) {
    case "header":
    case "query":
      return `${place.in}:${place.name}`;
    case "basic":
      return `basic:${place.part}`;
    case "body_json":
      // Without a pointer it would read as "anywhere".
      return `body:${place.pointer}`;
    case "form":
      return `form:${place.field}`;
    case "body":
    case "ws":
      return place.in;
  }
}

/** A place in words, as the end of "the token goes into …". */
export function describePlace(place: Place): string {
  switch (place.in) {
    case "header":
      return `the header ${place.name}`;
    case "query":
      return `the query parameter ${place.name}`;
    case "basic":
      return `Authorization: Basic, as the ${place.part}`;
    case "body_json":
      return place.pointer === ""
        ? "a JSON body that is one string"
        : `the string at ${place.pointer} of a JSON body`;
    case "form":
      return `the form field ${place.field}`;
    case "body":
      return "a text body, anywhere";
    case "ws":
      return "a text message over a WebSocket, anywhere";
  }
}

/** Whether two places are the same. */
export function samePlace(a: Place | null, b: Place | null): boolean {
  if (a === null || b === null) return a === b;
  return a.in === b.in && placeDetail(a) === placeDetail(b);
}

/** What a place has besides its kind: a name, a pointer, a part; null for none. */
export function placeDetail(place: Place): string | null {
  switch (place.in) {
    case "header":
    case "query":
      return place.name;
    case "basic":
      return place.part;
    case "body_json":
      return place.pointer;
    case "form":
      return place.field;
    case "body":
    case "ws":
      return null;
  }
}

/** Whether a place lies in a body or a message, which then has to be read. */
export function isBodyPlace(place: Place | null): boolean {
  return place !== null &&
    (place.in === "body_json" || place.in === "form" || place.in === "body" || place.in === "ws");
}

function readPlace(text: string): Place | null {
  if (text === "body" || text === "ws") return { in: text };
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? "" : text.slice(0, colon)) {
    case "header":
      return { in: "header", name: rest };
    case "query":
      return { in: "query", name: rest };
    case "form":
      return { in: "form", field: rest };
    case "body":
      return { in: "body_json", pointer: rest };
    case "basic":
      return rest === "user" || rest === "password" ? { in: "basic", part: rest } : null;
    default:
      return null;
  }
}

function isPlainName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && /^[^\p{Cc}\s&=#?]+$/u.test(text);
}

function isPointer(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH || /\p{Cc}/u.test(text)) return false;
  return /^(?:\/(?:[^~/]|~[01])*)*$/u.test(text);
}
