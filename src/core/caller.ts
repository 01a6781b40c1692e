/**
 * Callers: programs that were started with an identity of their own. A caller has a name and a random secret; it shows both
 * as the user and the password of its proxy (RFC 7617), or in the path of a base URL:
 * `/as/<name>:<secret>/to/<scheme>/<host>/…`.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { escapeText } from "./name.ts";

/** Name of callers that say nothing of themselves; no other may have it. */
const PLAIN_NAME = "plain";
/** Random bytes of a caller's secret; it is written as lower-case hex, which nothing has to escape. */
export const CALLER_SECRET_BYTES = 24;
/** Longest name, in characters. */
export const MAX_CALLER_NAME = 64;

const PATH_PREFIX = "/as/";
/** Characters that mean the same in a URL's user part, in a path and in a log. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const WORDS: readonly string[] = (
  "amber aspen birch bloom brook cedar cliff cloud coral crane delta dune ember fern field finch fjord flint frost " +
  "glade grove hazel heron holly inlet iris ivory jade juniper kelp lake larch lark laurel lilac linden lotus maple " +
  "marsh meadow mesa mint moss oak ocean olive opal orchid osprey otter pearl pine plum poppy quartz rain raven reed " +
  "ridge river robin rowan sage shore sky slate snow sorrel spruce stone swan thyme tide topaz tulip vale violet " +
  "walnut wave willow wren yarrow zephyr"
).split(" ");

/** What a program shows of itself. */
export interface ShownCaller {
  /** The name it says it has. */
  name: string;
  /** The secret it shows, as text. */
  secret: string;
}

/**
 * Checks a name that a person chose for a caller.
 *
 * @throws {UsageError} `invalid_name`.
 */
export function checkCallerName(name: string): string {
  if (name.length <= MAX_CALLER_NAME && NAME.test(name) && name !== PLAIN_NAME) return name;
  throw new UsageError(`invalid caller name '${escapeText(name)}': it must be easy to write in a URL`, {
    code: "invalid_name",
    hint: `use 1 to ${MAX_CALLER_NAME} letters, digits, dots, '-' and '_', for example claude-1`,
  });
}

/**
 * A name for a caller that was given none: `run-<word>-<number>`.
 *
 * @param random a number from 0 up to 1; the system's random numbers unless a test says otherwise
 */
export function inventCallerName(random: () => number = randomFraction): string {
  const word = WORDS[Math.floor(random() * WORDS.length)] ?? "caller";
  return `run-${word}-${1 + Math.floor(random() * 999)}`;
}

/**
 * Reads `Basic base64(name:secret)`, the value of `Proxy-Authorization`; null if it is not that.
 *
 * @example
 * ```ts
 * import { readProxyAuthorization } from "./caller.ts";
 *
 * console.assert(readProxyAuthorization(`Basic ${btoa("run-oak-7:5ec4e7")}`)?.name === "run-oak-7");
 * ```
 */
export function readProxyAuthorization(value: string): ShownCaller | null {
  const match = /^basic +([A-Za-z0-9+/_-]+={0,2})$/i.exec(value);
  if (match?.[1] === undefined) return null;
  try {
    return readPair(atob(match[1].replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    // No base64: what cannot be read shows nobody.
    return null;
  }
}

/** Splits `name:secret`; null if it has no colon. */
export function readPair(text: string): ShownCaller | null {
  const colon = text.indexOf(":");
  return colon < 0 ? null : { name: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/**
 * Splits an origin-form target `/as/<name>:<secret>/…` into what the caller shows and the rest, which begins with `/`.
 * Null if it has no such beginning; what is shown is not judged here.
 */
export function splitCallerPath(target: string): { shown: string; rest: string } | null {
  if (!target.startsWith(PATH_PREFIX)) return null;
  const end = target.indexOf("/", PATH_PREFIX.length);
  if (end < 0) return null;
  return { shown: target.slice(PATH_PREFIX.length, end), rest: target.slice(end) };
}

/** The beginning of a base URL's path for a caller; `/to/<scheme>/<host>/…` follows. */
export function callerPath({ name, secret }: ShownCaller): string {
  return `${PATH_PREFIX}${name}:${secret}`;
}

function randomFraction(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
