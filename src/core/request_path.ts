/**
 * Paths as hosts read them, and globs over them. Where two readings are possible the path is *ambiguous* and no
 * path-restricted rule may match it.
 *
 * @module
 */

/**
 * Resolves dot segments, decodes percent-encoded unreserved characters, writes the other escapes in upper case and
 * collapses doubled slashes.
 *
 * @param path raw path of a request, without query; starts with `/`
 * @returns the normalised path, or null if it is ambiguous: an encoded or raw `\`, an encoded slash, `;` in either form,
 * a double escape (`%25` before two hex digits), an escape that is none or that begins an overlong UTF-8 form,
 * a control character, or doubled slashes together with dot segments (whose order of resolution differs between hosts).
 *
 * @example
 * ```ts
 * import { normalizePath } from "./request_path.ts";
 *
 * console.assert(normalizePath("/v1/%2e%2e/%61dmin") === "/admin");
 * console.assert(normalizePath("/v1/..%2fadmin") === null);
 * ```
 */
export function normalizePath(path: string): string | null {
  const decoded = decodeUnreserved(path);
  if (decoded === null || !decoded.startsWith("/")) return null;
  const doubled = decoded.includes("//");
  if (!decoded.includes("/.")) return doubled ? decoded.replaceAll(/\/{2,}/g, "/") : decoded;
  const kept: string[] = [];
  const segments = decoded.slice(1).split("/");
  let sawDots = false;
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1;
    if (segment === "." || segment === "..") {
      sawDots = true;
      if (segment === "..") kept.pop();
      if (last) kept.push("");
    } else {
      kept.push(segment);
    }
  }
  if (sawDots && doubled) return null;
  return `/${kept.join("/")}`.replaceAll(/\/{2,}/g, "/");
}

/** Whether a character may be written plainly everywhere in a URL, RFC 3986 section 2.3. */
export function isUnreserved(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) ||
    code === 0x2d || code === 0x2e || code === 0x5f || code === 0x7e;
}

/**
 * Matches a normalised path against a glob: `*` stands for anything within a segment, `**` for anything at all.
 * Takes time proportional to the product of both lengths at worst, whatever the glob.
 */
export function matchesPath(glob: string, path: string): boolean {
  const star = glob.indexOf("*");
  if (star < 0) return glob === path;
  if (star === glob.length - 2 && glob.endsWith("**")) return path.startsWith(glob.slice(0, star));
  // Row by row over the glob, a bitmap over path positions: `reached[i]` = the glob so far can end before position i.
  let reached = new Uint8Array(path.length + 1);
  reached[0] = 1;
  for (let g = 0; g < glob.length; g++) {
    const next = new Uint8Array(path.length + 1);
    if (glob[g] === "*") {
      const across = glob[g + 1] === "*";
      if (across) g++;
      let open = false;
      for (let i = 0; i <= path.length; i++) {
        if (reached[i] === 1) open = true;
        if (open) next[i] = 1;
        if (!across && path[i] === "/") open = false;
      }
    } else {
      for (let i = 0; i < path.length; i++) if (reached[i] === 1 && path[i] === glob[g]) next[i + 1] = 1;
    }
    reached = next;
  }
  return reached[path.length] === 1;
}

const AMBIGUOUS_ESCAPES = new Set([0x2f, 0x5c, 0x3b, 0x00, 0xc0, 0xc1]);

function decodeUnreserved(path: string): string | null {
  let out = "";
  let from = 0;
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c <= 0x20 || c === 0x7f || c === 0x5c || c === 0x3b) return null;
    if (c !== 0x25) continue;
    const byte = hexByte(path, i + 1);
    if (byte < 0 || AMBIGUOUS_ESCAPES.has(byte) || byte < 0x20) return null;
    if (byte === 0x25 && hexByte(path, i + 3) >= 0) return null;
    out += path.slice(from, i) +
      (isUnreserved(byte) ? String.fromCharCode(byte) : path.slice(i, i + 3).toUpperCase());
    i += 2;
    from = i + 1;
  }
  return from === 0 ? path : out + path.slice(from);
}

/** Value of two hex digits at a position, or -1. */
export function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
