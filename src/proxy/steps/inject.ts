/**
 * Step 8: build the head that goes out, with secrets in the places of tokens. From here on the context holds secrets; they
 * are wiped once written.
 *
 * @module
 */

import { concat, wipe } from "../../core/bytes.ts";
import type { BodyEscape, Spot } from "../../core/sightings.ts";
import {
  basicAround,
  basicPair,
  bodyValue,
  headerValue,
  queryValue,
  type Replacement,
} from "../../core/substitution.ts";
import { keyringOf, type RequestContext, type StepServices, type TokenUse } from "../context.ts";
import { HeldBody } from "../held_body.ts";
import type { Keyring, ProxyCredential } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import type { OutgoingValue } from "../http/types.ts";
import { requestFields } from "../passed_fields.ts";
import { latin1Bytes } from "../http/latin1.ts";

/**
 * Writes request target and fields for the upstream.
 *
 * @throws {Refusal} 403 `credential_changed`, 503 `vault_locked` if a credential is no longer the one that was checked.
 */
export function inject(context: RequestContext, services: StepServices): void {
  const { target, uses } = context;
  const carriesToken = uses.length > 0;
  if (!carriesToken) {
    context.outgoing = {
      target: target.path + target.query,
      headers: requestFields(context.fields, target.authority, false, NO_VALUES),
      secrets: [],
    };
    return;
  }
  const keyring = keyringOf(context, services);
  for (const { credential } of uses) requireUnchanged(credential, keyring);
  const opened: Uint8Array[] = [];
  const made: Uint8Array<ArrayBuffer>[] = [];
  try {
    const values = new Map<number, OutgoingValue>();
    const open = (use: TokenUse): Replacement => {
      const secret = keyring.openValue(use.credential);
      opened.push(secret);
      return { start: use.sighting.start, end: use.sighting.end, secret };
    };
    for (const [index, group] of byHeader(uses)) {
      const value = writeHeader(context.fields[index]?.value ?? "", group, open);
      made.push(value);
      values.set(index, value);
    }
    const inQuery = uses.filter((use) => use.sighting.spot.in === "query");
    let outgoingTarget: OutgoingValue = target.path + target.query;
    if (inQuery.length > 0) {
      const query = queryValue(target.query, inQuery.map(open));
      outgoingTarget = concat(latin1Bytes(target.path), query);
      wipe(query);
      made.push(outgoingTarget);
    }
    let headers = requestFields(context.fields, target.authority, true, values);
    const { content } = context;
    if (content !== null && context.body !== null) {
      const inBody = uses.filter((use) => isInBody(use.sighting.spot));
      const replacements = inBody.map((use) => ({ ...open(use), escape: escapeOf(use.sighting.spot) }));
      const bytes = bodyValue(content.bytes, replacements, content.boundary);
      made.push(bytes);
      context.body = new HeldBody(bytes, context.body, true);
      headers = headers.filter(({ name }) => !describesBody(name.toLowerCase(), content.wasCoded));
    }
    context.outgoing = { target: outgoingTarget, headers, secrets: made };
  } catch (error) {
    wipe(...made);
    throw error;
  } finally {
    wipe(...opened);
  }
  for (const credential of context.credentials()) services.keyring.used(credential);
}

/** Wipes whatever secrets the outgoing head still holds; safe to call at any time, again too. */
export function wipeOutgoing(context: RequestContext): void {
  wipe(...context.outgoing.secrets);
}

/** Fields that say something of the body's bytes which is no longer true. */
function describesBody(lower: string, wasCoded: boolean): boolean {
  return DIGESTS.has(lower) || (wasCoded && lower === "content-encoding");
}

const DIGESTS = new Set(["content-md5", "digest", "content-digest", "repr-digest"]);

function isInBody(spot: Spot): boolean {
  return spot.in === "body_json" || spot.in === "form" || spot.in === "body";
}

function escapeOf(spot: Spot): BodyEscape {
  return spot.in === "body_json" || spot.in === "form" || spot.in === "body" ? spot.escape : "none";
}

const NO_VALUES: ReadonlyMap<number, OutgoingValue> = new Map();

function byHeader(uses: readonly TokenUse[]): Map<number, TokenUse[]> {
  const groups = new Map<number, TokenUse[]>();
  for (const use of uses) {
    const { spot } = use.sighting;
    if (spot.in !== "header" && spot.in !== "basic") continue;
    const group = groups.get(spot.index);
    if (group === undefined) groups.set(spot.index, [use]);
    else group.push(use);
  }
  return groups;
}

function writeHeader(
  value: string,
  uses: readonly TokenUse[],
  open: (use: TokenUse) => Replacement,
): Uint8Array<ArrayBuffer> {
  const [first] = uses;
  if (first === undefined) throw new Error("a header without a token has nothing to be written");
  const { spot } = first.sighting;
  if (first.usage === "pair") {
    const { secret } = open(first);
    const user = spot.in === "basic" && spot.part === "password"
      ? spot.decoded.slice(0, spot.decoded.indexOf(":"))
      : null;
    return basicPair(secret, user);
  }
  if (spot.in === "basic") return basicAround(spot.decoded, open(first));
  return headerValue(value, uses.map(open));
}

/**
 * Steps before this one may have waited, for a body or for the log: what they decided holds for the row as it was, which must
 * still be the one in force when its secret goes out.
 *
 * @throws {Refusal} 403 `credential_changed`, 503 `vault_locked`.
 */
export function requireUnchanged(credential: ProxyCredential, keyring: Keyring): void {
  if (keyring.locked) {
    throw new Refusal(503, {
      code: "vault_locked",
      message: `cannot use '${credential.name}': the vault was locked while the request was held`,
      credential,
      hint: "wispkey unlock",
    });
  }
  const match = keyring.find(credential.token);
  if (match.kind === "live" && match.credential === credential) return;
  throw new Refusal(403, {
    code: "credential_changed",
    message: `cannot use '${credential.name}': it was changed or removed while the request was held`,
    credential,
    hint: "send the request again",
  });
}
