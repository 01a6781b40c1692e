/** A process that hardens itself (or, told `plain`, does not), reports, then waits idle or busy until it is killed. */
import { harden } from "../../src/platform/harden.ts";

const [mode, load] = Deno.args;
const report = mode === "plain" ? null : await harden();
console.log(JSON.stringify({
  report,
  ffi: Deno.permissions.querySync({ name: "ffi" }).state,
  sys: Deno.permissions.querySync({ name: "sys" }).state,
}));
setInterval(() => {}, 60_000);
while (load === "busy") {
  // A loop that never yields, in turns short enough for the first line to get out.
  const until = performance.now() + 5_000;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 0));
}
