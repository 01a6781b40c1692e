/**
 * WispKey: arguments in, exit code out.
 *
 * @module
 */

import { keepOnly } from "./src/platform/permissions.ts";

if (import.meta.main) {
  const [role, ...rest] = Deno.args;
  if (role === "daemon") {
    const { daemonMain } = await import("./src/daemon/main.ts");
    Deno.exit(await daemonMain(rest));
  }
  // An agent waits for the guard before each of its steps, so it loads nothing of the other commands.
  if (role === "guard" && !rest.some((arg) => arg === "-h" || arg === "--help")) {
    keepOnly("guard");
    const { guardMain } = await import("./src/guard/main.ts");
    Deno.exit(await guardMain(rest));
  }
  keepOnly("command");
  const { runProgram } = await import("./src/cli/program.ts");
  const { realSurroundings } = await import("./src/cli/real.ts");
  Deno.exit(await runProgram(Deno.args, realSurroundings()));
}
