import assert from "node:assert/strict";
import type { ProxyInfo } from "../../src/daemon/api.ts";
import { AskingDesk } from "../../src/daemon/asking_desk.ts";
import type { DaemonCore } from "../../src/daemon/core.ts";
import { until } from "./fake_daemon.ts";

/** An open proxy whose further ports are real ones. */
class Ports {
  readonly open = new Map<number, Deno.TcpListener>();

  proxy = (): ProxyInfo => ({
    pid: Deno.pid,
    port: 1,
    address: "http://127.0.0.1:1",
    project: null,
    intercept: false,
    askingPorts: [...this.open.keys()],
  });

  openAsking = (port: number): number => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.open.set(listener.addr.port, listener);
    return listener.addr.port;
  };

  closeAsking = (port: number): Promise<void> => {
    this.open.get(port)?.close();
    this.open.delete(port);
    return Promise.resolve();
  };
}

async function withDesk(test: (desk: AskingDesk, ports: Ports) => Promise<void>): Promise<void> {
  const ports = new Ports();
  // The desk asks nothing else of a core.
  const desk = new AskingDesk(ports as Partial<DaemonCore> as DaemonCore);
  try {
    await test(desk, ports);
  } finally {
    desk.end();
    for (const port of [...ports.open.keys()]) await ports.closeAsking(port);
  }
}

Deno.test("programs share a port, which closes with the last of them", () =>
  withDesk(async (desk, ports) => {
    const [one, two] = [new AbortController(), new AbortController()];
    const port = desk.hold(0, one.signal);
    assert.equal(desk.hold(0, two.signal), port);
    assert.deepEqual([desk.ports, ports.open.size], [[port], 1]);
    one.abort();
    await Promise.resolve();
    assert.equal(ports.open.size, 1);
    two.abort();
    await until("the port is closed", () => ports.open.size === 0);
    assert.deepEqual(desk.ports, []);
  }));

Deno.test("who is gone already holds nothing", () =>
  withDesk(async (desk, ports) => {
    desk.hold(0, AbortSignal.abort());
    await until("the port is closed", () => ports.open.size === 0);
    assert.deepEqual(desk.ports, []);
  }));

Deno.test("the ports of an older daemon are opened again, also when it lets go of them only now", () =>
  withDesk(async (desk, ports) => {
    const older = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = older.addr;
    const inherited = desk.inherit([port]);
    older.close();
    await inherited;
    assert.ok(ports.open.has(port));
    const gone = new AbortController();
    assert.equal(desk.hold(port, gone.signal), port, "its program comes back to it");
    gone.abort();
    await until("the port is closed", () => ports.open.size === 0);
  }));

Deno.test("a program whose port was not inherited gets it all the same, beside another's", () =>
  withDesk((desk, ports) => {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr;
    free.close();
    const other = desk.hold(0, new AbortController().signal);
    assert.equal(desk.hold(port, new AbortController().signal), port);
    assert.deepEqual([...ports.open.keys()].sort(), [other, port].sort());
    return Promise.resolve();
  }));

Deno.test("when the proxy was closed and is open again, so is what is held", () =>
  withDesk(async (desk, ports) => {
    const port = desk.hold(0, new AbortController().signal);
    await ports.closeAsking(port);
    desk.reopen();
    assert.deepEqual([...ports.open.keys()], [port]);
  }));
