import assert from "node:assert/strict";
import { connectDaemon } from "../../src/daemon/connect.ts";
import { writeDaemonInfo } from "../../src/daemon/info.ts";
import { ensureLockFile, tryDaemonLock } from "../../src/daemon/lock.ts";
import { serveDaemon } from "../../src/daemon/server.ts";
import { vaultFiles } from "../../src/platform/paths.ts";
import { connectLocal, listenLocal } from "../../src/platform/local_socket.ts";
import { inVault, start } from "./fake_daemon.ts";

const dispatch = () => Promise.resolve({ result: {} });

function publish(vaultDir: string, socket: string, handedOver = false): Promise<void> {
  return writeDaemonInfo(vaultFiles(vaultDir).daemonInfo, {
    pid: 2 ** 30, // No system has so many processes.
    address: { socket },
    startedAt: 1,
    version: "0",
    handedOver,
  });
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

Deno.test("the lock is one holder's, and free again when the file is closed", () =>
  inVault(async (vaultDir) => {
    const path = vaultFiles(vaultDir).daemonLock;
    assert.equal(await tryDaemonLock(path), "missing");
    await Promise.all([ensureLockFile(path), ensureLockFile(path)]);
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    const held = await tryDaemonLock(path);
    assert.ok(typeof held !== "string");
    assert.equal(await tryDaemonLock(path), "held");
    held.close();
    const again = await tryDaemonLock(path);
    assert.ok(typeof again !== "string");
    again.close();
  }));

Deno.test("a lock that cannot be looked at is an error, not a free lock", () =>
  inVault(async (vaultDir) => {
    const file = `${vaultDir}/file`;
    Deno.writeTextFileSync(file, "");
    await assert.rejects(tryDaemonLock(`${file}/daemon.lock`), { code: "file_unreadable" });
    await assert.rejects(ensureLockFile(`${file}/daemon.lock`), { code: "file_unwritable" });
  }));

Deno.test("a daemon that has the lock but is not there yet is waited for", () =>
  inVault(async (vaultDir) => {
    const files = vaultFiles(vaultDir);
    await ensureLockFile(files.daemonLock);
    const lock = await tryDaemonLock(files.daemonLock);
    assert.ok(typeof lock !== "string");
    let settled = false;
    const connecting = connectDaemon(vaultDir).finally(() => settled = true);
    await publish(vaultDir, `${vaultDir}/not-yet.sock`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(settled, false);
    const server = serveDaemon({ directory: vaultDir, dispatch, token: false });
    assert.ok("socket" in server.address);
    await publish(vaultDir, server.address.socket);
    const client = await connecting;
    assert.ok(client !== null);
    client.close();
    await server.stop(100);
    await server.close();
    lock.close();
  }));

Deno.test("a successor that never comes is given up, and the remains removed", () =>
  inVault(async (vaultDir) => {
    await ensureLockFile(vaultFiles(vaultDir).daemonLock);
    await publish(vaultDir, `${vaultDir}/gone.sock`, true);
    assert.equal(await connectDaemon(vaultDir), null);
    assert.deepEqual(names(vaultDir), ["daemon.lock"]);
  }));

Deno.test("a daemon that took the connection and ended is none", () =>
  inVault(async (vaultDir) => {
    await ensureLockFile(vaultFiles(vaultDir).daemonLock);
    const listener = listenLocal({
      directory: vaultDir,
      token: false,
      onConnection: (connection) => connection.close(),
    });
    assert.ok("socket" in listener.address);
    await publish(vaultDir, listener.address.socket);
    assert.equal(await connectDaemon(vaultDir), null);
    assert.ok(!names(vaultDir).includes("daemon.json"));
    await listener.close();
  }));

Deno.test("a silent stranger at the port of a daemon that was killed is no daemon, and what was left goes", () =>
  inVault(async (vaultDir) => {
    const files = vaultFiles(vaultDir);
    await ensureLockFile(files.daemonLock);
    using stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = stranger.accept();
    await writeDaemonInfo(files.daemonInfo, {
      pid: 2 ** 30,
      address: { port: stranger.addr.port, token: "0".repeat(64) },
      startedAt: 1,
      version: "0",
      handedOver: false,
    });
    assert.equal(await connectDaemon(vaultDir), null);
    assert.ok(!names(vaultDir).includes("daemon.json"));
    (await accepted).close();
  }));

Deno.test({
  name: "a daemon that is stopped in its tracks is called unresponsive, and replaced by a fresh one",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inVault(async (vaultDir, pids) => {
      const { pid } = await start(vaultDir);
      pids.add(pid);
      Deno.kill(pid, "SIGSTOP");
      await assert.rejects(connectDaemon(vaultDir), { code: "daemon_unresponsive" });
      const fresh = await start(vaultDir);
      pids.add(fresh.pid);
      const client = await connectDaemon(vaultDir);
      assert.equal((await client?.call("daemon.status", {}))?.result.pid, fresh.pid);
      client?.close();
    }),
});

Deno.test({
  name: "another user's program cannot reach the socket",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  fn: () =>
    inVault(async (vaultDir, pids) => {
      pids.add((await start(vaultDir)).pid);
      const socket = [...Deno.readDirSync(vaultDir)].find((entry) => entry.name.endsWith(".sock"));
      assert.ok(socket !== undefined);
      const path = `${vaultDir}/${socket.name}`;
      (await connectLocal({ socket: path })).close();
      const { success } = await new Deno.Command("/usr/bin/test", {
        args: ["-w", path],
        uid: 65534,
        gid: 65534,
      }).output();
      assert.equal(success, false);
    }),
});
