/**
 * WispKey: arguments in, exit code out.
 *
 * @module
 */

import { runProgram } from "./src/cli/program.ts";
import { realSurroundings } from "./src/cli/real.ts";
import { keepOnly } from "./src/platform/permissions.ts";

if (import.meta.main) {
  keepOnly("command");
  Deno.exit(await runProgram(Deno.args, realSurroundings(() => Promise.resolve())));
}
