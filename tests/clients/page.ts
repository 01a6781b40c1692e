/**
 * The page docs/clients.md.
 *
 * @module
 */

import { type Way, WAYS } from "./client.ts";
import type { Finding } from "./judge.ts";
import type { Row } from "./try_clients.ts";

const INTRODUCTION = [
  "# Clients",
  "Written by `deno task clients`, which runs each client against a host on loopback and looks at what arrives there: " +
  "**works** means that the host got the real key, that no token reached it, and that the client saw the key neither in its " +
  "environment nor in the answer, in which the host says the key back. `tests/clients` has what is sent.",
  "- **`wispkey run`**: an https host, with nothing but the variables that `run` sets; their base URLs are not used.\n" +
  "- **base URL**: `http://localhost:7700/to/https/HOST/…` without `run` or any variable.\n" +
  "- **`http_proxy`**: an http host, with `serve --intercept` and `http_proxy=http://localhost:7700`.",
];

const CLOSING =
  "A client that is **absent** was not there when the page was written; nothing is said of it. The source is a " +
  "Debian package, or where else it comes from. The task installs libraries of npm and PyPI itself, into a temporary " +
  "directory; for the programs: `apt-get install curl wget git gh golang-go ruby default-jdk-headless python3-venv npm`.";

/** The text of the page. */
export function clientsPage(rows: readonly Row[], date: string): string {
  const notes: string[] = [];
  const cell = (finding: Finding | undefined): string => {
    if (finding === undefined || finding.verdict === "absent") return "absent";
    const words = finding.verdict === "works" ? "works" : "does not";
    if (finding.remark === "") return words;
    if (!notes.includes(finding.remark)) notes.push(finding.remark);
    return `${words} (${notes.indexOf(finding.remark) + 1})`;
  };
  const lines = rows.map(({ client, version, findings }) => {
    const cells = WAYS.map((way: Way) => cell(findings.get(way)));
    return `| ${[client.name, version ?? "", ...cells, client.source].join(" | ")} |`;
  });
  const table = [
    "| client | version | `wispkey run` | base URL | `http_proxy` | source |",
    "| --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
  const list = notes.map((note, i) => `${i + 1}. ${note}`).join("\n");
  return `${[...INTRODUCTION, `As of ${date}:`, table, list, CLOSING].filter(Boolean).join("\n\n")}\n`;
}
