/**
 * WispKey: arguments in, exit code out.
 *
 * @module
 */

import { runProgram } from "./src/cli/program.ts";
import { realSurroundings } from "./src/cli/real.ts";
import { keepOnly } from "./src/platform/permissions.ts";

if (import.meta.main) {
  const [role, ...rest] = Deno.args;
  if (role === "daemon") {
    const { daemonMain } = await import("./src/daemon/main.ts");
    Deno.exit(await daemonMain(rest));
  }
  keepOnly("command");
  Deno.exit(await runProgram(Deno.args, realSurroundings()));
}
