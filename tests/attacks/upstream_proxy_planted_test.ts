/**
 * The attacker runs a proxy of its own and wants our traffic to go through it, because a plain `http` request shows its
 * secret to every proxy on the way: by the environment, by a row in the vault's database, by a configuration file, by a
 * command without the password.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Home, through } from "../e2e/harness.ts";
import { httpProxy } from "../proxy/http/fake_proxies.ts";

const SECRET = "sk-live-the-real-value-0042";
// Only a proxy could know where this is: a request for it that reaches the proxy was misled, any other gets nowhere.
const URL_BEHIND_PROXY = "http://api.invalid/x";
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"];

Deno.test("an upstream proxy can be planted neither by the environment nor in any file, nor without the password", async () => {
  await using thief = httpProxy();
  const planted = `http://127.0.0.1:${thief.port}`;
  const environment = {
    ...Object.fromEntries(VARIABLES.map((name) => [name, planted])),
    // The runtime's own look for a newer version is none of our traffic.
    DENO_NO_UPDATE_CHECK: "1",
  };

  await naiveRequest(URL_BEHIND_PROXY, environment);
  assert.ok(
    thief.heads.some((head) => head.includes(SECRET)),
    "the attack does not even work against a naive program",
  );
  thief.heads.length = 0;

  await using home = await Home.create();
  const run = async (...args: string[]) => {
    const ran = await home.run(args, { env: environment });
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout;
  };
  await run("init");
  const added = JSON.parse(
    await run("add", "k", "--value", SECRET, "--hosts", "http://api.invalid", "--json"),
  );
  const token = added.credential.wisp_token;
  await Deno.writeTextFile(`${home.vault}/config.toml`, `[proxy]\nupstream = "${planted}"\n`);
  await run("unlock");
  const proxy = JSON.parse(await run("serve", "--random-port", "--daemon", "--json"));
  const use = () => through(proxy.address, URL_BEHIND_PROXY, { Authorization: `Bearer ${token}` });

  const unmoved = async () => {
    const answer = await use();
    assert.equal(answer.headers.get("x-wispkey-error"), "upstream_dns", await answer.text());
  };

  await unmoved();

  const denied = await home.run(["config", "set", "proxy.upstream", planted], {
    env: { ...environment, WISPKEY_PASSWORD: "not the master password" },
  });
  assert.notEqual(denied.code, 0);
  const asked = await home.run(["config", "set", "proxy.upstream", planted], {
    env: { WISPKEY_PASSWORD: "" },
  });
  assert.notEqual(asked.code, 0, "nobody to ask");

  const database = new DatabaseSync(`${home.vault}/vault.db`);
  database.prepare("INSERT OR REPLACE INTO settings VALUES ('proxy.upstream', ?, zeroblob(32))").run(planted);
  database.close();
  await unmoved();
  const again = await home.run(["unlock"], { env: environment });
  assert.notEqual(again.code, 0, "a fresh one refuses what was planted");
  assert.match(again.stderr, /changed behind our back/);

  assert.equal(thief.heads.length, 0, "the attacker's proxy was never spoken to");

  // The same request goes there once the owner says so: the above would have been seen.
  await run("config", "unset", "proxy.upstream");
  await run("config", "set", "proxy.upstream", planted);
  await (await use()).body?.cancel();
  assert.ok(thief.heads.some((head) => head.startsWith("GET http://api.invalid/x ")), thief.heads.join());
});

/** A program that takes its proxy from the environment, as most do. */
async function naiveRequest(url: string, environment: Record<string, string>): Promise<void> {
  const code = `await fetch(${
    JSON.stringify(url)
  }, { headers: { authorization: "Bearer ${SECRET}" } }).catch(() => {})`;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    env: environment,
    stdout: "null",
    stderr: "null",
  }).output();
  assert.ok(success);
}
