/**
 * SIGUSR1 makes the runtime open an inspector, over which anybody of the same machine runs code in the process, permissions
 * or not.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";
import { CAN_LOOK, comesTrue, listening } from "./processes.ts";

Deno.test({
  name: "the daemon, and a command that waits, open no debugger for a signal, as any other program does",
  ignore: !CAN_LOOK,
  async fn() {
    const naive = new Deno.Command(Deno.execPath(), {
      args: ["eval", "console.log('up'); setInterval(() => {}, 1000)"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await using home = await Home.withVault();
    await using api = new Api();
    const { credential } = await home.json(
      "add",
      "k",
      "--value",
      "a-value-of-some-length",
      "--hosts",
      api.host,
    );
    const attached = home.command(["serve", "--random-port", "--json"]).spawn();
    const output = attached.stdout.getReader();
    const { value } = await output.read();
    const { address, pid } = JSON.parse(new TextDecoder().decode(value).split("\n")[0] ?? "");
    const targets = [pid as number, attached.pid];
    try {
      const before = await Promise.all(targets.map(listening));
      // The runtime puts its handler in place half a second after start; before, the signal ends a naive process.
      await new Promise((resolve) => setTimeout(resolve, 700));
      naive.kill("SIGUSR1");
      assert.ok(
        await comesTrue(async () => (await listening(naive.pid)).length > 0),
        "the attack does not even work on a naive process",
      );
      for (let i = 0; i < 3; i++) {
        for (const target of targets) Deno.kill(target, "SIGUSR1");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.deepEqual(await Promise.all(targets.map(listening)), before, "nothing new listens");
      const answer = await through(address, `http://${api.host}/`, {
        Authorization: `Bearer ${credential.wisp_token}`,
      });
      await answer.body?.cancel();
      assert.equal(answer.status, 200, "and work goes on");
    } finally {
      naive.kill("SIGKILL");
      await Promise.all([naive.status, naive.stdout.cancel()]);
      attached.kill("SIGTERM");
      await attached.status;
      await output.cancel();
      await attached.stderr.cancel();
    }
  },
});
