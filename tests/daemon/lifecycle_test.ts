import assert from "node:assert/strict";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { readDaemonInfo, readProxyFile } from "../../src/daemon/info.ts";
import { vaultFiles } from "../../src/platform/paths.ts";
import { selfCommand } from "../../src/platform/process.ts";
import { alive, connected, fake, inVault, MAIN, start, until } from "./fake_daemon.ts";

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

/** What the fake proxy says: `pid N`; undefined if nobody listens. */
async function askProxy(port: number): Promise<string | undefined> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const buffer = new Uint8Array(64);
    const count = await connection.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).trim();
  } catch {
    return undefined;
  }
}

async function digest(key: number[]): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(key))).toHex();
}

async function stopAndWait(vaultDir: string, pid: number): Promise<void> {
  const client = await connected(vaultDir);
  await client.call("daemon.stop", {});
  await until("the daemon has ended", () => !alive(pid));
  client.close();
}

Deno.test("a started daemon has the key, answers, and says so in an owner-only file", () =>
  inVault(async (vaultDir, pids) => {
    const { pid, closed } = await start(vaultDir, [7, 8, 9]);
    pids.add(pid);
    const client = await connected(vaultDir);
    try {
      assert.equal((await fake(client, "fake.key")).result["digest"], await digest([7, 8, 9]));
      const { result: status } = await client.call("daemon.status", {});
      assert.equal(status.pid, pid);
      assert.equal(status.closedToDebuggers, closed);
      const info = await readDaemonInfo(vaultFiles(vaultDir).daemonInfo);
      assert.equal(info?.pid, pid);
      assert.equal(info.startedAt, status.startedAt);
      if (Deno.build.os !== "windows") {
        for (const name of names(vaultDir)) {
          const mode = (Deno.lstatSync(`${vaultDir}/${name}`).mode ?? 0) & 0o777;
          assert.equal(mode & 0o077, 0, `${name} is ${mode.toString(8)}`);
        }
      }
    } finally {
      client.close();
    }
  }));

Deno.test("the key is wiped by whoever starts a daemon", () =>
  inVault(async (vaultDir, pids) => {
    const { spawnDaemon } = await import("../../src/platform/process.ts");
    const key = new Uint8Array([1, 2, 3]);
    pids.add((await spawnDaemon({ vaultDir, args: [vaultDir], key, main: MAIN })).pid);
    assert.deepEqual(key, new Uint8Array(3));
  }));

Deno.test("without a daemon there is none to connect to, and nothing is created", () =>
  inVault(async (vaultDir) => {
    assert.equal(await connectDaemon(vaultDir), null);
    assert.deepEqual(names(vaultDir), []);
  }));

Deno.test("stop ends the daemon and removes its files, listener and socket", () =>
  inVault(async (vaultDir, pids) => {
    const { pid } = await start(vaultDir);
    pids.add(pid);
    const client = await connected(vaultDir);
    const { result } = await client.call("proxy.open", { port: 0, explicitPort: false });
    client.close();
    assert.deepEqual(await readProxyFile(vaultFiles(vaultDir).proxyInfo), {
      pid,
      port: result.port,
      address: result.address,
    });
    await stopAndWait(vaultDir, pid);
    assert.deepEqual(names(vaultDir), ["daemon.lock"]);
    assert.equal(await askProxy(result.port), undefined);
    assert.equal(await connectDaemon(vaultDir), null);
  }));

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test({
    name: `${signal} ends the daemon with its files removed`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      inVault(async (vaultDir, pids) => {
        const { pid } = await start(vaultDir);
        pids.add(pid);
        const client = await connected(vaultDir);
        await client.call("proxy.open", { port: 0, explicitPort: false });
        client.close();
        Deno.kill(pid, signal);
        await until("the daemon has ended", () => !alive(pid));
        assert.deepEqual(names(vaultDir), ["daemon.lock"]);
      }),
  });
}

Deno.test("a fresh daemon replaces the older one, with its own key, on the same proxy port", () =>
  inVault(async (vaultDir, pids) => {
    const older = await start(vaultDir, [1]);
    pids.add(older.pid);
    const before = await connected(vaultDir);
    const { port } = (await before.call("proxy.open", { port: 0, explicitPort: false })).result;
    before.close();
    assert.equal(await askProxy(port), `pid ${older.pid}`);

    const fresh = await start(vaultDir, [2]);
    pids.add(fresh.pid);
    assert.notEqual(fresh.pid, older.pid);
    assert.equal(await askProxy(port), `pid ${fresh.pid}`);
    const after = await connected(vaultDir);
    assert.equal((await fake(after, "fake.key")).result["digest"], await digest([2]));
    assert.equal((await after.call("daemon.status", {})).result.proxy?.port, port);
    after.close();
    assert.equal((await readProxyFile(vaultFiles(vaultDir).proxyInfo))?.pid, fresh.pid);
    await until("the older one has ended", () => !alive(older.pid));
    assert.equal(names(vaultDir).filter((name) => name.endsWith(".sock")).length, 1);
  }));

Deno.test("the older daemon never tells its key to the fresh one", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir, [42, 43, 44, 45])).pid);
    const client = await connected(vaultDir);
    const { result, payload } = await client.call("daemon.handover", {});
    client.close();
    assert.deepEqual(Object.keys(result).sort(), ["pid", "proxy"]);
    assert.equal(payload, undefined);
  }));

Deno.test("a daemon that hangs is ended and its port taken over", () =>
  inVault(async (vaultDir, pids) => {
    const older = await start(vaultDir);
    pids.add(older.pid);
    const client = await connected(vaultDir);
    const { port } = (await client.call("proxy.open", { port: 0, explicitPort: false })).result;
    const hanging = assert.rejects(fake(client, "fake.hang"), { code: "daemon_gone" });
    const fresh = await start(vaultDir);
    pids.add(fresh.pid);
    await hanging;
    assert.equal(alive(older.pid), false);
    assert.equal(await askProxy(port), `pid ${fresh.pid}`);
  }));

Deno.test({
  name: "after kill -9 the remains are removed by whoever looks first, and a fresh daemon starts",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inVault(async (vaultDir, pids) => {
      for (let round = 0; round < 3; round++) {
        const { pid } = await start(vaultDir, [round]);
        pids.add(pid);
        const client = await connected(vaultDir);
        await client.call("proxy.open", { port: 0, explicitPort: false });
        client.close();
        Deno.kill(pid, "SIGKILL");
        await until("it has ended", () => !alive(pid));
        if (round === 1) continue; // The next start meets the remains itself.
        assert.ok(names(vaultDir).includes("proxy.json"));
        assert.equal(await connectDaemon(vaultDir), null);
        assert.deepEqual(names(vaultDir), ["daemon.lock"]);
      }
    }),
});

Deno.test("a stale process id that now belongs to another program harms nobody", () =>
  inVault(async (vaultDir, pids) => {
    const bystander = new Deno.Command("sleep", { args: ["60"] }).spawn();
    try {
      const files = vaultFiles(vaultDir);
      Deno.writeTextFileSync(
        files.daemonInfo,
        JSON.stringify({
          pid: bystander.pid,
          socket: `${vaultDir}/d-gone.sock`,
          started_at: new Date().toISOString(),
          version: "0",
        }),
      );
      Deno.writeTextFileSync(files.daemonLock, "");
      pids.add((await start(vaultDir)).pid);
      assert.ok(alive(bystander.pid));
    } finally {
      bystander.kill("SIGKILL");
      await bystander.status;
    }
  }));

Deno.test("several starts at once all succeed and leave exactly one daemon", () =>
  inVault(async (vaultDir, pids) => {
    const starts = await Promise.all([1, 2, 3].map((key) => start(vaultDir, [key])));
    for (const { pid } of starts) pids.add(pid);
    const client = await connected(vaultDir);
    const { pid } = (await client.call("daemon.status", {})).result;
    client.close();
    const others = starts.map((daemon) => daemon.pid).filter((other) => other !== pid);
    assert.equal(others.length, 2);
    await until("the others have ended", () => others.every((other) => !alive(other)));
    assert.ok(alive(pid));
    assert.equal(names(vaultDir).filter((name) => name.endsWith(".sock")).length, 1);
  }));

Deno.test("while daemons are replaced a caller always finds one", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir)).pid);
    let replacing = true;
    const calling = (async () => {
      let calls = 0;
      while (replacing) {
        const client = await connectDaemon(vaultDir);
        assert.notEqual(client, null, `call ${calls} found no daemon`);
        client?.close();
        calls++;
      }
      return calls;
    })();
    for (let round = 0; round < 4; round++) pids.add((await start(vaultDir)).pid);
    replacing = false;
    assert.ok(await calling > 0);
  }));

Deno.test("two vaults have a daemon each", () =>
  inVault((first, firstPids) =>
    inVault(async (second, secondPids) => {
      const [a, b] = await Promise.all([start(first, [1]), start(second, [2])]);
      firstPids.add(a.pid);
      secondPids.add(b.pid);
      await stopAndWait(first, a.pid);
      const client = await connected(second);
      assert.equal((await fake(client, "fake.key")).result["digest"], await digest([2]));
      client.close();
    })
  ));

Deno.test("lock drops the key and the daemon goes on", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir)).pid);
    const client = await connected(vaultDir);
    assert.deepEqual((await client.call("daemon.lock", {})).result, { wasLocked: false });
    assert.deepEqual((await client.call("daemon.lock", {})).result, { wasLocked: true });
    await assert.rejects(fake(client, "fake.key"), { code: "vault_locked", exitCode: 3 });
    assert.equal((await client.call("daemon.status", {})).result.locked, true);
    client.close();
  }));

Deno.test("what keeps a daemon from opening the vault is told to whoever starts it", () =>
  inVault(async (vaultDir) => {
    await assert.rejects(start(vaultDir, [0xff]), { code: "wrong_key" });
    assert.deepEqual(names(vaultDir), ["daemon.lock"]);
    assert.equal(await connectDaemon(vaultDir), null);
  }));

Deno.test("a daemon whose starter is gone before the key came disturbs no other", () =>
  inVault(async (vaultDir, pids) => {
    const { pid } = await start(vaultDir);
    pids.add(pid);
    const { command, args } = selfCommand("daemon", MAIN);
    const { code, stdout } = await new Deno.Command(command, {
      args: [...args, vaultDir],
      stdin: "null",
      stderr: "null",
    }).output();
    assert.equal(code, 1);
    const lines = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.at(-1).error.code, "no_key");
    const client = await connected(vaultDir);
    assert.equal((await client.call("daemon.status", {})).result.pid, pid);
    client.close();
  }));

Deno.test("a watcher is told what happens, and of the listener's end", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir)).pid);
    const [watcher, other] = [await connected(vaultDir), await connected(vaultDir)];
    await other.call("proxy.open", { port: 0, explicitPort: false });
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const watching = watcher.watch(({ row }) => {
      seen.push(row.event);
      first.resolve();
    }, { closeOnEnd: false, signal: new AbortController().signal });
    await until("the watcher is known", async () => {
      await fake(other, "fake.event");
      return seen.length > 0;
    });
    await first.promise;
    assert.deepEqual((await other.call("proxy.close", {})).result, { wasOpen: true });
    assert.equal(await watching, "closed");
    assert.equal(seen[0], "CredentialUsed");
    watcher.close();
    other.close();
  }));

Deno.test("an attached watcher that goes takes the listener with it, one that is not does not", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir)).pid);
    const other = await connected(vaultDir);
    for (const closeOnEnd of [false, true]) {
      const { port } = (await other.call("proxy.open", { port: 0, explicitPort: false })).result;
      const watcher = await connected(vaultDir);
      const interrupt = new AbortController();
      const watching = watcher.watch(() => interrupt.abort(), { closeOnEnd, signal: interrupt.signal });
      await until("the watcher is known", async () => {
        await fake(other, "fake.event");
        return interrupt.signal.aborted;
      });
      assert.equal(await watching, "interrupted");
      if (closeOnEnd) await until("the listener is closed", async () => (await askProxy(port)) === undefined);
      else assert.notEqual(await askProxy(port), undefined);
    }
    assert.equal((await other.call("daemon.status", {})).result.proxy, null);
    // The file goes right after the listener does.
    await until(
      "its file is gone",
      async () => (await readProxyFile(vaultFiles(vaultDir).proxyInfo)) === null,
    );
    other.close();
  }));

Deno.test("an open proxy is answered again, but not under another port", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir)).pid);
    const client = await connected(vaultDir);
    const { result: first } = await client.call("proxy.open", { port: 0, explicitPort: false });
    assert.deepEqual((await client.call("proxy.open", { port: 7700, explicitPort: false })).result, first);
    assert.deepEqual(
      (await client.call("proxy.open", { port: first.port, explicitPort: true })).result,
      first,
    );
    await assert.rejects(client.call("proxy.open", { port: first.port + 1, explicitPort: true }), {
      code: "proxy_running",
    });
    assert.deepEqual((await client.call("proxy.close", {})).result, { wasOpen: true });
    assert.deepEqual((await client.call("proxy.close", {})).result, { wasOpen: false });
    client.close();
  }));

Deno.test("over loopback TCP the daemon is reached with the token of its file", () =>
  inVault(async (vaultDir, pids) => {
    pids.add((await start(vaultDir, [5], "--token")).pid);
    const info = await readDaemonInfo(vaultFiles(vaultDir).daemonInfo);
    assert.ok(info !== null && "token" in info.address);
    const client = await connected(vaultDir);
    assert.equal((await fake(client, "fake.key")).result["digest"], await digest([5]));
    client.close();
    const fresh = await start(vaultDir, [6], "--token");
    pids.add(fresh.pid);
    Deno.kill(fresh.pid, "SIGKILL");
    await until("it has ended", () => !alive(fresh.pid));
    assert.equal(await connectDaemon(vaultDir), null);
  }));

Deno.test("a daemon whose files were deleted is found again", () =>
  inVault(async (vaultDir, pids) => {
    const { pid } = await start(vaultDir);
    pids.add(pid);
    const files = vaultFiles(vaultDir);
    const gone = [files.daemonInfo, files.daemonLock];
    for (const name of names(vaultDir)) if (name.endsWith(".sock")) gone.push(`${vaultDir}/${name}`);
    for (const path of gone) await Deno.remove(path);
    await until("daemon.json is back", async () => (await readDaemonInfo(files.daemonInfo)) !== null);
    await until("the lock is back", () => names(vaultDir).includes("daemon.lock"));
    const client = await connected(vaultDir);
    assert.equal((await client.call("daemon.status", {})).result.pid, pid);
    client.close();
    await Deno.writeTextFile(files.daemonInfo, "{}");
    await stopAndWait(vaultDir, pid);
    assert.deepEqual(names(vaultDir), ["daemon.lock"]);
  }));

Deno.test("a daemon that was hidden gives way to a fresh one that took a new lock", () =>
  inVault(async (vaultDir, pids) => {
    const { pid: first } = await start(vaultDir);
    pids.add(first);
    const files = vaultFiles(vaultDir);
    await Deno.remove(files.daemonInfo);
    await Deno.remove(files.daemonLock);
    const { pid: second } = await start(vaultDir);
    pids.add(second);
    await until("the hidden one has ended", () => !alive(first));
    assert.equal((await readDaemonInfo(files.daemonInfo))?.pid, second);
    await stopAndWait(vaultDir, second);
  }));
