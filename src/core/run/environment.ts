/**
 * The environment of a program that `wispkey run` starts: what it must not get, and what sends it through the proxy.
 *
 * @module
 */

import { callerPath, type ShownCaller } from "../caller.ts";

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** Variables of ours that a program may see: they hold no secret and choose nothing but where the vault lies. */
const HARMLESS: ReadonlySet<string> = new Set([
  "WISPKEY_VAULT_PATH",
  "WISPKEY_PROJECT",
  "WISPKEY_LOG",
  "WISPKEY_SESSION_TIMEOUT",
]);

/** Variables that name a file of roots to trust besides those a program has. */
const ADDING: readonly string[] = ["NODE_EXTRA_CA_CERTS", "DENO_CERT"];

/** Variables that name a file of roots to trust instead of those a program has. */
const REPLACING: readonly string[] = [
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "AWS_CA_BUNDLE",
  "CARGO_HTTP_CAINFO",
  "PIP_CERT",
  "npm_config_cafile",
];

/** Variables of the same kind that only count where somebody has set them. */
const WHERE_SET: readonly string[] = [
  "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
  "HTTPLIB2_CA_CERTS",
  "NIX_SSL_CERT_FILE",
];

/** Every variable that is set to name a file of roots. */
export const TRUST_VARIABLES: readonly string[] = [...ADDING, ...REPLACING];

/** Where a caller reaches the proxy. */
export interface ProxyAccess {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Port that asks who calls, for clients that say so only when asked. */
  readonly askingPort: number;
  /** Who calls. */
  readonly caller: ShownCaller;
}

/** The environment without the master password, passphrases, fallback values, and whatever else of ours may hold a secret. */
export function withoutPasswords(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => {
      const upper = name.toUpperCase();
      return !upper.startsWith("WISPKEY_") || HARMLESS.has(upper);
    }),
  );
}

/**
 * The variables by which programs find a proxy, in both cases, because programs differ in which they read (curl takes
 * `http_proxy` in lower case only). `NODE_USE_ENV_PROXY` makes Node 24 and later read them. Some clients (.NET, git) show a
 * name and a password only to a proxy that asks for them with 407, so the port is the one that asks; git is spared the question.
 */
export function proxyVariables({ askingPort, caller }: ProxyAccess, noProxy: string): Record<string, string> {
  const proxy = `http://${caller.name}:${caller.secret}@127.0.0.1:${askingPort}`;
  return {
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    NODE_USE_ENV_PROXY: "1",
    GIT_HTTP_PROXY_AUTHMETHOD: "basic",
  };
}

/** The variables by which programs find the roots they trust, in an environment as it was before. */
export function trustVariables(
  before: Environment,
  certificatePath: string,
  bundlePath: string,
): Record<string, string> {
  const replacing = [...REPLACING, ...WHERE_SET.filter((name) => before[name])];
  return {
    ...Object.fromEntries(ADDING.map((name) => [name, certificatePath])),
    ...Object.fromEntries(replacing.map((name) => [name, bundlePath])),
  };
}

/** A URL of a host as a caller without proxy variables asks for it. */
export function viaProxy(url: string, { port, caller }: ProxyAccess): string {
  const [scheme = "", rest = ""] = splitOnce(url, "://");
  return `http://127.0.0.1:${port}${callerPath(caller)}/to/${scheme}/${rest}`;
}

const OWN_URL = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d+(?:\/as\/[^/]*)?\/to\/(https?)\/(.*)$/s;

/** The inverse of {@linkcode viaProxy}, for a program that is started by one which was started so; others stay. */
export function withoutProxy(url: string): string {
  const match = OWN_URL.exec(url);
  return match === null ? url : `${match[1]}://${match[2]}`;
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
