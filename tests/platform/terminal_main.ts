/** Asks on the terminal what its arguments say and prints what it understood. */
import { WispKeyError } from "../../src/core/errors.ts";
import { confirm, readSecret, terminals, terminalWidth } from "../../src/platform/terminal.ts";

try {
  for (const question of Deno.args) {
    if (question === "secret") console.log(`got:${(await readSecret("Password: ", 20)).toHex()}`);
    if (question === "confirm") console.log(`confirmed:${await confirm("Really?")}`);
    if (question === "facts") {
      console.log(`facts:${JSON.stringify(terminals())} width:${terminalWidth() > 0}`);
    }
  }
} catch (error) {
  if (!(error instanceof WispKeyError)) throw error;
  console.log(`error:${error.code}:${error.exitCode}`);
}
