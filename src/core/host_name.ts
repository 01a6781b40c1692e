/**
 * Host names and address literals in one spelling, so that what is checked is what is dialled.
 *
 * A normalised host is lower case ASCII (IDN as punycode), without a trailing dot; IPv4 in dotted decimal, IPv6
 * compressed and **without brackets**, as `Deno.connect` takes it.
 *
 * @module
 */

/** Longest host name in characters, RFC 1035 section 2.3.4. */
export const MAX_HOST_LENGTH = 253;

/**
 * Normalises a host as it stands in a URL's authority (IPv6 in brackets), the way the WHATWG URL parser does.
 *
 * @returns the normalised host, or null if it is none: empty, userinfo, percent signs, blanks, bad labels or brackets.
 */
export function normalizeHost(text: string): string | null {
  if (isPlainName(text) || isPlainAddress(text)) return text;
  if (text === "" || text.length > 4 * MAX_HOST_LENGTH || /[\s\p{Cc}%@/\\?#<>^|]/u.test(text)) {
    return null;
  }
  const bracketed = text.startsWith("[");
  if (bracketed ? !/^\[[0-9a-fA-F:.]+\]$/.test(text) : /[:[\]]/.test(text)) return null;
  let host: string;
  try {
    host = new URL(`http://${text}/`).hostname;
  } catch {
    // The URL parser's only answer to a bad host is to throw; ours is null.
    return null;
  }
  if (bracketed) return host.slice(1, -1);
  if (host.endsWith(".")) host = host.slice(0, -1);
  return hasGoodLabels(host) ? host : null;
}

/** Puts brackets around an IPv6 literal, for URLs and `Host`. */
export function bracketHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether a normalised host is an IPv4 or IPv6 literal. */
export function isAddressLiteral(host: string): boolean {
  return host.includes(":") || /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Whether a normalised host is literally this machine: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopbackName(host: string): boolean {
  return host === "localhost" || host === "::1" || (host.startsWith("127.") && isAddressLiteral(host));
}

// The common case without a URL parser: already lower case letters, digits, `-` and `.`, and certainly no number
// in disguise (last label starts with a letter other than the x of `0x`) and no punycode to be checked.
function isPlainName(text: string): boolean {
  if (text.length > MAX_HOST_LENGTH) return false;
  let labelStart = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = i < text.length ? text.charCodeAt(i) : 0x2e;
    if (c === 0x2e) {
      if (i === labelStart || i - labelStart > 63 || text.startsWith("xn--", labelStart)) return false;
      if (i < text.length) labelStart = i + 1;
    } else if (!((c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2d)) {
      return false;
    }
  }
  const first = text.charCodeAt(labelStart);
  return first >= 0x61 && first <= 0x7a;
}

/** An IPv4 address as it is normalised: four numbers up to 255, none with a leading zero. */
function isPlainAddress(text: string): boolean {
  let dots = 0;
  let number = -1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit === -2) {
      if (number < 0 || ++dots > 3) return false;
      number = -1;
    } else {
      // A number that begins with 0 ends there: 010 is 8 to a URL parser.
      if (digit < 0 || digit > 9 || number === 0) return false;
      number = number < 0 ? digit : number * 10 + digit;
      if (number > 255) return false;
    }
  }
  return dots === 3 && number >= 0;
}

function hasGoodLabels(host: string): boolean {
  return host.length <= MAX_HOST_LENGTH &&
    host.split(".").every((label) => label !== "" && label.length <= 63);
}
