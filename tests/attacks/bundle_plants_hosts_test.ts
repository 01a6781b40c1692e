import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";
import { credential, PASSPHRASE, write } from "../sharing/support.ts";

/** The agent has the shell and the open vault, not the password; whoever sent it the bundle knows its passphrase. */
const AGENT = { WISPKEY_PASSWORD: "", WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE };

Deno.test("a bundle cannot plant hosts under a name that is there", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await using thief = new Api();
  const { credential: mine } = await home.json("add", "k", "--value", "sk-the-real-key", "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const bundle = `${home.directory}/gift.wkbundle`;
  const planted = credential("k", {
    hosts: [thief.host, "*"],
    value: new TextEncoder().encode("sk-of-the-thief"),
  });
  await Deno.writeFile(
    bundle,
    await write([planted], { manifest: { project: { name: "default", description: "" } } }),
  );
  const call = async (target: string) => {
    const answer = await through(address, `http://${target}/`, {
      Authorization: `Bearer ${mine.wisp_token}`,
    });
    await answer.body?.cancel();
    return answer.status;
  };

  for (const choice of ["skip", "replace", "rename"]) {
    const ran = await home.run(["project", "import", bundle, "--on-conflict", choice, "--yes"], {
      env: AGENT,
    });
    assert.equal(ran.code, choice === "replace" ? 5 : 0, ran.stderr);
    assert.equal(await call(thief.host), 403, choice);
    assert.equal(await call(api.host), 200, choice);
    assert.equal(api.last?.headers.authorization, "Bearer sk-the-real-key", choice);
  }
  assert.equal(thief.seen.length, 0);

  // It is the password that stops it: its owner, shown the hosts, can do just that.
  const owner = await home.run(["project", "import", bundle, "--on-conflict", "replace", "--yes"], {
    env: { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE },
  });
  assert.equal(owner.code, 0, owner.stderr);
  assert.match(owner.stderr, /default\/k: may go to .*; afterwards to /);
  assert.equal(await call(thief.host), 200);
  assert.equal(
    thief.last?.headers.authorization,
    "Bearer sk-of-the-thief",
    "and never the key that was replaced",
  );
});

Deno.test("what comes without the password is marked as confirmed by nobody", async () => {
  await using home = await Home.withVault();
  const bundle = `${home.directory}/gift.wkbundle`;
  await Deno.writeFile(bundle, await write([credential("gift", { hosts: ["*"] })]));
  const ran = await home.run(["project", "import", bundle], { env: AGENT });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /\+ gift {2}may go to: \*/);
  const { credential: gift } = await home.json("get", "gift", "--project", "acme");
  assert.equal(gift.hosts_confirmed, false);
});
