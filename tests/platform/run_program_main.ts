/** Runs a program as `wispkey run` does, and ends with its exit code. */

import { giveUp } from "../../src/platform/permissions.ts";
import { currentEnvironment, startProgram } from "../../src/platform/run_program.ts";

const [command = "", ...args] = Deno.args;
const { exitCode } = startProgram({ command, args, env: currentEnvironment(), piped: false });
giveUp("run", "ffi", "sys", "env");
Deno.exit(await exitCode);
