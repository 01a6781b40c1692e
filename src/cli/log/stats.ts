/**
 * `wispkey log stats`.
 *
 * @module
 */

import type { AuditFilter, AuditRow } from "../../core/audit.ts";
import { logPages } from "../../core/audit_pages.ts";
import { ExitCode } from "../../core/errors.ts";
import type { CliIo } from "../io.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { rfc3339 } from "../time.ts";
import { filterOf } from "./filter.ts";

/** Lines shown of each table. */
const SHOWN = 10;
/** Columns of the longest bar, where there is room. */
const LONGEST_BAR = 40;

interface Count {
  name: string;
  uses: number;
  denied: number;
}

/** Counts uses and refusals by credential, host and day. */
export const logStats: Verb<AuditFilter> = {
  parse: filterOf,

  async run(filter, io) {
    await requireVault(io, "count the log");
    const tables = await count(logPages((part) => io.backend.readLog(part), filter));
    const lines = Object.entries(tables).flatMap(([title, counts]) => {
      const shown = title === "day" ? counts.slice(-SHOWN) : counts.slice(0, SHOWN);
      return [...chart(io, title.toUpperCase(), shown), ""];
    });
    await io.output.result(
      { credentials: tables.credential, hosts: tables.host, days: tables.day },
      lines.slice(0, -1),
    );
    return ExitCode.done;
  },
};

async function count(
  pages: AsyncIterable<readonly AuditRow[]>,
): Promise<Record<"credential" | "host" | "day", Count[]>> {
  const maps = {
    credential: new Map<string, Count>(),
    host: new Map<string, Count>(),
    day: new Map<string, Count>(),
  };
  const add = (row: AuditRow) => {
    const keys = { credential: row.credential, host: row.host, day: rfc3339(row.at)?.slice(0, 10) };
    for (const by of ["credential", "host", "day"] as const) {
      const name = keys[by];
      if (name === undefined) continue;
      let entry = maps[by].get(name);
      if (entry === undefined) maps[by].set(name, entry = { name, uses: 0, denied: 0 });
      if (row.denied === true) entry.denied++;
      else entry.uses++;
    }
  };
  for await (const page of pages) {
    for (const row of page) if (row.event === "CredentialUsed" || row.denied === true) add(row);
  }
  const most = (counts: Map<string, Count>) =>
    [...counts.values()].sort((a, b) => b.uses + b.denied - a.uses - a.denied || (a.name < b.name ? -1 : 1));
  const day = [...maps.day.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  return { credential: most(maps.credential), host: most(maps.host), day };
}

function chart(io: CliIo, title: string, counts: readonly Count[]): string[] {
  const greatest = Math.max(1, ...counts.map(({ uses, denied }) => uses + denied));
  const { terminal, columns } = io.output.stdout;
  const longest = Math.min(LONGEST_BAR, Math.max(5, columns - 50));
  // Bars are for the eye; what reads a pipe wants the numbers.
  const bar = (of: number): string[] => terminal ? ["█".repeat(Math.ceil(of / greatest * longest))] : [];
  return io.output.table(
    [{ title, shrinks: true }, { title: "USES" }, { title: "DENIED" }, ...(terminal ? [{ title: "" }] : [])],
    counts.map(({ name, uses, denied }) => [name, String(uses), String(denied), ...bar(uses + denied)]),
  );
}
