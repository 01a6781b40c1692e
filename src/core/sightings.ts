/**
 * Looks a whole request head over for tokens and says of each where it stands. Whether it may stand there is
 * `placement.ts`.
 *
 * @module
 */

import { decodeBase64Text } from "./base64.ts";
import { findHiddenToken } from "./hidden_tokens.ts";
import { CREDENTIAL_HEADERS, CREDENTIAL_PARAMETERS } from "./credential_names.ts";
import { decodeName, ParameterFinder } from "./parameters.ts";
import { isMintedForm, TOKEN_PREFIX } from "./token.ts";
import {
  BoundedLookup,
  findTokens,
  type FoundToken,
  isTokenShaped,
  type TokenLookup,
} from "./token_finder.ts";

/** A place in a request. Header names are in lower case. */
export type Spot =
  /**
   * In a header's value. `whole`: the token is all of it, or all after a scheme word such as `Bearer`; `scheme` is that
   * word in lower case, or null.
   */
  | {
    readonly in: "header";
    readonly index: number;
    readonly name: string;
    readonly whole: boolean;
    readonly scheme: string | null;
  }
  /** Inside the Base64 of `Authorization: Basic`: it is all of the user, all of the password, or something else. */
  | {
    readonly in: "basic";
    readonly index: number;
    readonly part: "user" | "password" | "inside";
    readonly decoded: string;
  }
  /** In the value of a query parameter; `whole`: it is all of it. */
  | { readonly in: "query"; readonly name: string; readonly whole: boolean }
  /** In a string value of a JSON body, by its JSON pointer. */
  | { readonly in: "body_json"; readonly pointer: string; readonly escape: BodyEscape }
  /** In the value of a form field in the body. */
  | { readonly in: "form"; readonly field: string; readonly escape: BodyEscape }
  /** Anywhere else in a text body. */
  | { readonly in: "body"; readonly escape: BodyEscape }
  /** In a text message that a client sends over a WebSocket. */
  | { readonly in: "message"; readonly escape: BodyEscape }
  /** Where no secret may ever stand; `what` names it for messages. */
  | { readonly in: "elsewhere"; readonly what: string };

/** How a secret is written into a body: as part of a JSON string, percent-encoded, or as it is. */
export type BodyEscape = "json" | "percent" | "multipart" | "none";

/**
 * A token and its spot. `start` and `end` count in the header's value, the decoded Basic pair, the query, or the body; of a
 * token that is hidden in an encoding they say nothing.
 */
export interface Sighting<M> extends FoundToken<M> {
  /** Where it stands. */
  readonly spot: Spot;
}

/** The parts of a request that are looked over. */
export interface RequestParts {
  /** Method. */
  readonly method: string;
  /** Normalised host of the target. */
  readonly host: string;
  /** Raw path of the target. */
  readonly path: string;
  /** Raw query of the target with its `?`, or empty. */
  readonly query: string;
  /** All fields that would be forwarded or were meant for us; `index` in a spot counts them from 0. */
  readonly headers: Iterable<{ readonly name: string; readonly lower: string; readonly value: string }>;
}

/** What was found in a request. */
export interface Sightings<M> {
  /** Every known token. */
  readonly found: readonly Sighting<M>[];
  /** Something token-shaped but unknown stands where a credential would: the place, for messages; else null. */
  readonly suspect: string | null;
}

/** A request with more known tokens is refused; of a body so many and one more are reported. */
export const MAX_SIGHTINGS = 256;

const NOTHING: Sightings<never> = { found: [], suspect: null };

/**
 * Finds every known token in a request head.
 *
 * @param anyMinted also suspects whole values of any header or parameter that have the form of a minted token; for
 * a locked vault, where no token is known
 */
export function sightTokens<M extends { readonly kind: string }>(
  parts: RequestParts,
  tokens: TokenLookup<M>,
  anyMinted = false,
): Sightings<M> {
  const lookup = new BoundedLookup(tokens);
  let scan: Scan<M> | undefined;
  const begin = () => scan ??= new Scan(lookup, anyMinted);
  const hidden = (text: string, what: string) => {
    const token = findHiddenToken(text, lookup);
    if (token !== null) begin().hidden(token.match, `${what}, hidden by ${token.how}`);
  };
  const { method, host, path, query, headers } = parts;
  if (query.includes(TOKEN_PREFIX)) begin().query(query);
  hidden(query, "the query");
  if (path.includes(TOKEN_PREFIX)) begin().elsewhere(path, "the path");
  hidden(path, "the path");
  if (host.includes(TOKEN_PREFIX)) begin().elsewhere(host, "the host");
  // Neither of these tells a host one case from the other, or may be told so.
  const lowerMethod = method.toLowerCase();
  if (lowerMethod.includes(TOKEN_PREFIX)) begin().elsewhere(lowerMethod, "the method");
  let index = 0;
  for (const { lower, value } of headers) {
    if (value.includes(TOKEN_PREFIX)) begin().header(index, lower, value);
    else if (lower === "authorization" && isBasic(value)) begin().basic(index, value);
    if (lower !== "authorization" || !isBasic(value)) hidden(value, `the header ${lower}`);
    if (lower.includes(TOKEN_PREFIX)) begin().elsewhere(lower, "a header name");
    hidden(lower, "a header name");
    index++;
  }
  return scan ?? NOTHING;
}

class Scan<M extends { readonly kind: string }> implements Sightings<M> {
  readonly found: Sighting<M>[] = [];
  suspect: string | null = null;
  readonly #lookup: TokenLookup<M>;
  readonly #anyMinted: boolean;

  constructor(lookup: TokenLookup<M>, anyMinted: boolean) {
    this.#lookup = lookup;
    this.#anyMinted = anyMinted;
  }

  elsewhere(text: string, what: string): void {
    for (const token of findTokens(text, this.#lookup)) {
      this.found.push({ ...token, spot: { in: "elsewhere", what } });
    }
  }

  hidden(match: M, what: string): void {
    this.found.push({ match, start: 0, end: 0, spot: { in: "elsewhere", what } });
  }

  header(index: number, name: string, value: string): void {
    const tokens = findTokens(value, this.#lookup);
    const authorization = name === "authorization";
    for (const token of tokens) {
      const spot: Spot = name === "proxy-authorization"
        ? { in: "elsewhere", what: "the header proxy-authorization" }
        : { in: "header", index, name, ...formOf(value, token.start, token.end) };
      this.found.push({ ...token, spot });
    }
    if (tokens.length > 0) return;
    if (authorization && isBasic(value)) this.basic(index, value);
    const candidate = value.slice(value.lastIndexOf(" ") + 1);
    const usual = authorization || CREDENTIAL_HEADERS.has(name);
    if (this.#looksMeant(candidate, usual)) this.suspect ??= `the header ${name}`;
  }

  basic(index: number, value: string): void {
    const decoded = decodeBase64Text(value.slice(value.lastIndexOf(" ") + 1));
    if (decoded === null) return;
    const hidden = findHiddenToken(decoded, this.#lookup);
    if (hidden !== null) this.hidden(hidden.match, `Authorization: Basic, hidden by ${hidden.how}`);
    if (!decoded.includes(TOKEN_PREFIX)) return;
    const tokens = findTokens(decoded, this.#lookup);
    const colon = decoded.indexOf(":");
    const userEnd = colon < 0 ? decoded.length : colon;
    for (const token of tokens) {
      const part = token.start === 0 && token.end === userEnd
        ? "user"
        : token.start === colon + 1 && colon >= 0 && token.end === decoded.length
        ? "password"
        : "inside";
      this.found.push({ ...token, spot: { in: "basic", index, part, decoded } });
    }
    if (tokens.length > 0) return;
    const user = decoded.slice(0, userEnd);
    const password = decoded.slice(userEnd + 1);
    if (isTokenShaped(user) || isTokenShaped(password)) this.suspect ??= "the header authorization (Basic)";
  }

  query(query: string): void {
    const parameters = new ParameterFinder(query, 1);
    for (const token of findTokens(query, this.#lookup)) {
      this.found.push({ ...token, spot: querySpot(parameters, token.start, token.end) });
    }
    if (this.found.length > 0) return;
    for (const pair of query.slice(1).split("&")) {
      const equals = pair.indexOf("=");
      if (equals < 0) continue;
      const name = decodeName(pair.slice(0, equals));
      const usual = CREDENTIAL_PARAMETERS.has(name.toLowerCase());
      if (this.#looksMeant(pair.slice(equals + 1), usual)) this.suspect ??= `the query parameter ${name}`;
    }
  }

  #looksMeant(candidate: string, usualPlace: boolean): boolean {
    return usualPlace ? isTokenShaped(candidate) : this.#anyMinted && isMintedForm(candidate);
  }
}

function isBasic(value: string): boolean {
  return value.length > 6 && value.charCodeAt(5) === 0x20 && value.slice(0, 5).toLowerCase() === "basic";
}

function formOf(value: string, start: number, end: number): { whole: boolean; scheme: string | null } {
  if (end !== value.length) return { whole: false, scheme: null };
  if (start === 0) return { whole: true, scheme: null };
  const before = /^([!-~]+) $/.exec(value.slice(0, start));
  return before?.[1] === undefined
    ? { whole: false, scheme: null }
    : { whole: true, scheme: before[1].toLowerCase() };
}

function querySpot(parameters: ParameterFinder, start: number, end: number): Spot {
  const parameter = parameters.at(start, end);
  if (parameter !== null) return { in: "query", ...parameter };
  const what = parameters.isAfterSemicolon(start) ? "the query, after ';'" : "a query parameter's name";
  return { in: "elsewhere", what };
}
