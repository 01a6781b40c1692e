/**
 * CSV as password managers export it (RFC 4180): a row of headings, then a row an item.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import type { Span } from "../splice.ts";
import { hostOfUrl } from "./hosts.ts";
import { LineCounter, type SourceEntry } from "./types.ts";

interface Field {
  value: string;
  /** Without its quotes. */
  span: Span;
}

/** Headings as the programs write them, in lower case without signs. */
const HEADINGS = {
  title: ["title", "name", "key", "secretkey", "account", "itemname"],
  address: ["url", "urls", "loginuri", "website", "uri", "weblogin"],
  secret: ["password", "loginpassword", "value", "secretvalue", "secret", "token"],
  code: ["totp", "logintotp", "otpauth", "otp"],
} as const;

/** The secrets of a CSV. */
export function readCsv(text: string): SourceEntry[] {
  const rows = [...rowsOf(text)];
  const headings = rows.shift()?.map(({ value }) => value.toLowerCase().replace(/[^a-z0-9]/g, "")) ?? [];
  const column = (names: readonly string[]) => headings.findIndex((heading) => names.includes(heading));
  const [title, address, secret, code] = [
    column(HEADINGS.title),
    column(HEADINGS.address),
    column(HEADINGS.secret),
    column(HEADINGS.code),
  ];
  if (title < 0 || secret < 0) {
    throw new FailedError(
      "cannot read the source: its headings name no column of names and none of secrets",
      {
        code: "source_unreadable",
        hint: "the first line must hold headings such as name,url,username,password",
      },
    );
  }
  const lines = new LineCounter(text);
  return rows.flatMap((row) => {
    const name = row[title]?.value ?? "";
    const host = hostOfUrl((row[address]?.value ?? "").split(/[\s,]/)[0] ?? "");
    return ([[secret, ""], [code, ".totp"]] as const).flatMap(([index, suffix]) => {
      const field = index < 0 ? undefined : row[index];
      if (field === undefined || field.value === "") return [];
      const { value, span } = field;
      return [{
        name: `${name}${suffix}`,
        value,
        line: lines.lineOf(span.start),
        // A list of names and values may hold settings; a column of passwords holds none.
        ...(headings[secret] === "value" ? {} : { certain: true }),
        ...(host === null ? {} : { hosts: [host] }),
        swap: (token: string) => ({ span, text: token }),
      }];
    });
  });
}

/** Rows of fields. Quoted fields may hold line ends and doubled quotes. */
function* rowsOf(text: string): Generator<Field[], void> {
  let row: Field[] = [];
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (at < text.length) {
    const field = text[at] === '"' ? quoted(text, at) : bare(text, at);
    row.push(field.field);
    at = field.next;
    if (text[at] === ",") {
      at++;
      if (at < text.length) continue;
      row.push({ value: "", span: { start: at, end: at } });
    }
    if (text.startsWith("\r\n", at)) at += 2;
    else if (at < text.length) at++;
    if (row.length > 1 || row[0]?.value !== "") yield row;
    row = [];
  }
}

function bare(text: string, start: number): { field: Field; next: number } {
  let end = start;
  while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end++;
  return { field: { value: text.slice(start, end), span: { start, end } }, next: end };
}

function quoted(text: string, start: number): { field: Field; next: number } {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
  if (end < 0) end = text.length;
  const span = { start: start + 1, end };
  const value = text.slice(span.start, span.end).replaceAll('""', '"');
  let next = end + 1;
  // What follows a closing quote, against the rules, belongs to nothing.
  while (next < text.length && text[next] !== "," && text[next] !== "\n" && text[next] !== "\r") next++;
  return { field: { value, span }, next: Math.min(next, text.length) };
}
