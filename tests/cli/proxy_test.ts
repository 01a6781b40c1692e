import assert from "node:assert/strict";
import { FailedError } from "../../src/core/errors.ts";
import type { ServeEvent } from "../../src/daemon/api.ts";
import { FakeVault, json, NOW, PASSWORD, run } from "./fake.ts";

const ENV = { WISPKEY_PASSWORD: PASSWORD };

function fresh(changes: Partial<FakeVault> = {}): FakeVault {
  return Object.assign(new FakeVault(), changes);
}

function events(count: number): ServeEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    row: {
      seq: i + 1,
      at: NOW,
      event: "CredentialUsed",
      credential: "openai",
      host: "api.openai.com",
      path: `/v1/${i}`,
      method: "GET",
      status: 200,
      authenticated: true,
    },
  }));
}

Deno.test("serve --daemon --json prints where the proxy listens, and nothing else", async () => {
  const ran = await run(["serve", "--random-port", "--daemon", "--json"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(json(ran), { pid: 4242, port: 50_123, address: "http://127.0.0.1:50123" });
  assert.deepEqual(ran.vault.calls.at(-1), {
    name: "proxy.open",
    params: { port: 0, explicitPort: false },
    proven: false,
    direct: false,
  });
  assert.equal(ran.vault.started.length, 0, "the running daemon is used");
  assert.equal(ran.vault.open, 0);
});

Deno.test("the port is 7700 unless said otherwise", async () => {
  assert.deepEqual((await run(["serve", "--daemon"])).vault.calls.at(-1)?.params, {
    port: 7700,
    explicitPort: false,
  });
  assert.deepEqual((await run(["serve", "--daemon", "--port", "8080"])).vault.calls.at(-1)?.params, {
    port: 8080,
    explicitPort: true,
  });
});

Deno.test("serve tells the daemon to leave the environment's fallbacks alone, and shows them otherwise", async () => {
  const off = await run(["serve", "--daemon", "--no-fallback"], {
    vault: fresh({ daemon: "none" }),
    env: ENV,
  });
  assert.deepEqual(off.vault.calls.at(-1)?.params, { port: 7700, explicitPort: false, fallback: false });
  assert.ok(!off.stderr.includes("Fallback"));
  const on = await run(["serve", "--daemon"], { vault: fresh({ daemon: "none" }), env: ENV });
  assert.match(on.stderr, /^Fallback: WISPKEY_FALLBACK_X \(to api\.x\.test\)$/m);
});

Deno.test("serve starts a daemon with the password if none is unlocked", async () => {
  for (const daemon of ["none", "locked"] as const) {
    const ran = await run(["serve", "--daemon"], {
      vault: fresh({ daemon }),
      env: { ...ENV, WISPKEY_SESSION_TIMEOUT: "9" },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(ran.vault.started, [{ timeoutMinutes: 9, scope: "default" }]);
    assert.equal(ran.vault.open, 0);
  }
});

Deno.test("serve without the password and without an unlocked daemon is locked", async () => {
  const ran = await run(["serve", "--daemon"], { vault: fresh({ daemon: "locked" }) });
  assert.equal(ran.code, 3);
  assert.match(ran.stderr, /^hint: wispkey unlock$/m);
  const none = await run(["serve", "--daemon"], {
    vault: fresh({ exists: false, daemon: "none" }),
    env: ENV,
  });
  assert.equal(none.code, 4);
  assert.match(none.stderr, /^hint: wispkey init$/m);
});

Deno.test("widening to all projects takes a fresh daemon and so the password, narrowing does not", async () => {
  const refusedRun = await run(["serve", "--daemon", "--all-projects"], { vault: fresh() });
  assert.equal(refusedRun.code, 3);
  assert.equal(refusedRun.vault.open, 0);
  const wide = await run(["serve", "--daemon", "--all-projects"], { vault: fresh(), env: ENV });
  assert.deepEqual(wide.vault.started, [{ timeoutMinutes: undefined, scope: null }]);
  const already = await run(["serve", "--daemon", "--all-projects"], { vault: fresh({ scope: null }) });
  assert.deepEqual([already.code, already.vault.started.length], [0, 0]);
  const other = await run(["serve", "--daemon"], { vault: fresh({ scope: "acme" }) });
  assert.equal(other.code, 0);
  assert.match(other.stderr, /project 'acme'.*wispkey unlock/);
});

Deno.test("a port that is in use is told with its hint, and the connection closed", async () => {
  const portError = new FailedError("cannot listen on port 7700: it is in use", {
    code: "port_in_use",
    hint: "wispkey serve --random-port",
  });
  const ran = await run(["serve"], { vault: fresh({ portError }) });
  assert.equal(ran.code, 1);
  assert.equal(ran.stderr, `wispkey: ${portError.message}\nhint: ${portError.hint}\n`);
  assert.equal(ran.vault.open, 0);
});

Deno.test("ports that are none, and two ways to name one, are wrong usage", async () => {
  for (const args of [["--port", "0"], ["--port", "70000"], ["--port=-1"], ["--port", "http"]]) {
    assert.equal((await run(["serve", ...args])).code, 2, args.join(" "));
  }
  assert.equal((await run(["serve", "--port", "1", "--random-port"])).code, 2);
});

Deno.test("in the foreground it shows rows in their order until Ctrl-C", async () => {
  const ran = await run(["serve"], { vault: fresh({ events: events(30) }) });
  assert.equal(ran.code, 0, ran.stderr);
  const lines = ran.stdout.trim().split("\n");
  assert.equal(lines[0], "Proxy on http://127.0.0.1:7700.");
  assert.equal(lines[1], "2026-01-31 12:34  CredentialUsed  openai  GET api.openai.com/v1/0  200");
  assert.deepEqual(
    lines.slice(1).map((line) => /v1\/(\d+)/.exec(line)?.[1]),
    events(30).map((_, i) => `${i}`),
  );
  assert.match(ran.stderr, /Ctrl-C closes it/);
  assert.match(ran.stderr, /Closed\.\n$/);
  assert.equal(ran.vault.open, 0);
});

Deno.test("in the foreground with JSON each line is one object", async () => {
  const ran = await run(["serve", "--json"], { vault: fresh({ events: events(2) }) });
  const [place, first, second, ...more] = ran.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(place, { pid: 4242, port: 7700, address: "http://127.0.0.1:7700" });
  assert.deepEqual([first.id, second.id, more.length], [1, 2, 0]);
  assert.equal(ran.stderr, "");
});

Deno.test("it says so when somebody else closed the proxy", async () => {
  const ran = await run(["serve"], { vault: fresh({ watchEnds: "closed" }) });
  assert.equal(ran.code, 0);
  assert.match(ran.stderr, /closed by another command/);
});

Deno.test("stop ends the daemon, and no daemon is no error", async () => {
  const running = await run(["stop", "--json"]);
  assert.deepEqual(json(running), { ok: true, was_running: true, pid: 4242 });
  assert.equal(running.vault.daemon, "none");
  const none = await run(["stop"], { vault: fresh({ daemon: "none" }) });
  assert.deepEqual([none.code, none.stdout], [0, "No daemon runs.\n"]);
});
