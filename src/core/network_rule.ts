/**
 * Rules that name parts of the network, as settings list them: `*`, a name, `*.example.com`, an address, a range such
 * as `10.0.0.0/8`, each but the first and the ranges with a port if need be. The grammar of `NO_PROXY` is part of it.
 *
 * @module
 */

import { parseIPv4, parseIPv6 } from "./address.ts";
import { bracketHost, normalizeHost } from "./host_name.ts";

/** One parsed rule. */
export type NetworkRule =
  /** Everything. */
  | { readonly kind: "any" }
  /** A name; `covers` tells whether it means the name, what is below it, or both. */
  | {
    readonly kind: "name";
    readonly host: string;
    readonly covers: "itself" | "below" | "both";
    readonly port: number | null;
  }
  /** Addresses whose first `bits` bits of 128 are those of `prefix`; IPv4 as `::ffff:0:0/96`. */
  | {
    readonly kind: "range";
    readonly prefix: bigint;
    readonly bits: number;
    readonly port: number | null;
    readonly text: string;
  };

const MAPPED = 0xffffn << 32n;

/**
 * Parses one rule; null if it is none.
 *
 * A leading dot, as in `.example.com`, means the name and what is below it.
 */
export function parseNetworkRule(text: string): NetworkRule | null {
  if (text === "*") return { kind: "any" };
  const slash = text.indexOf("/");
  if (slash >= 0) return parseRange(text.slice(0, slash), text.slice(slash + 1));
  const { host, port } = splitPort(text);
  if (port === undefined) return null;
  const address = addressNumber(host);
  if (address !== null) {
    const spelled = normalizeHost(bracketHost(host)) ?? host;
    return { kind: "range", prefix: address, bits: 128, port, text: spelled };
  }
  const covers = host.startsWith("*.") ? "below" : host.startsWith(".") ? "both" : "itself";
  const name = normalizeHost(covers === "below" ? host.slice(2) : covers === "both" ? host.slice(1) : host);
  if (name === null || name.includes("*")) return null;
  // What the URL parser takes for a number in disguise (`127.1`, `0x7f.1`) would name an address nobody sees.
  if (addressNumber(name) !== null) return null;
  return { kind: "name", host: name, covers, port };
}

/** The canonical text of a rule; parses back to the same rule. */
export function formatNetworkRule(rule: NetworkRule): string {
  if (rule.kind === "any") return "*";
  const port = rule.port === null ? "" : `:${rule.port}`;
  if (rule.kind === "range") return port === "" ? rule.text : `${bracketHost(rule.text)}${port}`;
  const mark = { itself: "", below: "*.", both: "." }[rule.covers];
  return `${mark}${rule.host}${port}`;
}

/** How bare names are to be read. */
export interface RuleReading {
  /** A bare name also means what is below it, as in `NO_PROXY`; otherwise itself alone. */
  readonly bareNamesCoverBelow: boolean;
}

/**
 * Whether a rule names a destination as it was asked for. A range is matched against literal addresses only: what a name
 * resolves to is asked with {@linkcode namesAddress}.
 *
 * @param host normalised, IPv6 without brackets
 */
export function namesHost(
  rule: NetworkRule,
  host: string,
  port: number,
  { bareNamesCoverBelow }: RuleReading,
): boolean {
  if (rule.kind === "any") return true;
  if (rule.kind === "range") return namesAddress(rule, host, port);
  if (rule.port !== null && rule.port !== port) return false;
  const covers = rule.covers === "itself" && bareNamesCoverBelow ? "both" : rule.covers;
  if (host === rule.host) return covers !== "below";
  return covers !== "itself" && host.endsWith(`.${rule.host}`);
}

/** Whether a rule names an address, IPv6 without brackets. Names do not. */
export function namesAddress(rule: NetworkRule, address: string, port: number): boolean {
  if (rule.kind !== "range") return rule.kind === "any";
  if (rule.port !== null && rule.port !== port) return false;
  const value = addressNumber(address);
  return value !== null && value >> BigInt(128 - rule.bits) === rule.prefix >> BigInt(128 - rule.bits);
}

function parseRange(base: string, bitsText: string): NetworkRule | null {
  if (!/^\d{1,3}$/.test(bitsText)) return null;
  const prefix = addressNumber(base);
  if (prefix === null) return null;
  const isV6 = base.includes(":");
  const given = Number(bitsText);
  if (given > (isV6 ? 128 : 32)) return null;
  const bits = isV6 ? given : given + 96;
  const rest = (1n << BigInt(128 - bits)) - 1n;
  // 10.0.0.1/8 is a mistake more often than a way to write 10.0.0.0/8.
  if ((prefix & rest) !== 0n) return null;
  return {
    kind: "range",
    prefix,
    bits,
    port: null,
    text: `${normalizeHost(bracketHost(base)) ?? base}/${given}`,
  };
}

/** An address as a number of 128 bits, IPv4 as `::ffff:a.b.c.d`; null if it is none. */
function addressNumber(text: string): bigint | null {
  if (!text.includes(":")) {
    const v4 = parseIPv4(text);
    return v4 === null ? null : MAPPED | BigInt(v4);
  }
  const groups = text.includes("%") ? null : parseIPv6(text);
  return groups === null ? null : groups.reduce((value, group) => value << 16n | BigInt(group), 0n);
}

/** `port` is undefined where it cannot be read, null where there is none. */
function splitPort(text: string): { host: string; port: number | null | undefined } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const host = bracketed[1] ?? "";
    return { host, port: host.includes(":") ? readPort(bracketed[2]) : undefined };
  }
  const colon = text.indexOf(":");
  if (colon < 0 || text.includes(":", colon + 1)) return { host: text, port: null };
  return { host: text.slice(0, colon), port: readPort(text.slice(colon + 1)) };
}

function readPort(text: string | undefined): number | null | undefined {
  if (text === undefined) return null;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
