/**
 * What an IP address is good for, so that a name which resolves into this machine or its network is not dialled by
 * mistake. Follows the IANA special-purpose registries (RFC 6890 and its successors).
 *
 * @module
 */

/** Kinds of addresses the address guard tells apart. */
export type AddressKind =
  | "public"
  | "loopback"
  | "unspecified"
  | "private"
  | "link_local"
  | "metadata"
  | "multicast"
  | "reserved";

/**
 * Classifies an address as a resolver gives it (IPv6 without brackets, a zone after `%` is ignored). IPv4 addresses
 * inside IPv6 forms (mapped, compatible, NAT64, 6to4) count as themselves. What is no address is `reserved`.
 *
 * @example
 * ```ts
 * import { addressKind } from "./address.ts";
 *
 * console.assert(addressKind("::ffff:169.254.169.254") === "metadata");
 * ```
 */
export function addressKind(address: string): AddressKind {
  if (!address.includes(":")) {
    const v4 = parseIPv4(address);
    return v4 === null ? "reserved" : kindOfIPv4(v4);
  }
  const groups = parseIPv6(address);
  return groups === null ? "reserved" : kindOfIPv6(groups);
}

/** The four bytes of a dotted decimal address as one number, or null. */
export function parseIPv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (parts === null) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = Number(parts[i]);
    if (byte > 255) return null;
    value = value * 256 + byte;
  }
  return value;
}

/** The eight groups of an IPv6 address (RFC 4291 section 2.2), or null. */
export function parseIPv6(text: string): number[] | null {
  let address = text.split("%", 1)[0] ?? "";
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  if (dotted !== null) {
    const v4 = parseIPv4(dotted[2] ?? "");
    if (v4 === null) return null;
    address = `${dotted[1]}${Math.floor(v4 / 65536).toString(16)}:${(v4 % 65536).toString(16)}`;
  }
  const halves = address.split("::");
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => half === "" ? [] : half.split(":"));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...new Array<string>(missing).fill("0"), ...tail];
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))
    ? groups.map((group) => parseInt(group, 16))
    : null;
}

// Prefix, length in bits, kind; the first match counts.
const IPV4_RANGES: readonly (readonly [string, number, AddressKind])[] = [
  ["0.0.0.0", 8, "unspecified"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.169.254", 32, "metadata"],
  ["169.254.170.2", 32, "metadata"],
  ["168.63.129.16", 32, "metadata"],
  ["100.100.100.200", 32, "metadata"],
  ["192.0.0.192", 32, "metadata"],
  ["169.254.0.0", 16, "link_local"],
  ["10.0.0.0", 8, "private"],
  ["172.16.0.0", 12, "private"],
  ["192.168.0.0", 16, "private"],
  ["100.64.0.0", 10, "private"],
  ["198.18.0.0", 15, "private"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

const IPV4_TABLE = IPV4_RANGES.map(([prefix, bits, kind]) => ({
  first: parseIPv4(prefix) ?? 0,
  size: 2 ** (32 - bits),
  kind,
}));

function kindOfIPv4(value: number): AddressKind {
  for (const range of IPV4_TABLE) {
    if (value >= range.first && value < range.first + range.size) return range.kind;
  }
  return "public";
}

function kindOfIPv6(groups: readonly number[]): AddressKind {
  const [a = 0, b = 0, c = 0, , , f = 0, g = 0, h = 0] = groups;
  const low = g * 65536 + h;
  if (groups.slice(0, 5).every((group) => group === 0)) {
    if (f === 0 && low === 0) return "unspecified";
    if (f === 0 && low === 1) return "loopback";
    // ::ffff:0:0/96 mapped, ::/96 compatible.
    if (f === 0xffff || f === 0) return kindOfIPv4(low);
  }
  if (a === 0x64 && b === 0xff9b) return kindOfIPv4(low);
  if (a === 0x2002) return kindOfIPv4(b * 65536 + c);
  if (a === 0xfd00 && b === 0x0ec2 && low === 0x0254) return "metadata";
  if ((a & 0xfe00) === 0xfc00) return "private";
  if ((a & 0xffc0) === 0xfe80) return "link_local";
  if ((a & 0xffc0) === 0xfec0) return "private";
  if ((a & 0xff00) === 0xff00) return "multicast";
  if (a === 0x2001 && b === 0x0db8) return "reserved";
  return (a & 0xe000) === 0x2000 ? "public" : "reserved";
}
