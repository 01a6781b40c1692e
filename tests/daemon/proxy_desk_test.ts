import assert from "node:assert/strict";
import type { ProxyInfo } from "../../src/daemon/api.ts";
import type { DaemonCore } from "../../src/daemon/core.ts";
import { readProxyFile } from "../../src/daemon/info.ts";
import { ProxyDesk } from "../../src/daemon/proxy_desk.ts";
import { until } from "./fake_daemon.ts";

/** A listener that opens and closes, and counts. */
class Listening {
  opened = 0;
  drains: number[] = [];
  #listener: Deno.TcpListener | undefined;
  #intercept = false;

  proxy = (): ProxyInfo | null => {
    if (this.#listener === undefined) return null;
    const { port } = this.#listener.addr;
    return {
      pid: Deno.pid,
      port,
      address: `http://127.0.0.1:${port}`,
      project: null,
      intercept: this.#intercept,
      askingPorts: [],
    };
  };

  interceptAll = (): ProxyInfo => {
    this.#intercept = true;
    return this.proxy() ?? assert.fail();
  };

  openProxy = async (port: number, intercept: boolean): Promise<ProxyInfo> => {
    await Promise.resolve();
    this.#intercept = intercept;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.opened++;
    return this.proxy() ?? assert.fail();
  };

  closeProxy = (drainMs: number): Promise<void> => {
    this.drains.push(drainMs);
    this.#listener?.close();
    this.#listener = undefined;
    return Promise.resolve();
  };
}

async function withDesk(
  body: (desk: ProxyDesk, core: Listening, file: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const core = new Listening();
  const file = `${directory}/proxy.json`;
  // The desk asks nothing else of a core.
  const desk = new ProxyDesk(core as Partial<DaemonCore> as DaemonCore, file);
  try {
    await body(desk, core, file);
  } finally {
    await desk.close(0);
    await Deno.remove(directory, { recursive: true });
  }
}

const any = { port: 0, explicitPort: false };

Deno.test("the file is there exactly while the listener is open", () =>
  withDesk(async (desk, core, file) => {
    const info = await desk.open(any);
    assert.deepEqual(await readProxyFile(file), { pid: Deno.pid, port: info.port, address: info.address });
    assert.equal(await desk.close(123), true);
    assert.deepEqual(core.drains, [123]);
    assert.equal(await readProxyFile(file), null);
    assert.equal(await desk.close(), false);
  }));

Deno.test("opening many times at once opens one listener", () =>
  withDesk(async (desk, core) => {
    const infos = await Promise.all(Array.from({ length: 10 }, () => desk.open(any)));
    assert.equal(core.opened, 1);
    assert.equal(new Set(infos.map((info) => info.port)).size, 1);
  }));

Deno.test("opening, closing and opening at once take their turns", () =>
  withDesk(async (desk, core, file) => {
    const [, closed, info] = await Promise.all([desk.open(any), desk.close(), desk.open(any)]);
    assert.equal(closed, true);
    assert.equal(core.opened, 2);
    assert.equal((await readProxyFile(file))?.port, info.port);
  }));

Deno.test("a port in use is an error of that call alone", () =>
  withDesk(async (desk) => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await assert.rejects(desk.open({ port: taken.addr.port, explicitPort: true }), Deno.errors.AddrInUse);
    taken.close();
    assert.ok((await desk.open(any)).port > 0);
  }));

Deno.test("an inherited port is opened again as soon as it is free", () =>
  withDesk(async (desk, core) => {
    const older = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = older.addr;
    const inheriting = desk.inherit({ port, attached: false });
    await new Promise((resolve) => setTimeout(resolve, 120));
    older.close();
    await inheriting;
    assert.equal(core.proxy()?.port, port);
    assert.equal(desk.attached, false);
  }));

Deno.test("an inherited port that stays taken leaves the daemon without a listener, not without a life", () =>
  withDesk(async (desk, core) => {
    const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await desk.inherit({ port: taken.addr.port, attached: true });
    assert.equal(core.proxy(), null);
    assert.equal(desk.attached, false);
    taken.close();
  }));

Deno.test("whoever was attached to the older daemon is expected back, and counts until then", () =>
  withDesk(async (desk, core) => {
    await desk.inherit({ port: 0, attached: true });
    assert.equal(desk.attached, true);
    const caller = new AbortController();
    desk.attach(caller.signal);
    assert.equal(desk.attached, true);
    caller.abort();
    await until("the listener is closed", () => core.proxy() === null);
  }));

Deno.test("the listener stays until the last of those attached is gone", () =>
  withDesk(async (desk, core) => {
    await desk.open(any);
    const [one, two] = [new AbortController(), new AbortController()];
    desk.attach(one.signal);
    desk.attach(two.signal);
    one.abort();
    assert.ok(core.proxy() !== null);
    two.abort();
    await until("the listener is closed", () => core.proxy() === null);
  }));

Deno.test("those who asked are told of the closing once, those who took it back are not", () =>
  withDesk(async (desk) => {
    const told: string[] = [];
    desk.onClose(() => told.push("asked"));
    desk.onClose(() => told.push("took back"))();
    await desk.open(any);
    await desk.close();
    await desk.open(any);
    await desk.close();
    assert.deepEqual(told, ["asked"]);
  }));

Deno.test("interception is kept across daemons, may be turned on while open, and is not turned off by opening again", () =>
  withDesk(async (desk) => {
    assert.equal((await desk.open(any)).intercept, false);
    assert.equal((await desk.open({ ...any, intercept: true })).intercept, true);
    assert.equal((await desk.open(any)).intercept, true);
    const port = (await desk.open(any)).port;
    await desk.close();
    await desk.inherit({ port, attached: false, intercept: true });
    assert.equal((await desk.open(any)).intercept, true);
  }));
