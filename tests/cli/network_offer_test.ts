import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { encodeCertificate } from "../../src/core/pem.ts";
import { FakeVault, json, PASSWORD, run } from "./fake.ts";

const PROXY = { HTTPS_PROXY: "http://me:pa55word@proxy.test:3128" };

Deno.test("serve that cannot ask says the exact command, and changes nothing", async () => {
  const vault = new FakeVault();
  const ran = await run(["serve", "--daemon", "--json"], { vault, env: { ...PROXY, NO_PROXY: "a.test" } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(ran.stderr.includes('wispkey config set proxy.upstream \\"$HTTPS_PROXY\\"'), ran.stderr);
  assert.ok(ran.stderr.includes("wispkey config set proxy.no_proxy a.test"), ran.stderr);
  assert.ok(!(ran.stdout + ran.stderr).includes("pa55word"));
  assert.equal(vault.settings["proxy.upstream"], "");
});

Deno.test("serve on a terminal offers it, and takes it over with the password", async () => {
  const vault = new FakeVault();
  const ran = await run(["serve", "--daemon"], { vault, env: PROXY, confirm: true, secrets: [PASSWORD] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(vault.settings["proxy.upstream"], "http://me:pa55word@proxy.test:3128");
  assert.equal(vault.calls.find(({ name }) => name === "config.set")?.proven, true);
  assert.ok(!(ran.stdout + ran.stderr).includes("pa55word"));
  const again = await run(["serve", "--daemon"], { vault, env: PROXY, confirm: true });
  assert.ok(!again.stderr.includes("HTTPS_PROXY"), "asked once");
});

Deno.test("a no leaves all as it was, and says how never to be asked", async () => {
  const vault = new FakeVault();
  const ran = await run(["serve", "--daemon"], { vault, env: PROXY, confirm: false });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /^Never ask: wispkey config set proxy\.upstream ''$/m);
  assert.equal(vault.settings["proxy.upstream"], "");
  await run(["config", "set", "proxy.upstream", ""], { vault, secrets: [PASSWORD] });
  assert.ok(
    !(await run(["serve", "--daemon"], { vault, env: PROXY, confirm: false })).stderr.includes("HTTPS_PROXY"),
  );
});

Deno.test("certificates are taken over by their content", async () => {
  const der = new Uint8Array(200);
  der[0] = 0x30;
  const pem = encodeCertificate(der);
  const vault = new FakeVault();
  const ran = await run(["serve", "--daemon"], {
    vault,
    env: { SSL_CERT_FILE: "/corp.pem" },
    confirm: true,
    secrets: [PASSWORD],
    files: { "/corp.pem": utf8(pem) },
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(vault.settings["proxy.extra_ca"], [pem]);
});

Deno.test("a wrong password takes nothing over, and the proxy is not opened", async () => {
  const vault = new FakeVault();
  const ran = await run(["serve", "--daemon"], { vault, env: PROXY, confirm: true, secrets: ["wrong"] });
  assert.notEqual(ran.code, 0);
  assert.equal(vault.settings["proxy.upstream"], "");
});

Deno.test("doctor finds what the environment names and the vault does not", async () => {
  const vault = new FakeVault();
  const ran = await run(["doctor", "--json"], { vault, env: PROXY });
  const finding = json(ran).findings.find(({ code }: { code: string }) => code === "network_environment");
  assert.equal(finding.level, "warning");
  assert.equal(finding.hint, 'wispkey config set proxy.upstream "$HTTPS_PROXY"');
  assert.ok(!ran.stdout.includes("pa55word"));
});

Deno.test("what leads to our own proxy is nothing to be taken over, by whatever port a program reaches it", async () => {
  const vault = new FakeVault();
  const status = vault.status();
  const where = { pid: 4242, port: 7800, address: "http://127.0.0.1:7800", project: null, intercept: false };
  vault.status = () => ({ ...status, proxy: { ...where, askingPorts: [7801] } });
  for (const port of [7700, 7800, 7801, 7802]) {
    const env = { HTTPS_PROXY: `http://run-oak-7:5ec4e7@127.0.0.1:${port}` };
    for (const command of [["doctor", "--json"], ["serve", "--daemon", "--json"]]) {
      const { stdout, stderr } = await run(command, { vault, env });
      assert.equal((stdout + stderr).includes("HTTPS_PROXY"), port === 7802, `${command[0]} ${port}`);
    }
  }
});
