/**
 * Values that are no secret, and why: settings, addresses, references, placeholders, and what is public by its name.
 *
 * @module
 */

import { wordsOfName } from "../../core/provider.ts";

/** Frameworks write variables with these beginnings into what every visitor downloads. */
const PUBLIC_NAME =
  /^(?:NEXT_PUBLIC_|NUXT_PUBLIC_|VITE_|REACT_APP_|EXPO_PUBLIC_|GATSBY_|PUBLIC_|VUE_APP_|NG_APP_)|(?:^|_)(?:PUBLISHABLE|PUBLIC)(?:_KEY|_TOKEN)?(?:_|$)/i;

/** A name that ends so is about a secret, and not one. */
const ABOUT = new Set([
  ..."id ids url uri urls host hosts hostname port region zone name names user username login email domain endpoint"
    .split(" "),
  ..."path file filename dir directory version enabled disabled timeout ttl expires expiry expiration lifetime age"
    .split(" "),
  ..."algorithm alg type mode public publishable count limit max min length size prefix suffix header scope scopes"
    .split(" "),
  ..."issuer audience provider format env environment arn dsn days hours minutes seconds interval rotation policy"
    .split(" "),
  ..."store location bucket cluster project fingerprint rounds cost placeholder hint label field column strategy"
    .split(" "),
]);

const SWITCH = /^(?:true|false|yes|no|on|off|null|nil|none|undefined|enabled|disabled|default|auto)$/i;
const NUMBER = /^[+-]?\d{1,20}(?:[.,]\d+)?(?:ms|s|m|h|d|kb|mb|gb|%)?$/i;
const REFERENCE =
  /^(?:\$\{[^}]*\}|\$\([^)]*\)|\$[A-Z_][A-Z0-9_]*|\{\{.*\}\}|%[A-Z_]+%|(?:op|bw|vault|doppler|infisical|awssm|gcpsm|akv):\/\/.+|arn:aws:.+|<%.*%>)$/is;
const INTERPOLATED = /\$\{[^}]+\}/;
const PLACEHOLDER =
  /^(?:<[^>]*>|\[[^\]]*\]|[x*.•#_-]{3,}|x+(?:-x+)*|.*\b(?:your|my)[-_ ]?(?:own[-_ ])?(?:[a-z]+[-_ ]){0,4}(?:key|token|secret|password|id|here|url|dsn|value)\b.*|.*[-_ ]?(?:goes|put|insert|paste|add|enter|fill)[-_ ].*\bhere\b.*|(?:sk|pk|rk|ghp|xoxb|re|key)[-_](?:test[-_]|live[-_]|proj[-_])?(?:x{3,}|\.{3,}|\*{3,}|your.*)|.*(?:change[-_ ]?me|changeit|replace[-_ ]?(?:me|this|with)|placeholder|redacted|fixme|not[-_]?real).*|[^:/@]*(?:EXAMPLE(?:KEY)?|example[-_]?(?:key|token|secret|value)|dummy)|(?:to[-_]?do|tbd|(?:fake|sample|dummy|example)[-_].*))$/is;
const WELL_KNOWN =
  /^(?:postgres|root|admin|password|passwort|secret|test|testing|guest|mysql|redis|mongo|minio|minioadmin|rabbitmq|user|demo|dev|local|localhost|letmein|qwerty|1234(?:5(?:6(?:7(?:8(?:90?)?)?)?)?)?)$/i;
const EMAIL = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i;
const PATH = /^(?:~?\/|\.{1,2}\/|[A-Z]:\\)[\w./\\ ~@+-]{1,255}$/;
const HOST_AND_PORT = /^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d{1,5})?$|^(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?$/i;
const VERSION = /^v?\d+(?:\.\d+){1,3}(?:[-+][\w.]+)?$/;
const DATE = /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?$/;

/** Whether the name belongs to what is published with a page or an app. */
export function isPublicName(name: string): boolean {
  return PUBLIC_NAME.test(name);
}

/** Whether a name is about a secret and names none: `TOKEN_URL`, `SECRET_NAME`, `AWS_ACCESS_KEY_ID`. */
export function isAboutName(name: string): boolean {
  const words = wordsOfName(name).filter((word) => !/^\d+$/.test(word));
  return ABOUT.has(words.at(-1) ?? "");
}

/** Why a value stands for no secret whatever its name says: empty, a reference, a placeholder, a switch; null if it may. */
export function emptyReason(value: string): string | null {
  if (value.trim() === "") return "empty";
  if (/^wk_[a-z0-9_]+$/.test(value)) return "already a wisp token";
  if (REFERENCE.test(value)) return "a reference";
  if (SWITCH.test(value)) return "a switch";
  if (value.length < 512 && PLACEHOLDER.test(value)) return "a placeholder";
  if (WELL_KNOWN.test(value)) return "a default that everybody knows";
  return null;
}

/** Why a value is a plain setting: a number, an address, a path; null if nothing says so. */
export function settingReason(value: string): string | null {
  if (NUMBER.test(value)) return "a number";
  if (VERSION.test(value)) return "a version";
  if (DATE.test(value)) return "a date";
  if (value.length > 2048) return null;
  if (EMAIL.test(value)) return "a mail address";
  if (HOST_AND_PORT.test(value)) return "a host";
  if (isPlainUrl(value)) return "an address";
  if (PATH.test(value) && !/^\/[\w+/]{39}$/.test(value)) return "a path";
  if (INTERPOLATED.test(value)) return "put together from other values";
  return null;
}

function isPlainUrl(value: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value) || /\s/.test(value)) return false;
  const authority = value.slice(value.indexOf("://") + 3).split(/[/?#]/)[0] ?? "";
  return !/^[^@]*:[^@]+@/.test(authority);
}
