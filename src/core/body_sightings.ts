/**
 * Looks a whole body over for tokens and says of each where it stands. Whether it may stand there is `placement.ts`.
 *
 * @module
 */

import { findHiddenToken } from "./hidden_tokens.ts";
import { visitJsonStrings } from "./json_strings.ts";
import type { BodyFormat } from "./media_type.ts";
import { formParts } from "./multipart.ts";
import { ParameterFinder } from "./parameters.ts";
import { MAX_SIGHTINGS, type Sighting, type Spot } from "./sightings.ts";
import { BoundedLookup, findTokens, type FoundToken, type TokenLookup } from "./token_finder.ts";

/**
 * Every known token of a body, in order, but not many more than {@linkcode MAX_SIGHTINGS}; and the first hidden one.
 *
 * @param text the body's content, one character per byte
 * @param format null if it is not text: then no secret may stand anywhere in it
 */
export function sightBodyTokens<M extends { readonly kind: string }>(
  text: string,
  format: BodyFormat | null,
  lookup: TokenLookup<M>,
): Sighting<M>[] {
  const asked = new BoundedLookup(lookup);
  // Who brings more is refused, wherever they stand.
  const tokens = findTokens(text, asked).slice(0, MAX_SIGHTINGS + 1);
  const found = tokens.length === 0 ? [] : place(text, format, tokens);
  const hidden = findHiddenToken(text, asked, true);
  if (hidden !== null) {
    found.push({
      match: hidden.match,
      start: 0,
      end: 0,
      spot: { in: "elsewhere", what: `the body, hidden by ${hidden.how}` },
    });
  }
  return found;
}

function place<M>(text: string, format: BodyFormat | null, tokens: readonly FoundToken<M>[]): Sighting<M>[] {
  const spotOf = spotsOf(text, format, tokens);
  return tokens.map((token) => ({ ...token, spot: spotOf(token) }));
}

type SpotOf = (token: FoundToken<unknown>) => Spot;

function spotsOf(text: string, format: BodyFormat | null, tokens: readonly FoundToken<unknown>[]): SpotOf {
  switch (format?.kind) {
    case undefined:
      return () => ({ in: "elsewhere", what: "a body that is not text" });
    case "json":
      // What is not said to be JSON may be read as something else.
      return format.isSure ? jsonSpots(text, tokens) : () => ({ in: "body", escape: "json" });
    case "urlencoded": {
      const parameters = new ParameterFinder(text, 0);
      return ({ start, end }) => {
        const field = parameters.at(start, end);
        return field === null
          ? { in: "body", escape: "percent" }
          : { in: "form", field: field.name, escape: "percent" };
      };
    }
    case "multipart":
      return multipartSpots(text, format.boundary);
    case "text":
      return () => ({ in: "body", escape: "none" });
  }
}

function jsonSpots(text: string, tokens: readonly FoundToken<unknown>[]): SpotOf {
  const pointers = new Map<number, string>();
  let next = 0;
  const wanted = (start: number, end: number): boolean => {
    while (next < tokens.length && tokens[next]!.start < start) next++;
    return next < tokens.length && tokens[next]!.end <= end;
  };
  const isJson = visitJsonStrings(text, wanted, ({ end, pointer }) => {
    for (let token = tokens[next]; token !== undefined && token.end <= end; token = tokens[++next]) {
      pointers.set(token.start, pointer);
    }
  });
  return ({ start }) => {
    const pointer = isJson ? pointers.get(start) : undefined;
    return pointer === undefined
      ? { in: "body", escape: "json" }
      : { in: "body_json", pointer, escape: "json" };
  };
}

function multipartSpots(text: string, boundary: string): SpotOf {
  const parts = formParts(text, boundary);
  if (parts === null) return () => ({ in: "body", escape: "multipart" });
  return ({ start, end }) => {
    const part = parts.find((part) => start >= part.start && end <= part.end);
    if (part === undefined) return { in: "elsewhere", what: "the head of a form's part" };
    return part.isFile || part.name === null
      ? { in: "body", escape: "multipart" }
      : { in: "form", field: part.name, escape: "multipart" };
  };
}
