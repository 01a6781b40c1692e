/**
 * Ready code for a request through the proxy in base-URL mode, which every client can do. Whatever the URL holds stays data:
 * each text is quoted for its language, in ASCII.
 *
 * @module
 */

import { shellQuote } from "../core/shell_quote.ts";
import type { CallPlan } from "./call_plan.ts";

/** The same request, ways to make it. */
export interface Snippets {
  /** A POSIX shell. */
  readonly curl: string;
  /** Python 3, its standard library alone. */
  readonly python: string;
  /** Node 18 and later, as an ES module. */
  readonly node: string;
  /** The host's own URL, for a program that is started by `wispkey run`. */
  readonly wispkey_run: string;
}

/** The base URL of a host: what an SDK is given in the place of `https://HOST`. */
export function baseUrlOf(url: string, port: number): string {
  const { protocol, host } = new URL(url);
  return `http://localhost:${port}/to/${protocol.slice(0, -1)}/${host}`;
}

/** A URL led through the proxy. */
export function throughProxy(url: string, port: number): string {
  const { pathname, search } = new URL(url);
  return `${baseUrlOf(url, port)}${pathname}${search}`;
}

/** Code for a plan. */
export function snippetsFor(plan: CallPlan, port: number): Snippets {
  const url = throughProxy(plan.url, port);
  return {
    curl: curl(plan, url),
    python: python(plan, url),
    node: node(plan, url),
    wispkey_run: `wispkey run -- ${curl(plan, plan.url)}`,
  };
}

function curl({ method, headers, body }: CallPlan, url: string): string {
  const words = ["curl", "-sS"];
  if (method === "HEAD") words.push("-I");
  else if (method !== (body === null ? "GET" : "POST")) words.push("-X", shellQuote(method));
  for (const [name, value] of headers) words.push("-H", shellQuote(`${name}: ${value}`));
  if (body !== null) words.push("--data-raw", shellQuote(body));
  // Without it, curl would read brackets and braces as patterns.
  words.push("-g", "--", shellQuote(url));
  return words.join(" ");
}

function python({ method, headers, body }: CallPlan, url: string): string {
  const lines = [
    "import urllib.request",
    "",
    "request = urllib.request.Request(",
    `    ${pythonLiteral(url)},`,
  ];
  if (body !== null) lines.push(`    data=${pythonLiteral(body)}.encode(),`);
  lines.push(
    `    headers={${headers.map(([n, v]) => `${pythonLiteral(n)}: ${pythonLiteral(v)}`).join(", ")}},`,
  );
  lines.push(`    method=${pythonLiteral(method)},`, ")");
  return [
    ...lines,
    "with urllib.request.urlopen(request) as response:",
    "    print(response.read().decode())",
  ]
    .join("\n");
}

function node({ method, headers, body }: CallPlan, url: string): string {
  const lines = [`const response = await fetch(${literal(url)}, {`, `  method: ${literal(method)},`];
  lines.push(`  headers: { ${headers.map(([n, v]) => `${literal(n)}: ${literal(v)}`).join(", ")} },`);
  if (body !== null) lines.push(`  body: ${literal(body)},`);
  return [...lines, "});", "console.log(await response.text());"].join("\n");
}

/** A text as JavaScript writes it: JSON, every character beyond ASCII by its number. */
function literal(text: string): string {
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
}

/** The same for Python, where a character beyond U+FFFF is one, not two. */
function pythonLiteral(text: string): string {
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e]/gu, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
  });
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}
