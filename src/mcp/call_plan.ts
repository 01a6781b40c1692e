/**
 * A request with a credential's token at its place.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";
import type { Slot } from "../core/usual_slot.ts";

/** A request to a host, as the host's documentation would have it, save that a token stands for the key. */
export interface CallPlan {
  /** Method. */
  readonly method: string;
  /** The host's own URL, ASCII, without fragment. */
  readonly url: string;
  /** Fields in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Body; null for none. */
  readonly body: string | null;
}

/** User of `Authorization: Basic` where only the password is the secret and nothing says who the user is. */
const ANY_USER = "token";

/**
 * Puts a token at its place. What the request holds there already is replaced.
 *
 * @throws {UsageError} `body_token` where it stands in a body that is there already or in a message: then whoever writes that
 * must put the token there.
 */
export function withToken(plan: CallPlan, slot: Slot, token: string): CallPlan {
  switch (slot.in) {
    case "header":
      return withHeader(plan, slot.name, slot.scheme === null ? token : `${slot.scheme} ${token}`);
    case "basic": {
      const pair = slot.part === "user" ? `${token}:` : `${ANY_USER}:${token}`;
      return withHeader(plan, "Authorization", `Basic ${btoa(pair)}`);
    }
    case "query": {
      const url = new URL(plan.url);
      url.searchParams.set(slot.name, token);
      return { ...plan, url: url.href };
    }
    case "body_json":
      return withBody(plan, "application/json", JSON.stringify(nest(slot.pointer, token)));
    case "form":
      return withBody(
        plan,
        "application/x-www-form-urlencoded",
        new URLSearchParams([[slot.field, token]]).toString(),
      );
    case "body":
      return withBody(plan, "text/plain", token);
    case "ws":
      throw bodyToken("its token goes into a message over a WebSocket");
  }
}

function withHeader(plan: CallPlan, name: string, value: string): CallPlan {
  const lower = name.toLowerCase();
  return { ...plan, headers: [...plan.headers.filter(([n]) => n.toLowerCase() !== lower), [name, value]] };
}

function withBody(plan: CallPlan, type: string, body: string): CallPlan {
  if (plan.body !== null) throw bodyToken("its token goes into the body");
  const method = plan.method === "GET" ? "POST" : plan.method;
  return { ...withHeader(plan, "Content-Type", type), method, body };
}

/** The JSON document with a text at a pointer (RFC 6901); every step of it is a member of an object. */
function nest(pointer: string, text: string): unknown {
  if (pointer === "") return text;
  return pointer.slice(1).split("/").reduceRight<unknown>((inner, step) => {
    const object: Record<string, unknown> = Object.create(null);
    object[step.replaceAll("~1", "/").replaceAll("~0", "~")] = inner;
    return object;
  }, text);
}

function bodyToken(why: string): UsageError {
  return new UsageError(`cannot put the token in: ${why}`, {
    code: "body_token",
    hint: "write the token there yourself: wispkey_get_token gives it, wispkey_how_to_call says where",
  });
}
