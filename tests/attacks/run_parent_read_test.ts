import assert from "node:assert/strict";
import { homeWithTwo, LivingCaller } from "./living_caller.ts";

Deno.test("a program finds no password and no secret in what started it, and cannot open its debugger", async () => {
  const { home } = await homeWithTwo("api.example.com");
  await using _home = home;
  await using caller = await LivingCaller.start(home, "--only", "a", "--set", "KEY=a");
  const all = [...caller.env].join("\n");
  assert.ok(!all.includes(home.password) && !all.includes("the-secret-value-of"));
  assert.ok(caller.env.get("KEY")?.startsWith("wk_a_"));
  if (Deno.build.os !== "linux") return;
  const argv = await Deno.readTextFile(`/proc/${caller.pid}/cmdline`);
  assert.ok(
    !argv.includes(home.password) && !argv.includes(caller.secret) && !argv.includes("the-secret-value"),
  );
  // What the kernel says of a process that others of its user may not read: it belongs to root, and is not dumped.
  const status = await Deno.readTextFile(`/proc/${caller.pid}/status`);
  const ignored = BigInt(`0x${/^SigIgn:\s*(\w+)/m.exec(status)?.[1]}`);
  assert.notEqual(ignored & (1n << 9n), 0n, "SIGUSR1, which opens the debugger, is thrown away");
  assert.equal((await Deno.stat(`/proc/${caller.pid}/environ`)).uid, 0);
  Deno.kill(caller.pid, "SIGUSR1");
  assert.equal(
    await caller.ask("http://127.0.0.1:9/", "wk_none_0000000000000000"),
    "403 unknown_token",
    "and goes on as if nothing had come",
  );
});
