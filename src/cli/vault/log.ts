/**
 * `wispkey log`.
 *
 * @module
 */

import type { AuditFilter, AuditRow } from "../../core/audit.ts";
import { ExitCode } from "../../core/errors.ts";
import type { CliIo } from "../io.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { DAY_MS, parseDay, shortTime } from "../time.ts";
import { rowJson, statusText, targetText } from "./log_row.ts";

const DEFAULT_LAST = 50;

const COLUMNS = [
  { title: "TIMESTAMP" },
  { title: "EVENT" },
  { title: "CREDENTIAL", shrinks: true },
  { title: "TARGET", shrinks: true },
  { title: "STATUS" },
];

/** Shows the log, newest first. */
export const log: Verb<AuditFilter> = {
  parse(args) {
    const credential = args.text("credential");
    const since = args.text("since");
    const until = args.text("until");
    return {
      last: args.integer("last") ?? DEFAULT_LAST,
      ...(credential === undefined ? {} : { credential }),
      ...(since === undefined ? {} : { since: parseDay(since, "since") }),
      ...(until === undefined ? {} : { until: parseDay(until, "until") + DAY_MS }),
    };
  },

  async run(filter, io) {
    await requireVault(io, "show the log");
    // Results are written in bulk after their uses, so a row's number does not tell when it happened.
    const rows = (await readRows(io, filter)).sort((a, b) => b.at - a.at || b.seq - a.seq);
    const json = { entries: rows.map(rowJson) };
    if (rows.length === 0) {
      await io.output.result(json, []);
      await io.output.note("No entries.");
      return ExitCode.done;
    }
    const lines = io.output.table(
      COLUMNS,
      rows.map((
        row,
      ) => [shortTime(row.at), row.event, row.credential ?? "", targetText(row), statusText(row)]),
    );
    const count = rows.length === 1 ? "1 entry" : `${rows.length} entries`;
    await io.output.result(json, io.output.quiet ? lines : [...lines, "", count]);
    return ExitCode.done;
  },
};

async function readRows(io: CliIo, filter: AuditFilter): Promise<AuditRow[]> {
  const daemon = await connectUnlocked(io);
  if (daemon === null) return await io.backend.readLog(filter);
  try {
    return (await daemon.call("audit.query", filter)).result.rows;
  } finally {
    daemon.close();
  }
}
