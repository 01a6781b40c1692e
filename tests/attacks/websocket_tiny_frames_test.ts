import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("websocket_tiny_frames.ts", import.meta.url));

Deno.test("a message in very many very small frames takes no more memory than its bytes", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--v8-flags=--max-old-space-size=48", SCRIPT],
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr).slice(-500));
  assert.match(new TextDecoder().decode(stdout), /^\d{6} frames/);
});
