import assert from "node:assert/strict";
import { gone, Home, isAlive } from "./harness.ts";

/** Rounds of killing; `deno task soak` asks for more. */
const ROUNDS = Number(Deno.env.get("WISPKEY_CRASH_ROUNDS") ?? "12");

/** Lets a command run for a random time, then kills it; true if it ended by itself before. */
async function killedAtRandom(home: Home, args: readonly string[], withinMs: number): Promise<boolean> {
  const child = home.command(args).spawn();
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It ended in the same moment; then nothing was killed.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }, Math.random() * withinMs);
  const { code } = await child.output();
  clearTimeout(timer);
  return !killed && code === 0;
}

Deno.test(`commands killed at random points (${ROUNDS} rounds) lose nothing that was committed`, async () => {
  await using home = await Home.withVault();
  const committed = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const name = `k${round}`;
    const finished = await killedAtRandom(home, ["add", name, "--value", `value-${round}`, "--json"], 160);
    if (finished) committed.add(name);
    if (round % 4 === 3) {
      const victim = `k${round - 1}`;
      if (await killedAtRandom(home, ["remove", victim, "--yes"], 160)) committed.delete(victim);
      else if (!(await names(home)).has(victim)) committed.delete(victim);
    }
  }
  const present = await names(home);
  for (const name of committed) assert.ok(present.has(name), `${name} was committed and is gone`);
  assert.equal((await home.run(["doctor"])).code, 0);
});

Deno.test(`a daemon killed at random points (${ROUNDS} rounds) leaves a vault that opens, and the next command works`, async () => {
  await using home = await Home.withVault();
  const committed: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const pid = await home.daemonPid();
    assert.ok(pid !== undefined);
    const name = `k${round}`;
    const adding = home.run(["add", name, "--value", `value-${round}`]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
    if (isAlive(pid)) Deno.kill(pid, "SIGKILL");
    await gone(pid);
    // Without a daemon the command may still have opened the vault itself: its exit code tells.
    if ((await adding).code === 0) committed.push(name);
    await home.ok("unlock");
    const present = await names(home);
    for (const each of committed) assert.ok(present.has(each), `${each} was committed and is gone`);
  }
  assert.equal((await home.run(["doctor"])).code, 0);
});

Deno.test("init killed at random points leaves either no vault or one that opens", async () => {
  for (let round = 0; round < Math.ceil(ROUNDS / 3); round++) {
    await using home = await Home.create();
    await killedAtRandom(home, ["init"], 400);
    const again = await home.run(["init"]);
    assert.ok(again.code === 0 || /exists/.test(again.stderr), again.stderr);
    await home.ok("unlock");
    await home.ok("add", "k", "--value", "v");
  }
});

Deno.test("a stale socket and a stale pid after kill -9 do not confuse the next command", async () => {
  await using home = await Home.withVault();
  const pid = await home.daemonPid();
  Deno.kill(pid!, "SIGKILL");
  await gone(pid!);
  const status = await home.json("status");
  assert.equal(status.session_active, false);
  assert.equal(status.proxy_running, false);
  const locked = await home.run(["list"], { env: { WISPKEY_PASSWORD: "" } });
  assert.equal(locked.code, 3, locked.stderr);
  assert.match(locked.stderr, /hint: wispkey unlock/);
  await home.ok("unlock");
  assert.equal((await home.json("status")).session_active, true);
});

Deno.test("two starts at once end with one daemon, and both succeed", async () => {
  await using home = await Home.withVault();
  await home.ok("stop");
  const runs = await Promise.all([1, 2, 3].map(() => home.run(["unlock"])));
  for (const run of runs) assert.equal(run.code, 0, run.stderr);
  const pid = await home.daemonPid();
  assert.ok(pid !== undefined && isAlive(pid));
  assert.equal((await home.json("status")).session_active, true);
  const others = daemonsOf(home.vault).filter((each) => each !== pid);
  for (const other of others) await gone(other);
});

Deno.test("a second vault runs side by side with the first", async () => {
  await using first = await Home.withVault();
  await using second = await Home.withVault("another master password");
  await first.ok("add", "only-here", "--value", "v");
  assert.notEqual(await first.daemonPid(), await second.daemonPid());
  assert.equal((await second.json("list")).credentials.length, 0);
  assert.equal((await first.json("list")).credentials.length, 1);
});

async function names(home: Home): Promise<Set<string>> {
  const { credentials } = await home.json("list");
  return new Set(credentials.map((credential: { name: string }) => credential.name));
}

/** Processes whose command line names the vault directory. */
function daemonsOf(vault: string): number[] {
  const pids: number[] = [];
  for (const entry of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    try {
      const line = Deno.readTextFileSync(`/proc/${entry.name}/cmdline`);
      if (line.includes(vault) && line.includes("daemon")) pids.push(Number(entry.name));
    } catch (error) {
      // Processes come and go while we look, and some are closed to us.
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  return pids;
}
