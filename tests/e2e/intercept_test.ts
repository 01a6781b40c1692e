import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { testAuthority } from "../proxy/tunnel/world.ts";
import { Home } from "./harness.ts";

/** An https API that answers with what it was sent. */
async function secureApi() {
  const outer = await testAuthority();
  const leaf = await outer.issuer.leafFor("127.0.0.1", Date.now());
  const seen: string[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: leaf.certificate,
    key: leaf.key,
    onListen: () => {},
  }, (request) => {
    seen.push(request.headers.get("authorization") ?? "");
    return Response.json({ ok: true });
  });
  return { pem: outer.pem, seen, port: server.addr.port, close: () => server.shutdown() };
}

async function curl(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--max-time", "20", ...args],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test("serve --intercept: curl with an unchanged https URL and a token reaches the API with the key", async () => {
  await using home = await Home.withVault();
  const api = await secureApi();
  try {
    const trusted = `${home.directory}/api-ca.pem`;
    await Deno.writeTextFile(trusted, api.pem);
    await home.ok("config", "set", "proxy.extra_ca", trusted);
    const url = `https://127.0.0.1:${api.port}/v1/models`;
    const added = await home.json(
      "add",
      "k",
      "--value",
      "sk-live-0123456789",
      "--hosts",
      `127.0.0.1:${api.port}`,
    );
    const token = added.credential.wisp_token;
    const authorization = ["--header", `Authorization: Bearer ${token}`];

    const blind = await home.json("serve", "--random-port", "--daemon");
    const proxy = ["--proxy", blind.address];
    const first = await curl(...proxy, "--cacert", trusted, ...authorization, url);
    assert.deepEqual(
      [first.code, api.seen.pop()],
      [0, `Bearer ${token}`],
      "a blind tunnel carries the token as it is",
    );
    const log = await home.ok("log");
    assert.match(log, /TunnelBlind/);

    const opened = await home.json("serve", "--port", String(blind.port), "--daemon", "--intercept");
    assert.equal(opened.port, blind.port);
    const { ca } = await home.json("ca", "show");
    assert.equal(new X509Certificate(await Deno.readTextFile(ca.certificate_path)).ca, true);
    const second = await curl(...proxy, "--cacert", ca.bundle_path, ...authorization, url);
    assert.deepEqual([second.code, second.stdout], [0, '{"ok":true}'], second.stderr);
    assert.equal(api.seen.pop(), "Bearer sk-live-0123456789");

    // A client that does not trust the authority is told of in the log, with what to do.
    const refused = await curl(...proxy, "--cacert", trusted, ...authorization, url);
    assert.equal(refused.code, 60);
    assert.match(await home.ok("log", "--json"), /never_intercept 127\.0\.0\.1/);
    await home.ok("config", "set", "proxy.never_intercept", "127.0.0.1");
    const exempt = await curl(...proxy, "--cacert", trusted, url);
    assert.equal(exempt.code, 0, exempt.stderr);

    // The key of the authority is nowhere in the home, whoever looks.
    const exported = await home.ok("ca", "export");
    assert.match(exported, /^-----BEGIN CERTIFICATE-----\n/);
    for await (const { name, isFile } of Deno.readDir(home.vault)) {
      if (!isFile) continue;
      const text = new TextDecoder("latin1").decode(await Deno.readFile(`${home.vault}/${name}`));
      assert.ok(!text.includes("PRIVATE KEY"), name);
    }
    const renewed = await home.json("ca", "renew", "--yes");
    assert.notEqual(renewed.ca.sha256, ca.sha256);
    const unproven = await home.run(["ca", "renew", "--yes"], {
      env: { WISPKEY_PASSWORD: "a wrong password" },
    });
    assert.notEqual(unproven.code, 0);
    assert.equal((await home.json("ca", "show")).ca.sha256, renewed.ca.sha256);
  } finally {
    await api.close();
  }
});
