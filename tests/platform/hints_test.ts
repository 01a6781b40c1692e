import assert from "node:assert/strict";
import { endingHint, vaultPathHint } from "../../src/platform/hints.ts";

Deno.test("hints hold the commands of the system they are read on", () => {
  assert.match(endingHint(12, "linux"), /: ps -p 12; kill 12$/);
  assert.match(endingHint(12, "darwin"), /: ps -p 12; kill 12$/);
  assert.match(endingHint(12, "windows"), /: tasklist \/fi "PID eq 12"; taskkill \/f \/pid 12$/);
  assert.match(endingHint(undefined, "linux"), /pgrep/);
  assert.ok(!/pgrep|kill/.test(endingHint(undefined, "windows")));
  assert.match(vaultPathHint("darwin"), /^export WISPKEY_VAULT_PATH=\//);
  assert.match(vaultPathHint("windows"), /^\$env:WISPKEY_VAULT_PATH = 'C:\\path\\to\\vault'$/);
});
