/**
 * The pipeline for what a client says over an open WebSocket: each message that carries a token passes the steps that a
 * request passes, and is written down before its secret leaves.
 *
 * @module
 */

import { sightBodyTokens } from "../../core/body_sightings.ts";
import { wipe } from "../../core/bytes.ts";
import { matchesHost } from "../../core/host_pattern.ts";
import type { Sighting } from "../../core/sightings.ts";
import { bodyValue } from "../../core/substitution.ts";
import { BoundedLookup, findTokens } from "../../core/token_finder.ts";
import { bodyFormat } from "../../core/media_type.ts";
import { keyringOf, RequestContext, type StepServices } from "../context.ts";
import { HeldBody } from "../held_body.ts";
import { latin1Text } from "../http/mod.ts";
import { MESSAGE_STEPS, noteDenial, noteResult, runSteps } from "../pipeline.ts";
import type { Keyring, TokenMatch } from "../ports.ts";
import { requireRights, type RightsServices } from "../rights.ts";
import { checkHosts } from "../steps/check_hosts.ts";
import { checkPlaces } from "../steps/check_places.ts";
import { requireUnchanged } from "../steps/inject.ts";
import { usesOf } from "../steps/find_tokens.ts";
import type { Injected, MessageRules } from "./from_client.ts";

/** Whether a credential may stand in messages to the target of a request. */
export function takesTokensInMessages(handshake: RequestContext, services: StepServices): boolean {
  const { target } = handshake;
  return keyringOf(handshake, services).bodyCredentials.some(({ place, hosts }) =>
    place?.in === "ws" && hosts.some((pattern) => matchesHost(pattern, target))
  );
}

/**
 * The rules for the messages of the WebSocket that `handshake` opened.
 *
 * @param isSearched whether the server's messages are searched for secrets
 */
export function messageRules(
  handshake: RequestContext,
  services: RightsServices,
  isSearched: boolean,
): MessageRules {
  const keyring = keyringOf(handshake, services);
  return {
    takesTokens: takesTokensInMessages(handshake, services),
    check: () => requireRights(handshake, services, isSearched),
    look: (text, spot) => {
      if (keyring.tokenLengths.length === 0) return;
      const found = findTokens(text, new BoundedLookup(keyring));
      if (found.length === 0) return;
      const message = contextOf(handshake);
      try {
        message.uses = usesOf(found.map((token) => ({ ...token, spot })));
        checkPlaces(message);
        checkHosts(message);
      } catch (error) {
        noteDenial(message, services, error);
        throw error;
      }
    },
    inject: async (payload, isText) => {
      const found = sight(payload, isText, keyring);
      if (found.length === 0) return null;
      const message = contextOf(handshake);
      message.body = new HeldBody(payload, { length: payload.length, trailers: null }, false);
      try {
        message.uses = usesOf(found);
        await runSteps(message, services, MESSAGE_STEPS);
        return put(message, services, keyring, payload);
      } catch (error) {
        if (message.intents.length === 0) message.uncount();
        noteDenial(message, services, error);
        throw error;
      }
    },
  };
}

function contextOf(handshake: RequestContext): RequestContext {
  const message = new RequestContext(handshake.head, null, handshake.tunnel);
  message.mode = handshake.mode;
  message.caller = handshake.caller;
  message.fields = handshake.fields;
  message.target = handshake.target;
  return message;
}

function sight(
  payload: Uint8Array<ArrayBuffer>,
  isText: boolean,
  keyring: Keyring,
): Sighting<TokenMatch>[] {
  if (keyring.tokenLengths.length === 0) return [];
  const format = isText ? bodyFormat(undefined, firstByte(payload)) : null;
  return sightBodyTokens(latin1Text(payload), format, keyring).map((sighting) => {
    const { spot } = sighting;
    return spot.in === "body" ? { ...sighting, spot: { in: "message", escape: spot.escape } } : sighting;
  });
}

function firstByte(bytes: Uint8Array): number {
  return bytes.find((byte) => byte > 0x20) ?? 0;
}

function put(
  message: RequestContext,
  services: StepServices,
  keyring: Keyring,
  payload: Uint8Array<ArrayBuffer>,
): Injected {
  const opened: Uint8Array[] = [];
  try {
    const replacements = message.uses.map(({ credential, sighting: { start, end, spot } }) => {
      requireUnchanged(credential, keyring);
      const secret = keyring.openValue(credential);
      opened.push(secret);
      return { start, end, secret, escape: spot.in === "message" ? spot.escape : "none" };
    });
    const out = bodyValue(payload, replacements);
    for (const credential of message.credentials()) keyring.used(credential);
    return {
      payload: out,
      done: (sent) => {
        wipe(out);
        noteResult(message, services, sent ? { bytesOut: out.length } : { reason: "upstream_closed" });
      },
    };
  } finally {
    wipe(...opened);
  }
}
