/**
 * The variables by which SDKs are told another base URL: the way for clients that ignore proxy variables.
 *
 * @module
 */

import { type HostPattern, matchesOrigin } from "../host_pattern.ts";
import { PROVIDERS } from "../provider_catalogue.ts";
import { parseTarget } from "../target.ts";
import { type Environment, type ProxyAccess, viaProxy, withoutProxy } from "./environment.ts";

/** What SDKs take if their variable is not set, as they write it; for those that are known to append to a path. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["ANTHROPIC_BASE_URL", "https://api.anthropic.com"],
  ["CEREBRAS_BASE_URL", "https://api.cerebras.ai"],
  ["GROQ_BASE_URL", "https://api.groq.com"],
  ["OPENAI_BASE_URL", "https://api.openai.com/v1"],
  ["TOGETHER_BASE_URL", "https://api.together.xyz/v1"],
]);

/** Other variables of the catalogue name hosts, or pages for people. */
const IS_BASE_URL = /_BASE_URL$/;

/** The variables that are looked at, each with what holds without it, if that is known. */
export function baseUrlNames(): ReadonlyMap<string, string | undefined> {
  const names = PROVIDERS.map(({ baseUrl }) => baseUrl)
    .filter((name) => name !== undefined && IS_BASE_URL.test(name)) as string[];
  return new Map([...names, ...DEFAULTS.keys()].map((name) => [name, DEFAULTS.get(name)]));
}

/**
 * The base URL of each SDK whose host some credential may go to, led through the proxy: of the URL that the environment names,
 * else of the SDK's own.
 */
export function baseUrlVariables(
  environment: Environment,
  hosts: readonly HostPattern[],
  access: ProxyAccess,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, ofSdk] of baseUrlNames()) {
    const before = environment[name] || ofSdk;
    if (before === undefined) continue;
    const wanted = withoutProxy(before);
    if (isReached(wanted, hosts)) variables[name] = viaProxy(wanted, access);
    else if (wanted !== before) variables[name] = wanted;
  }
  return variables;
}

function isReached(url: string, hosts: readonly HostPattern[]): boolean {
  try {
    const target = parseTarget(url);
    return hosts.some((pattern) => matchesOrigin(pattern, target));
  } catch {
    // What is no URL stays as it is: the program will say so in its own words.
    return false;
  }
}
