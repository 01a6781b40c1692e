/**
 * The attacker owns the environment in which the owner types `unlock`: variables that load code into a program, log its keys,
 * or move its caches.
 */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { CAN_LOOK, environmentNames } from "./processes.ts";

const RIGGED = {
  // Names nothing, so that every program that would load it says so and goes on.
  LD_PRELOAD: "/nonexistent/evil.so",
  LD_LIBRARY_PATH: "/nonexistent",
  LD_AUDIT: "/nonexistent/evil.so",
  NODE_OPTIONS: "--require=/nonexistent/evil.cjs",
  NODE_EXTRA_CA_CERTS: "/nonexistent/evil.pem",
  DENO_CERT: "/nonexistent/evil.pem",
  DENO_TLS_CA_STORE: "system",
  DENO_V8_FLAGS: "--expose-gc",
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
};

Deno.test({
  name:
    "nothing in the environment of `unlock` reaches the daemon that could load code, log keys or hold the password",
  ignore: !CAN_LOOK,
  async fn() {
    await using home = await Home.create();
    const keys = `${home.directory}/keys.log`;
    const env = { ...home.environment(), ...RIGGED, SSLKEYLOGFILE: keys };
    const naive = new Deno.Command("/bin/sleep", { args: ["60"], clearEnv: true, env, stderr: "null" })
      .spawn();
    const inherited = await environmentNames(naive.pid);
    naive.kill("SIGKILL");
    await naive.status;
    const dangerous = [...Object.keys(RIGGED), "SSLKEYLOGFILE", "WISPKEY_PASSWORD"];
    for (const name of dangerous) assert.ok(inherited.includes(name), `a naive start hands ${name} on`);

    // What the owner's own command makes of such variables is the system's doing; it must not refuse to run for the test.
    const { DENO_CERT: _, NODE_EXTRA_CA_CERTS: __, ...harmless } = RIGGED;
    const ran = await home.run(["init"], { env: { ...harmless, SSLKEYLOGFILE: keys } });
    assert.equal(ran.code, 0, ran.stderr);
    const pid = await home.daemonPid();
    assert.ok(pid !== undefined);
    const names = await environmentNames(pid);
    assert.deepEqual(names.filter((name) => dangerous.includes(name)), []);
    assert.ok(names.includes("HOME"));
  },
});
