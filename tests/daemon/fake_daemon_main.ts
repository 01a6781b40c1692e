/**
 * A daemon around a core that has no vault: it keeps the key it was given, answers a few calls, and its proxy answers every
 * connection with one line. Arguments: vault directory, then `--token` for loopback TCP.
 */
import type { ProxyInfo } from "../../src/daemon/api.ts";
import type { DaemonCore } from "../../src/daemon/core.ts";
import { runDaemon } from "../../src/daemon/lifecycle.ts";
import { FailedError, LockedError } from "../../src/core/errors.ts";
import { keepOnly, PERMISSION_KINDS } from "../../src/platform/permissions.ts";

const [vaultDir = "", ...flags] = Deno.args;
keepOnly("daemon");

function failClosed(): never {
  throw new FailedError("the listener is closed", { code: "proxy_closed" });
}

function fakeCore(): DaemonCore {
  let key: Uint8Array | undefined;
  let listener: Deno.TcpListener | undefined;
  const watchers = new Set<Parameters<DaemonCore["watch"]>[0]>();
  const proxy = (): ProxyInfo | null => {
    if (listener === undefined) return null;
    const { port } = listener.addr;
    const address = `http://127.0.0.1:${port}`;
    return { pid: Deno.pid, port, address, project: null, intercept: false, askingPorts: [] };
  };
  return {
    openWithKey: (given) => {
      if (given[0] === 0xff) {
        return Promise.reject(new FailedError("cannot open the vault: wrong key", { code: "wrong_key" }));
      }
      key = given.slice();
      return Promise.resolve();
    },
    dropFallbacks: () => {},
    dispatch: async ({ op, params, payload, proof, caller }) => {
      if (op === "fake.echo") return { result: params, payload: payload.slice() };
      if (op === "fake.key") {
        if (key === undefined) throw new LockedError("the vault is locked", { code: "vault_locked" });
        return {
          result: { digest: new Uint8Array(await crypto.subtle.digest("SHA-256", key.slice())).toHex() },
        };
      }
      if (op === "fake.proof") {
        return {
          result: { given: proof !== undefined, fresh: proof !== undefined && caller.takeNonce(proof.nonce) },
        };
      }
      if (op === "fake.permissions") {
        const granted = PERMISSION_KINDS.filter((name) =>
          Deno.permissions.querySync({ name }).state === "granted"
        );
        return { result: { granted } };
      }
      if (op === "fake.hang") { while (true); }
      if (op === "fake.event") {
        for (const tell of watchers) tell({ seq: 1, at: 0, event: "CredentialUsed", authenticated: true });
        return { result: {} };
      }
      throw new FailedError(`cannot do '${op}'`, { code: "unknown_operation" });
    },
    status: () => ({
      locked: key === undefined,
      locksAt: null,
      connections: 0,
      scope: null,
      caBundlePath: null,
      caCertificatePath: null,
    }),
    interceptAll: () => proxy() ?? failClosed(),
    openAsking: failClosed,
    closeAsking: () => Promise.resolve(),
    proxy,
    openProxy: (port) => {
      listener = Deno.listen({ hostname: "127.0.0.1", port });
      void (async (open) => {
        for await (const connection of open) {
          await connection.write(new TextEncoder().encode(`pid ${Deno.pid}\n`));
          connection.close();
        }
      })(listener).catch(() => undefined);
      const info = proxy();
      if (info === null) throw new Error("not open");
      return Promise.resolve(info);
    },
    closeProxy: () => {
      listener?.close();
      listener = undefined;
      return Promise.resolve();
    },
    watch: (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    holdCaller: () => () => {},
    lock: () => {
      const had = key !== undefined;
      key?.fill(0);
      key = undefined;
      return had;
    },
    wipe: () => void key?.fill(0),
    close: () => Promise.resolve(),
  };
}

Deno.exit(
  await runDaemon({
    vaultDir,
    version: "0.0.0-test",
    core: fakeCore,
    ...(flags.includes("--token") ? { token: true } : {}),
  }),
);
