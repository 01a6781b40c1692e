/**
 * The daemon's own entry: `wispkey daemon`, started by `init`, `unlock` and `serve`, never by a person.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { DEFAULT_PROJECT } from "../core/credential.ts";
import { VERSION } from "../core/version.ts";
import { startLogging } from "../platform/logging.ts";
import { parseLogFilter } from "../platform/log_filter.ts";
import { vaultDirectory, vaultFiles } from "../platform/paths.ts";
import { keepOnly } from "../platform/permissions.ts";
import { takeFallbacks } from "./fallbacks.ts";
import { runDaemon } from "./lifecycle.ts";
import { VaultCore } from "./vault_core.ts";

/**
 * Runs the daemon to its end; see `lifecycle.ts` for what it says on stdout.
 *
 * @param args `--scope=PROJECT` or `--all-projects`, `--timeout=MINUTES`
 * @returns the process's exit code
 */
export async function daemonMain(args: readonly string[]): Promise<number> {
  keepOnly("daemon");
  const { values } = parseArgs({
    args: [...args],
    options: {
      "scope": { type: "string", default: DEFAULT_PROJECT },
      "all-projects": { type: "boolean", default: false },
      "timeout": { type: "string", default: "30" },
    },
  });
  const vaultDir = vaultDirectory();
  const fallbacks = takeFallbacks(Deno.env);
  return await runDaemon({
    vaultDir,
    version: VERSION,
    startLogging: () =>
      startLogging({
        filter: parseLogFilter(Deno.env.get("WISPKEY_LOG") ?? "", "info"),
        file: vaultFiles(vaultDir).daemonLog,
      }),
    core: () =>
      new VaultCore({
        directory: vaultDir,
        scope: values["all-projects"] ? null : values.scope,
        version: VERSION,
        timeoutMinutes: Number(values.timeout),
        fallbacks,
      }),
  });
}
