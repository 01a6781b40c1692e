/**
 * Tries every client of tests/clients and writes docs/clients.md: `deno task clients`. Libraries of npm and PyPI are installed
 * into a temporary directory; what cannot be had is reported as absent. Ends with 1 if a client does what the table does not
 * know.
 *
 * @module
 */

import { join } from "node:path";
import { CLIENTS } from "../tests/clients/clients.ts";
import { NPM_PACKAGES, PYTHON_PACKAGES } from "../tests/clients/packages.ts";
import { clientsPage } from "../tests/clients/page.ts";
import { Stage } from "../tests/clients/stage.ts";
import { installTools } from "../tests/clients/tools.ts";
import { lineOf, type Row, surprises, tryClient } from "../tests/clients/try_clients.ts";
import { ROOT } from "./lib/program.ts";

/** Tries all and writes the page; answers the exit code. */
export async function main(): Promise<number> {
  const directory = await Deno.makeTempDir({ prefix: "wk-clients-" });
  try {
    console.log("installing libraries …");
    const tools = await installTools(directory, { npm: NPM_PACKAGES, pip: PYTHON_PACKAGES });
    for (const failure of tools.failed) console.log(`absent: ${failure}`);
    await using stage = await Stage.create();
    const rows: Row[] = [];
    for (const client of CLIENTS) {
      const row = await tryClient(stage, tools, client);
      console.log(lineOf(row));
      rows.push(row);
    }
    const unexpected = surprises(rows);
    for (const surprise of unexpected) console.error(surprise);
    if (unexpected.length > 0) return 1;
    const page = join(ROOT, "docs", "clients.md");
    await Deno.writeTextFile(page, clientsPage(rows, new Date().toISOString().slice(0, 10)));
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", page] }).output();
    return 0;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
