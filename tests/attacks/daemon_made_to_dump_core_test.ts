/** A process that is made to crash leaves its memory in a file, keys and all. */

import assert from "node:assert/strict";
import { gone, Home } from "../e2e/harness.ts";
import { CAN_LOOK } from "./processes.ts";

Deno.test({
  name: "a daemon that is made to crash leaves no core file, as a naive process does",
  ignore: !CAN_LOOK,
  async fn() {
    await using home = await Home.withVault();
    const pid = await home.daemonPid();
    assert.ok(pid !== undefined);
    const directory = `${home.directory}/crash`;
    await Deno.mkdir(directory);
    const naive = await new Deno.Command("/bin/sh", {
      args: ["-c", "ulimit -c unlimited; grep 'Max core' /proc/$$/limits; kill -ABRT $$"],
      cwd: directory,
      stderr: "null",
    }).output();
    assert.match(new TextDecoder().decode(naive.stdout), /unlimited/, "a naive process may leave one");
    const pattern = (await Deno.readTextFile("/proc/sys/kernel/core_pattern")).trim();
    const cores = async (path: string) =>
      (await Array.fromAsync(Deno.readDir(path))).filter((entry) => /^core/.test(entry.name));
    // Where cores are piped elsewhere, or are switched off for the machine, only the limits can be compared.
    if (/^core(?:\.%p)?$/.test(pattern)) assert.equal((await cores(directory)).length, 1, "and does");

    assert.match(await Deno.readTextFile(`/proc/${pid}/limits`), /Max core file size\s+0\s+0\s/);
    const workingDirectory = await Deno.readLink(`/proc/${pid}/cwd`);
    const before = await cores(workingDirectory);
    Deno.kill(pid, "SIGABRT");
    await gone(pid);
    assert.deepEqual(await cores(workingDirectory), before);
    assert.deepEqual(await cores(home.vault), []);
  },
});
