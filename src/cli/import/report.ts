/**
 * What `import` shows: the review before, and the result after. Values are never shown.
 *
 * @module
 */

import { escapeText } from "../../core/name.ts";
import { describePlace } from "../../core/place.ts";
import type { ImportPlan, LeftValue, PlannedSecret } from "../../importer/plan.ts";
import type { CliIo } from "../io.ts";
import { commandLine } from "../quote.ts";
import type { SettledSecret } from "./settle.ts";

/** More rows than a person reviews. */
const ROWS_SHOWN = 200;
/** Names in one line. */
const NAMES_SHOWN = 12;

const COLUMNS = [
  { title: "LINE" },
  { title: "VARIABLE", shrinks: true, wraps: true },
  { title: "WHAT", shrinks: true, wraps: true },
  { title: "CREDENTIAL", shrinks: true, wraps: true },
  { title: "TYPE" },
  { title: "MAY GO TO", shrinks: 16, wraps: true },
];

/** The review: a row a secret, then what is left and why. */
export function review(io: CliIo, settled: readonly SettledSecret[], plan: ImportPlan): string[] {
  const rows = settled.slice(0, ROWS_SHOWN).map((secret) => {
    const { entry, verdict } = secret.planned;
    const hosts = secret.state === "new" ? hostsCell(secret.planned) : "";
    return [String(entry.line), entry.name, verdict.title, nameCell(secret), stateCell(secret), hosts];
  });
  const more = settled.length > ROWS_SHOWN ? [`… and ${settled.length - ROWS_SHOWN} more`] : [];
  const table = rows.length === 0 ? ["No secrets were found."] : io.output.table(COLUMNS, rows);
  return [...table, ...more, ...leftLines(plan.left)];
}

function nameCell(secret: SettledSecret): string {
  return secret.state === "repeated" ? "" : secret.name;
}

function stateCell(secret: SettledSecret): string {
  switch (secret.state) {
    case "new": {
      const { planned: { wanted, verdict: { type, place } }, name } = secret;
      const where = place === null ? "" : `, ${describePlace(place)}`;
      return `${type}${where}${name === wanted ? "" : " (its name was taken)"}`;
    }
    case "held":
      return "in the vault already";
    case "repeated":
      return `the same as line ${secret.first.entry.line}`;
  }
}

function hostsCell({ verdict: { hosts, reveal, provider } }: PlannedSecret): string {
  if (reveal !== null) return "run --reveal only";
  if (hosts.length > 0) return hosts.join(", ");
  return provider?.registry === true ? "nowhere yet: which registry?" : "nowhere yet";
}

function leftLines(left: readonly LeftValue[]): string[] {
  if (left.length === 0) return [];
  const byReason = Map.groupBy(left, ({ why }) => why);
  return [
    "",
    "Left as they are:",
    ...[...byReason].map(([why, values]) => {
      const names = values.slice(0, NAMES_SHOWN).map(({ entry }) => escapeText(entry.name)).join(", ");
      const more = values.length > NAMES_SHOWN ? ` and ${values.length - NAMES_SHOWN} more` : "";
      return `  ${names}${more} (${why})`;
    }),
  ];
}

/** A plan for programs. */
export interface PlanJson {
  /** A row a secret, in the order of the source. */
  credentials: Record<string, unknown>[];
  /** A row for each value that stays. */
  left: { variable: string; line: number; why: string }[];
}

/** What was or would be done, for programs. Tokens are there once something was kept. */
export function planJson(
  settled: readonly SettledSecret[],
  plan: ImportPlan,
  tokens: ReadonlyMap<PlannedSecret, string> | null,
): PlanJson {
  return {
    credentials: settled.map((secret) => {
      const { planned } = secret;
      const { entry, verdict } = planned;
      const first = secret.state === "repeated" ? secret.first : undefined;
      const origin = settled.find((other) => other.planned === (first ?? planned));
      return {
        variable: entry.name,
        line: entry.line,
        state: secret.state,
        credential: origin !== undefined && origin.state !== "repeated" ? origin.name : null,
        provider: verdict.provider?.id ?? null,
        what: verdict.title,
        type: verdict.type,
        place: verdict.place,
        hosts: verdict.hosts,
        run_reveal_only: verdict.reveal,
        ...(tokens === null ? {} : { wisp_token: tokens.get(planned) ?? null }),
      };
    }),
    left: plan.left.map(({ entry, why }) => ({ variable: entry.name, line: entry.line, why })),
  };
}

/**
 * What to know afterwards: what works only through `run --reveal`, what may go nowhere yet, what was not compared.
 *
 * @param file a `.env` file that holds the tokens now; null if there is none
 */
export function adviceLines(
  settled: readonly SettledSecret[],
  project: string,
  file: string | null,
): string[] {
  const lines: string[] = [];
  const option = project === "default" ? [] : ["--project", project];
  const fresh = settled.filter((secret) => secret.state === "new");
  for (const [why, secrets] of Map.groupBy(fresh, ({ planned }) => planned.verdict.reveal)) {
    if (why === null) continue;
    const names = secrets.map(({ name }) => name);
    lines.push(`${listed(names)}: ${why}. It works through: ${revealLine(secrets[0], file, option)} PROGRAM`);
  }
  const nowhere = fresh.filter(({ planned: { verdict } }) =>
    verdict.reveal === null && verdict.hosts.length === 0
  );
  if (nowhere.length > 0) {
    const names = nowhere.map(({ name }) => name);
    lines.push(
      `${listed(names)}: no hosts are known, so the proxy lets it go nowhere yet. To say where: ${
        commandLine("wispkey", "edit", names[0] ?? "", ...option, "--hosts")
      } HOST`,
    );
  }
  const guessed = settled.filter((secret) => secret.state === "held" && !secret.compared);
  if (guessed.length > 0) {
    const names = guessed.map(({ planned }) => planned.wanted);
    lines.push(
      `${
        listed(names)
      }: taken for the same as before by name alone, because short values are not compared. ` +
        `If it changed: ${commandLine("wispkey", "rotate", names[0] ?? "", ...option, "--value-prompt")}`,
    );
  }
  return lines;
}

/** The beginning of a command that gives a program the real value: by the file, else by a variable of its own. */
function revealLine(
  secret: Extract<SettledSecret, { state: "new" }> | undefined,
  file: string | null,
  option: readonly string[],
): string {
  if (file !== null) return commandLine("wispkey", "run", "--reveal", ...option, "--env-file", file, "--");
  const variable = secret?.planned.entry.name ?? "";
  const named = /^[A-Za-z_]\w*$/.test(variable) ? variable : "VARIABLE";
  return commandLine(
    "wispkey",
    "run",
    "--reveal",
    ...option,
    "--set",
    `${named}=${secret?.name ?? ""}`,
    "--",
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(escapeText).join(", ");
  return names.length > NAMES_SHOWN ? `${shown} and ${names.length - NAMES_SHOWN} more` : shown;
}
