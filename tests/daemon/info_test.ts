import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  type DaemonInfo,
  readDaemonInfo,
  readProxyFile,
  writeDaemonInfo,
  writeProxyFile,
} from "../../src/daemon/info.ts";

async function inFile(body: (path: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await body(join(directory, "info.json"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const PLAIN = { noNullPrototype: true };
const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex());
const port = fc.integer({ min: 1, max: 65_535 });
const info: fc.Arbitrary<DaemonInfo> = fc.record({
  pid: fc.integer({ min: 1, max: 4_194_304 }),
  address: fc.oneof(fc.record({ socket: fc.string() }, PLAIN), fc.record({ port, token: hex }, PLAIN)),
  startedAt: fc.integer({ min: 0, max: Date.UTC(2200, 0) }),
  version: fc.string(),
  handedOver: fc.boolean(),
}, PLAIN);

Deno.test("what a daemon publishes is what callers read", () =>
  inFile((path) =>
    fc.assert(
      fc.asyncProperty(info, async (info) => {
        await writeDaemonInfo(path, info);
        assert.deepEqual(await readDaemonInfo(path), info);
      }),
      { numRuns: 50 },
    )
  ));

Deno.test("the file names process, socket, start and version, and is its owner's alone", () =>
  inFile(async (path) => {
    await writeDaemonInfo(path, {
      pid: 12,
      address: { socket: "/v/d-1.sock" },
      startedAt: Date.UTC(2026, 0, 2),
      version: "1.2.3",
      handedOver: false,
    });
    assert.equal(
      Deno.readTextFileSync(path),
      '{"pid":12,"socket":"/v/d-1.sock","started_at":"2026-01-02T00:00:00.000Z","version":"1.2.3"}\n',
    );
    if (Deno.build.os !== "windows") assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a proxy's file is read as it was written", () =>
  inFile(async (path) => {
    const proxy = { pid: 12, port: 7700, address: "http://127.0.0.1:7700" };
    await writeProxyFile(path, proxy);
    assert.deepEqual(await readProxyFile(path), proxy);
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(path)), proxy);
  }));

Deno.test("a missing, damaged or oversized file tells of nobody", () =>
  inFile(async (path) => {
    assert.equal(await readDaemonInfo(path), null);
    assert.equal(await readProxyFile(path), null);
    const good = { pid: 1, socket: "/s", started_at: "2026-01-01T00:00:00Z", version: "1" };
    const damaged: unknown[] = [
      ...["", "{", "null", "[]", "7", `${JSON.stringify(good)}${" ".repeat(5000)}`],
      ...[{ pid: 0 }, { pid: -1 }, { pid: 1.5 }, { pid: "1" }, { socket: 7 }, { version: null }, {
        started_at: 1,
      }]
        .map((change) => ({ ...good, ...change })),
      { ...good, socket: undefined, port: 70_000, token: "0".repeat(64) },
      { ...good, socket: undefined, port: 7, token: "0".repeat(63) },
      { ...good, socket: undefined, port: 7 },
    ];
    for (const content of damaged) {
      Deno.writeTextFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
      assert.equal(await readDaemonInfo(path), null, JSON.stringify(content));
      assert.equal(await readProxyFile(path), null, JSON.stringify(content));
    }
    Deno.writeTextFileSync(path, JSON.stringify(good));
    assert.equal((await readDaemonInfo(path))?.pid, 1);
  }));
