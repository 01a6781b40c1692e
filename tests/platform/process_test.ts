import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { selfCommand, spawnDaemon } from "../../src/platform/process.ts";
import { permissionFlags } from "../../src/platform/permissions.ts";
import { alive, inVault, MAIN, MAIN_PATH, start, until } from "../daemon/fake_daemon.ts";

const MISBEHAVING = new URL("misbehaving_main.ts", import.meta.url).href;

/** Starts a program that is no daemon in the way a daemon is started. */
function startMisbehaving(vaultDir: string, how: string, timeoutMs = 10_000) {
  const key = new Uint8Array([1, 2, 3]);
  const starting = spawnDaemon({ vaultDir, args: [how], key, main: MISBEHAVING, timeoutMs });
  return { key, starting };
}

Deno.test("from source, the program is started with its role's permissions, its lock file, and nothing fetched", () => {
  const { command, args } = selfCommand("mcp", MAIN);
  assert.equal(command, Deno.execPath());
  assert.equal(args[0], "run");
  assert.equal(args.at(-1), MAIN_PATH);
  for (const flag of ["--no-prompt", "--cached-only", ...permissionFlags("mcp")]) {
    assert.ok(args.includes(flag), flag);
  }
  assert.deepEqual(args.filter((arg) => arg.startsWith("--allow-")), permissionFlags("mcp"));
  assert.ok(!args.includes("-A"));
});

for (
  const [how, code] of [
    ["silent", "daemon_not_started"],
    ["no json", "daemon_not_started"],
    ["serving first", "daemon_not_started"],
    ["ends after key", "daemon_not_started"],
    ["endless line", "daemon_not_started"],
    ["no utf-8", "daemon_not_started"],
    ["error", "disk_full"],
  ] as const
) {
  Deno.test(`a daemon that starts badly (${how}) is an error, the key wiped and the process gone`, () =>
    inVault(async (vaultDir) => {
      const { key, starting } = startMisbehaving(vaultDir, how);
      await assert.rejects(starting, { code });
      assert.deepEqual(key, new Uint8Array(3));
      const pid = Number(Deno.readTextFileSync(`${vaultDir}/pid`));
      await until("it has ended", () => !alive(pid));
    }));
}

Deno.test("a daemon that never serves is ended when its time is up", () =>
  inVault(async (vaultDir) => {
    const { key, starting } = startMisbehaving(vaultDir, "hangs", 1_000);
    await assert.rejects(starting, { code: "daemon_not_started" });
    assert.deepEqual(key, new Uint8Array(3));
    const pid = Number(Deno.readTextFileSync(`${vaultDir}/pid`));
    assert.equal(alive(pid), false);
  }));

Deno.test("the key goes to the daemon's stdin, byte for byte, and only once it has asked", () =>
  inVault(async (vaultDir) => {
    await assert.rejects(startMisbehaving(vaultDir, "serving first").starting);
    assert.equal(Deno.readTextFileSync(`${vaultDir}/stdin`), "");
    await assert.rejects(startMisbehaving(vaultDir, "ends after key").starting);
    assert.equal(Deno.readTextFileSync(`${vaultDir}/stdin`), "1,2,3");
  }));

Deno.test({
  name: "a spawned daemon has SIGUSR1 blocked from before its first instruction, and ignored",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inVault(async (vaultDir, pids) => {
      const { pid } = await start(vaultDir);
      pids.add(pid);
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const mask = (name: string) => BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)?.[1]}`);
      const bit = 1n << 9n; // signal 10
      const gnu = await new Deno.Command("/usr/bin/env", { args: ["--block-signal=USR1", "/bin/true"] })
        .output();
      assert.equal((mask("SigIgn") & bit) !== 0n, true);
      assert.equal((mask("SigBlk") & bit) !== 0n, gnu.success);
      for (let sent = 0; sent < 3; sent++) Deno.kill(pid, "SIGUSR1");
      assert.ok(alive(pid));
    }),
});
