import assert from "node:assert/strict";
import { httpProxy, socksProxy } from "../proxy/http/fake_proxies.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "../proxy/test_certificate.ts";
import { Home, through } from "./harness.ts";

const SECRET = "sk-real-value-behind-a-company-proxy";
const PROXY_PASSWORD = "pa55word-of-the-proxy";

Deno.test("behind a company's proxy with its own authority, tokens work once the owner has said so, and from then on", async () => {
  await using web = httpProxy({ login: `me:${PROXY_PASSWORD}` });
  await using socks = socksProxy({ login: `me:${PROXY_PASSWORD}` });
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: TEST_CERT, key: TEST_KEY, onListen: () => {} },
    (request) => Response.json({ length: request.headers.get("authorization")?.length }),
  );
  const host = `api.test:${server.addr.port}`;
  await using home = await Home.withVault();
  const added = await home.json("add", "k", "--value", SECRET, "--hosts", host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const ask = async () => {
    const answer = await through(address, `https://${host}/`, {
      Authorization: `Bearer ${added.credential.wisp_token}`,
    });
    return { status: answer.status, code: answer.headers.get("x-wispkey-error"), text: await answer.text() };
  };
  assert.equal((await ask()).code, "upstream_dns", "nobody here knows the name");

  const set = async (key: string, value: string, stdin?: string) => {
    const ran = await home.run(
      ["config", "set", key, value],
      stdin === undefined ? {} : {
        stdin: new TextEncoder().encode(stdin),
      },
    );
    assert.equal(ran.code, 0, ran.stderr);
    return ran.stdout + ran.stderr;
  };
  const said = await set("proxy.upstream", "-", `http://me:${PROXY_PASSWORD}@127.0.0.1:${web.port}\n`);
  assert.ok(said.includes("http://***@127.0.0.1") && !said.includes(PROXY_PASSWORD), said);
  assert.equal((await ask()).code, "upstream_tls", "the authority is not trusted yet");

  await Deno.writeTextFile(`${home.directory}/company.pem`, TEST_CA);
  await set("proxy.extra_ca", "company.pem");
  await Deno.remove(`${home.directory}/company.pem`);
  assert.deepEqual(await ask(), { status: 200, code: null, text: `{"length":${`Bearer ${SECRET}`.length}}` });
  assert.deepEqual(new Set(web.asked), new Set([`CONNECT ${host}`]));

  await set("proxy.upstream", `socks5h://me:${PROXY_PASSWORD}@127.0.0.1:${socks.port}`);
  assert.equal((await ask()).status, 200);
  assert.deepEqual(socks.asked, [host]);

  // A fresh daemon knows all of it from the vault.
  await home.ok("unlock");
  assert.equal((await ask()).status, 200);

  await set("proxy.upstream", `http://me:wr0ng@127.0.0.1:${web.port}`);
  const refused = await ask();
  assert.deepEqual([refused.status, refused.code], [502, "upstream_proxy"]);
  assert.match(refused.text, /does not take the user name and password \(407\)/);

  const shown = await home.ok("config", "list") + await home.ok("log") + await home.ok("doctor") +
    refused.text;
  await home.ok("stop");
  for (const secret of [PROXY_PASSWORD, "wr0ng"]) {
    assert.ok(!shown.includes(secret));
    for (const entry of Deno.readDirSync(home.vault)) {
      if (!entry.isFile) continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(`${home.vault}/${entry.name}`));
      assert.ok(!text.includes(secret), `${secret} in ${entry.name}`);
    }
  }
});
