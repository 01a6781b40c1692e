/**
 * How text is escaped by the programs that print it: JSON, HTML and URL encoders differ in what they leave as it is, so
 * each has several styles. All of it on code points and bytes.
 *
 * @module
 */

import { isUnreserved } from "../request_path.ts";
import type { ByteSink } from "./byte_sink.ts";

const LOWER_HEX = "0123456789abcdef";
const UPPER_HEX = "0123456789ABCDEF";

/** How one JSON encoder writes strings, RFC 8259 section 7. */
export interface JsonStyle {
  /** Upper case digits in `\uXXXX`. */
  readonly upper: boolean;
  /** Writes `/` as `\/`. */
  readonly slash: boolean;
  /** Writes everything beyond ASCII as `\uXXXX`. */
  readonly ascii: boolean;
  /** Further ASCII characters it writes as `\uXXXX`. */
  readonly escaped: string;
}

/** Styles seen in common encoders: JavaScript, Python, PHP, Go, .NET, Ruby. */
export const JSON_STYLES: readonly JsonStyle[] = [
  { upper: false, slash: false, ascii: false, escaped: "" },
  { upper: true, slash: false, ascii: false, escaped: "" },
  { upper: false, slash: true, ascii: false, escaped: "" },
  { upper: false, slash: false, ascii: true, escaped: "" },
  { upper: true, slash: false, ascii: true, escaped: "" },
  { upper: false, slash: true, ascii: true, escaped: "" },
  { upper: false, slash: false, ascii: false, escaped: "<>&" },
  { upper: true, slash: true, ascii: true, escaped: "<>&'\"" },
  { upper: true, slash: false, ascii: true, escaped: "<>&'\"+`" },
];

const SHORT_ESCAPES = new Map([[0x08, "b"], [0x09, "t"], [0x0a, "n"], [0x0c, "f"], [0x0d, "r"]]);

/** Writes one character as it stands inside a JSON string. */
export function writeJson(sink: ByteSink, point: number, style: JsonStyle): void {
  const listed = point < 0x80 && style.escaped.includes(String.fromCharCode(point));
  if (listed || (style.ascii && point >= 0x80)) return writeUnicodeEscape(sink, point, style.upper);
  const short = SHORT_ESCAPES.get(point);
  if (short !== undefined) return sink.ascii("\\" + short);
  if (point < 0x20) return writeUnicodeEscape(sink, point, style.upper);
  if (point === 0x22 || point === 0x5c || (style.slash && point === 0x2f)) sink.byte(0x5c);
  sink.utf8(point);
}

function writeUnicodeEscape(sink: ByteSink, point: number, upper: boolean): void {
  if (point > 0xffff) {
    writeUnicodeEscape(sink, 0xd800 + ((point - 0x10000) >> 10), upper);
    return writeUnicodeEscape(sink, 0xdc00 + (point & 0x3ff), upper);
  }
  sink.ascii("\\u");
  for (let shift = 12; shift >= 0; shift -= 4) {
    sink.ascii((upper ? UPPER_HEX : LOWER_HEX)[(point >> shift) & 15]!);
  }
}

/** How one HTML encoder writes `& < > " '`; a character that is not listed stays. */
export type HtmlStyle = Readonly<Record<string, string>>;

/** Styles of HTML encoders: named with every spelling of the apostrophe, decimal, hexadecimal in both cases. */
export const HTML_STYLES: readonly HtmlStyle[] = [
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" },
  { "&": "&amp;", "<": "&lt;", ">": "&gt;" },
  { "&": "&amp;", "<": "&lt;" },
  { "&": "&#38;", "<": "&#60;", ">": "&#62;", '"': "&#34;", "'": "&#39;" },
  { "&": "&#x26;", "<": "&#x3c;", ">": "&#x3e;", '"': "&#x22;", "'": "&#x27;" },
  { "&": "&#x26;", "<": "&#x3C;", ">": "&#x3E;", '"': "&#x22;", "'": "&#x27;" },
  {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#x27;",
    "/": "&#x2F;",
    "`": "&#x60;",
    "=": "&#x3D;",
  },
];

/** Writes one character as it stands in HTML text or an attribute. */
export function writeHtml(sink: ByteSink, point: number, style: HtmlStyle): void {
  const entity = point < 0x80 ? style[String.fromCharCode(point)] : undefined;
  if (entity === undefined) sink.utf8(point);
  else sink.ascii(entity);
}

/** Which bytes an URL encoder leaves as they are, besides letters and digits. */
export interface PercentStyle {
  /** Punctuation that stays. */
  readonly kept: string;
  /** Writes a blank as `+`. */
  readonly plus: boolean;
  /** Escapes letters and digits too. */
  readonly all?: boolean;
}

/** Styles of URL encoders: RFC 3986, `encodeURIComponent`, form, path segment, Python's `quote`, `encodeURI`, everything. */
export const PERCENT_STYLES: readonly PercentStyle[] = [
  { kept: "-._~", plus: false },
  { kept: "-._~!'()*", plus: false },
  { kept: "-._*", plus: true },
  { kept: "-._~", plus: true },
  { kept: "-._~!$&'()*+,;=:@", plus: false },
  { kept: "-._~/", plus: false },
  { kept: "-._~!'()*;,/?:@&=+$#", plus: false },
  { kept: "", plus: false, all: true },
];

/** Writes one byte as it stands in an URL. */
export function writePercent(sink: ByteSink, byte: number, style: PercentStyle, upper: boolean): void {
  if (byte === 0x20 && style.plus) return sink.byte(0x2b);
  const character = String.fromCharCode(byte);
  const plain = style.all !== true &&
    ((isUnreserved(byte) && !"-._~".includes(character)) || style.kept.includes(character));
  if (plain) return sink.byte(byte);
  sink.byte(0x25);
  writeHex(sink, byte, upper);
}

/** Writes one byte as two hexadecimal digits. */
export function writeHex(sink: ByteSink, byte: number, upper: boolean): void {
  const digits = upper ? UPPER_HEX : LOWER_HEX;
  sink.ascii(digits[byte >> 4]! + digits[byte & 15]!);
}

/** Writes one character in UTF-16. */
export function writeUtf16(sink: ByteSink, point: number, bigEndian: boolean): void {
  if (point > 0xffff) {
    writeUtf16(sink, 0xd800 + ((point - 0x10000) >> 10), bigEndian);
    return writeUtf16(sink, 0xdc00 + (point & 0x3ff), bigEndian);
  }
  sink.byte(bigEndian ? point >> 8 : point & 0xff);
  sink.byte(bigEndian ? point & 0xff : point >> 8);
}
