/**
 * `wispkey log`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import type { AuditFilter, AuditRow } from "../../core/audit.ts";
import { logPages, newestFirst } from "../../core/audit_pages.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { recordRequests } from "../../core/policy/record.ts";
import type { CliIo } from "../io.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { shortTime } from "../time.ts";
import { rowJson, statusText, targetText } from "../vault/log_row.ts";
import { CSV_HEADER, csvLine } from "./csv.ts";
import { filterOf } from "./filter.ts";

/** Options of `log`. */
export interface LogOptions {
  /** Which rows. */
  filter: AuditFilter;
  /** Whether to go on with the rows that come. */
  follow: boolean;
  /** How to print them; `default` is a table, or JSON with `--json`. */
  form: "default" | "csv" | "ndjson" | "policy-test";
}

/** How often to look for rows that came, milliseconds. */
const FOLLOW_MS = 300;
const DEFAULT_LAST = 50;

const COLUMNS = [
  { title: "TIMESTAMP" },
  { title: "EVENT" },
  { title: "CREDENTIAL", shrinks: true },
  { title: "TARGET", shrinks: 14, wraps: true },
  { title: "STATUS", shrinks: 14, wraps: true },
];

/** Shows the log, newest first. */
export const log: Verb<LogOptions> = {
  parse(args, io) {
    args.exclusive("csv", "ndjson", "as-policy-test");
    args.exclusive("follow", "as-policy-test");
    const form = args.flag("as-policy-test")
      ? "policy-test"
      : args.flag("csv")
      ? "csv"
      : args.flag("ndjson")
      ? "ndjson"
      : "default";
    return {
      filter: { ...filterOf(args, io), last: args.integer("last") ?? DEFAULT_LAST },
      follow: args.flag("follow"),
      form,
    };
  },

  async run({ filter, follow, form }, io) {
    await requireVault(io, "show the log");
    if (form === "csv") await io.output.stdout.write(CSV_HEADER);
    const found = newestFirst(readPages(io, filter));
    if (!follow && (form === "csv" || form === "ndjson")) {
      for await (const row of found) await writeRow(io, form, row);
      return ExitCode.done;
    }
    const rows = await Array.fromAsync(found);
    if (form === "policy-test") return await writePolicyTest(io, rows);
    if (follow) return await followLog(io, filter, form, rows.reverse());
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

async function writePolicyTest(io: CliIo, rows: readonly AuditRow[]): Promise<ExitCode> {
  const { text, requests, leftOut } = recordRequests(rows);
  await io.output.result({ requests, left_out: leftOut, text }, [text.trimEnd()]);
  if (leftOut > 0) {
    await io.output.warn(`left out, because their URLs are not whole in the log: ${countOf(leftOut, "use")}`);
  }
  return ExitCode.done;
}

/** From the daemon, which knows rows that are still on their way into the file; from the file where there is none. */
async function* readPages(io: CliIo, filter: AuditFilter): AsyncGenerator<AuditRow[], void> {
  const daemon = await connectUnlocked(io);
  if (daemon === null) return yield* logPages((part) => io.backend.readLog(part), filter);
  try {
    yield* logPages(async (part) => (await daemon.call("audit.query", part)).result, filter);
  } finally {
    daemon.close();
  }
}

/** Prints rows as they come, until Ctrl-C. The file is read, so that looking does not keep the vault open. */
async function followLog(
  io: CliIo,
  { last: _last, until: _until, ...filter }: AuditFilter,
  form: LogOptions["form"],
  first: readonly AuditRow[],
): Promise<ExitCode> {
  const interrupt = io.catchInterrupt();
  try {
    let afterSeq = (await io.backend.readLog({ last: 1 })).rows[0]?.seq ?? 0;
    for (const row of first) {
      afterSeq = Math.max(afterSeq, row.seq);
      await writeRow(io, form, row);
    }
    while (!interrupt.signal.aborted) {
      for await (const rows of logPages((part) => io.backend.readLog(part), { ...filter, afterSeq })) {
        for (const row of rows) await writeRow(io, form, row);
        afterSeq = rows.at(-1)?.seq ?? afterSeq;
      }
      await pause(FOLLOW_MS, interrupt.signal);
    }
    return ExitCode.done;
  } finally {
    interrupt.release();
  }
}

async function writeRow(io: CliIo, form: LogOptions["form"], row: AuditRow): Promise<void> {
  if (form === "csv") return await io.output.stdout.write(csvLine(rowJson(row)));
  if (form === "ndjson" || io.output.json) return await io.output.jsonLine(rowJson(row));
  const parts = [shortTime(row.at), row.event, row.credential ?? "", targetText(row), statusText(row)];
  await io.output.stdout.write(`${escapeText(parts.filter((part) => part !== "").join("  "))}\n`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = () => {
    clearTimeout(timer);
    resolve();
  };
  signal.addEventListener("abort", end, { once: true });
  return promise.finally(() => signal.removeEventListener("abort", end));
}
