/**
 * `wispkey log export`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import type { AuditFilter, AuditRow } from "../../core/audit.ts";
import { logPages } from "../../core/audit_pages.ts";
import { utf8 } from "../../core/bytes.ts";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { rowJson } from "../vault/log_row.ts";
import { CSV_HEADER, csvLine } from "./csv.ts";
import { filterOf } from "./filter.ts";

/** Options of `log export`. */
export interface LogExportOptions {
  /** The file; `-` = standard output. */
  path: string;
  /** Which rows. */
  filter: AuditFilter;
  /** How to write them. */
  form: "ndjson" | "csv";
  /** Replace a file that is there. */
  force: boolean;
}

/** Writes rows of the log to a file or to standard output, oldest first. */
export const logExport: Verb<LogExportOptions> = {
  parse(args, io) {
    args.exclusive("csv", "ndjson");
    return {
      path: args.positional(0),
      filter: filterOf(args, io),
      form: args.flag("csv") ? "csv" : "ndjson",
      force: args.flag("force"),
    };
  },

  async run(options, io) {
    if (options.path !== "-") await checkFree(io, options);
    return await withVault(io, "export the log", async (vault) => {
      const rows = options.path === "-"
        ? await writeRows(vault, options, (text) => io.output.stdout.write(text))
        : await writeFile(io, vault, options);
      const { path, form } = options;
      const where = path === "-" ? "standard output" : escapeText(path);
      const line = `Exported ${countOf(rows, "row")} to ${where}.`;
      // Standard output holds the rows and nothing else.
      if (path === "-") await io.output.note(line);
      else await io.output.result({ ok: true, output: path, form, rows }, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};

async function checkFree(io: CliIo, { path, force }: LogExportOptions): Promise<void> {
  if (force || !(await io.files.exists(path))) return;
  throw new FailedError(`cannot export the log: there is a file '${escapeText(path)}' already`, {
    code: "file_exists",
    hint: "name another file, or add --force",
  });
}

async function writeFile(io: CliIo, vault: VaultClient, options: LogExportOptions): Promise<number> {
  const file = await io.files.create(options.path);
  try {
    const rows = await writeRows(vault, options, (text) => file.write(utf8(text)));
    await checkFree(io, options); // It may have come meanwhile.
    await file.commit();
    return rows;
  } catch (error) {
    await file.abort();
    throw error;
  }
}

/** Writes page by page; answers how many rows there were. */
async function writeRows(
  vault: VaultClient,
  { path, filter, form }: LogExportOptions,
  write: (text: string) => Promise<void>,
): Promise<number> {
  const { after, through } = (await vault.call("audit.export", {
    form,
    target: path === "-" ? "stdout" : "file",
    filtered: Object.keys(filter).length > 0,
  })).result;
  const line = (row: AuditRow) =>
    form === "csv" ? csvLine(rowJson(row)) : `${JSON.stringify(rowJson(row))}\n`;
  if (form === "csv") await write(CSV_HEADER);
  let count = 0;
  const read = async (part: AuditFilter) => (await vault.call("audit.query", part)).result;
  for await (const rows of logPages(read, { ...filter, afterSeq: after, upToSeq: through })) {
    if (rows.length > 0) await write(rows.map(line).join(""));
    count += rows.length;
  }
  return count;
}
