/**
 * Secrets that say by their form what they are, whoever gave them out: private keys, addresses with a password in them,
 * signed tokens, service accounts. No proxy can put most of them into a request.
 *
 * @module
 */

import { DATABASE_SCHEME, DATABASES, IN_AN_ADDRESS, SIGNED_WITH } from "../../core/unproxied.ts";

/** A form of secret. */
export interface SecretForm {
  /** Short name, `snake_case`. */
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  /** Why a proxy cannot use it; null if it can. */
  readonly reveal: string | null;
}

const PRIVATE_KEY: SecretForm = {
  id: "private_key",
  title: "Private key",
  reveal: SIGNED_WITH,
};
const SERVICE_ACCOUNT: SecretForm = {
  id: "service_account",
  title: "Google service account",
  reveal: SIGNED_WITH,
};
const DATABASE_URL: SecretForm = {
  id: "database_url",
  title: "Database address with a password",
  reveal: DATABASES,
};
const URL_WITH_PASSWORD: SecretForm = {
  id: "url_with_password",
  title: "Address with a password",
  reveal: IN_AN_ADDRESS,
};
const WEBHOOK_URL: SecretForm = {
  id: "webhook_url",
  title: "Secret webhook address",
  reveal: "its secret stands in the path, where the proxy puts none",
};
const CONNECTION_STRING: SecretForm = {
  id: "connection_string",
  title: "Connection string with a key",
  reveal: "its key stands in the middle of a longer text, and requests are signed with it",
};
const JWT: SecretForm = { id: "jwt", title: "Signed token (JWT)", reveal: null };

const PASSWORD_IN_URL = /^[a-z][a-z0-9+.:-]*:\/\/[^\s/?#@]*:([^\s/?#@]+)@[^\s]/i;
const WEBHOOK =
  /^https:\/\/(?:hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/+-]{20,}|(?:\w+\.)?discord(?:app)?\.com\/api\/webhooks\/\d+\/[\w-]{30,}|[\w-]+\.webhook\.office\.com\/\S{40,}|hooks\.zapier\.com\/hooks\/catch\/\w+\/\w+|maker\.ifttt\.com\/trigger\/\w+\/with\/key\/[\w-]+|chat\.googleapis\.com\/v1\/spaces\/\S+token=\S+)/i;
const KEY_IN_STRING = /(?:^|;)\s*(?:AccountKey|SharedAccessKey|Password|Pwd|SharedSecret)=([^;]{8,})/i;
const KNOWN_PASSWORDS =
  /^(?:postgres|password|root|admin|secret|user|guest|example|changeme|(.)\1*|.{1,3}|\$\{?.*|<.*>|\*+|x+|%s|\{.*\})$/i;

/** The form of a value, or null if it has none of them. A dummy password such as `postgres` makes no secret of an address. */
export function formOf(value: string): SecretForm | null {
  if (value.includes("-----BEGIN ") && /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/.test(value)) {
    return PRIVATE_KEY;
  }
  if (value.length > 64 * 1024) return null;
  if (value.includes("private_key") && /"type"\s*:\s*"service_account"/.test(value)) return SERVICE_ACCOUNT;
  const password = PASSWORD_IN_URL.exec(value)?.[1];
  if (password !== undefined && !KNOWN_PASSWORDS.test(password)) {
    return DATABASE_SCHEME.test(value) ? DATABASE_URL : URL_WITH_PASSWORD;
  }
  if (WEBHOOK.test(value)) return WEBHOOK_URL;
  const key = value.includes("=") ? KEY_IN_STRING.exec(value)?.[1] : undefined;
  if (key !== undefined && value.includes(";") && !KNOWN_PASSWORDS.test(key)) return CONNECTION_STRING;
  if (/^eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}$/.test(value)) return JWT;
  return null;
}
