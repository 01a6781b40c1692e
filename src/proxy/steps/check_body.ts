/**
 * Step 6: is there a token in the body, and may it stand there? Bodies stream through unread, except these: where a credential
 * for the host declares a body place, small ones, and those of unknown length, which are watched as they pass.
 *
 * @module
 */

import { sightBodyTokens } from "../../core/body_sightings.ts";
import { matchesHost } from "../../core/host_pattern.ts";
import { type BodyFormat, bodyFormat } from "../../core/media_type.ts";
import type { Place } from "../../core/place.ts";
import { type Sighting, sightTokens } from "../../core/sightings.ts";
import { BoundedLookup, findTokens } from "../../core/token_finder.ts";
import { codingsOf, decodeContent } from "../content_coding.ts";
import { keyringOf, type RequestContext, type StepServices } from "../context.ts";
import { gather, type Gathered, HeldBody } from "../held_body.ts";
import type { BodySource } from "../http/body.ts";
import type { HeaderList } from "../http/headers.ts";
import { latin1Text } from "../http/latin1.ts";
import type { Keyring, TokenMatch } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import { WatchedBody } from "../watched_body.ts";
import { checkHosts } from "./check_hosts.ts";
import { checkPlaces } from "./check_places.ts";
import { usesOf } from "./find_tokens.ts";

/** Largest body that is held for a declared place, before and after decoding, bytes. */
export const MAX_HELD_BYTES = 1024 * 1024;
/** Largest body that is held only to be checked, bytes; of what it decodes to, up to {@linkcode MAX_HELD_BYTES} are checked. */
const SMALL_BODY_BYTES = 64 * 1024;
/** A body of unknown length that is not at its end after this time is watched instead, milliseconds. */
const GATHER_MS = 100;

/**
 * Looks into the body where it is to be looked into; see `docs/placement.md` for what that is. Refuses what
 * {@linkcode checkPlaces} and {@linkcode checkHosts} refuse, and 413 `body_too_large`.
 */
export function checkBody(context: RequestContext, services: StepServices): Promise<void> | void {
  const { body } = context;
  const keyring = keyringOf(context, services);
  if (body === null || body.length === 0 || keyring.tokenLengths.length === 0) return;
  const isDeclared = keyring.bodyCredentials.length > 0 && takesBody(context, keyring);
  const most = isDeclared ? MAX_HELD_BYTES : SMALL_BODY_BYTES;
  if (body.length !== null && body.length > most) {
    if (isDeclared) throw tooLarge();
    return;
  }
  const watch = body.length === null && !isDeclared;
  if (watch && context.head.headers.hasToken("expect", "100-continue")) {
    // Reading would tell the client to go on before the host was asked.
    context.body = watched(context, services, body);
    return;
  }
  const gathered = gather(body, most, watch ? GATHER_MS : Infinity);
  return gathered instanceof Promise
    ? gathered.then((gathered) => check(context, services, gathered))
    : check(context, services, gathered);
}

function check(context: RequestContext, services: StepServices, gathered: Gathered): Promise<void> | void {
  const { body } = context;
  if (body === null) return;
  if (!gathered.whole) {
    if (body.length !== null || gathered.bytes.length > MAX_HELD_BYTES) throw tooLarge();
    context.body = watched(context, services, gathered.source);
    return;
  }
  const { trailers } = body;
  if (trailers !== null) checkTrailers(context, services, trailers);
  context.body = new HeldBody(gathered.bytes, body, false);
  const codings = codingsOf(context.head.headers.getAll("content-encoding"));
  if (codings.length > 0) return checkCoded(context, services, gathered.bytes, codings);
  checkContent(context, services, gathered.bytes, false);
}

async function checkCoded(
  context: RequestContext,
  services: StepServices,
  bytes: Uint8Array<ArrayBuffer>,
  codings: readonly string[],
): Promise<void> {
  const decoded = await decodeContent(bytes, codings, MAX_HELD_BYTES);
  if (decoded === null) return;
  checkContent(context, services, decoded.bytes, true, decoded.whole);
}

function checkContent(
  context: RequestContext,
  services: StepServices,
  bytes: Uint8Array<ArrayBuffer>,
  wasCoded: boolean,
  isWhole = true,
): void {
  const types = context.head.headers.getAll("content-type");
  // Of two types every program chooses its own.
  const format = types.length > 1 ? null : bodyFormat(types[0], firstByte(bytes));
  const found = sightBodyTokens(latin1Text(bytes), format, keyringOf(context, services));
  if (found.length === 0) return;
  accept(context, found);
  // A body that cannot be decoded to its end cannot be written anew.
  if (!isWhole) throw tooLarge();
  context.content = {
    bytes,
    wasCoded,
    boundary: format?.kind === "multipart" ? format.boundary : null,
  };
}

/** Adds uses if they are all right; the place first, so that nobody is told to allow a host for a token that is merely quoted. */
function accept(context: RequestContext, found: readonly Sighting<TokenMatch>[]): void {
  const before = context.uses;
  context.uses = usesOf(found);
  try {
    checkPlaces(context);
    checkHosts(context);
  } finally {
    context.uses = [...before, ...context.uses];
  }
}

function watched(context: RequestContext, services: StepServices, source: BodySource): BodySource {
  const lookup = new BoundedLookup(keyringOf(context, services));
  return new WatchedBody(source, (text) => {
    const found = findTokens(text, lookup);
    if (found.length === 0) return;
    const spot = { in: "elsewhere", what: "a streamed body" } as const;
    accept(context, found.map((token) => ({ ...token, spot })));
  }, (trailers) => checkTrailers(context, services, trailers));
}

function checkTrailers(context: RequestContext, services: StepServices, trailers: HeaderList): void {
  const nothing = { method: "", host: "", path: "", query: "" };
  const { found } = sightTokens({ ...nothing, headers: trailers }, keyringOf(context, services));
  const spot = { in: "elsewhere", what: "a trailer" } as const;
  if (found.length > 0) accept(context, found.map((sighting) => ({ ...sighting, spot })));
}

/** Whether some credential that may go to the target may stand in a body of this kind. */
function takesBody(context: RequestContext, keyring: Keyring): boolean {
  const { target } = context;
  const format = bodyFormat(context.head.headers.get("content-type"), UNKNOWN_BYTE);
  return keyring.bodyCredentials.some(({ place, hosts }) =>
    place !== null && suits(place, format) && hosts.some((pattern) => matchesHost(pattern, target))
  );
}

/** A first byte that leaves open whether the body is JSON. */
const UNKNOWN_BYTE = 0x7b;

function suits(place: Place, format: BodyFormat | null): boolean {
  if (format === null) return false;
  if (place.in === "body_json") return format.kind === "json" && format.isSure;
  if (place.in === "form") return format.kind === "urlencoded" || format.kind === "multipart";
  return place.in === "body";
}

function firstByte(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return bytes[at] ?? 0;
}

function tooLarge(): Refusal {
  return new Refusal(413, {
    code: "body_too_large",
    message:
      `cannot carry the request: a token may stand in its body, which is larger than ${MAX_HELD_BYTES} bytes`,
    hint: "send less at once, or narrow the credential's hosts to the paths that take it (HOST/PATH)",
  });
}
