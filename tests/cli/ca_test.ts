import assert from "node:assert/strict";
import { trustOn, untrustOn } from "../../src/cli/ca/trust.ts";
import { authority, FakeVault, json, PASSWORD, run } from "./fake.ts";

const ENV = { WISPKEY_PASSWORD: PASSWORD };

function withCa(): FakeVault {
  return Object.assign(new FakeVault(), { ca: authority("11112222") });
}

Deno.test("ca init makes the authority once and shows it", async () => {
  const vault = new FakeVault();
  const first = await run(["ca", "init", "--json"], { vault });
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(json(first), {
    ok: true,
    created: true,
    ca: {
      name: "WispKey local CA 11112222",
      sha256: "11112222".padEnd(64, "0"),
      not_before: "2026-01-31T12:34:56.000Z",
      not_after: "2031-01-30T12:34:56.000Z",
      certificate_path: "/home/me/.wispkey/ca.pem",
      bundle_path: "/home/me/.wispkey/ca-bundle.pem",
    },
  });
  const again = await run(["ca", "init"], { vault });
  assert.match(again.stdout, /^There is a local authority already\.\nName +WispKey local CA 11112222\n/);
  assert.match(again.stderr, /wispkey ca trust/);
});

Deno.test("without an authority every other command says how to make one", async () => {
  for (const word of ["show", "export", "renew", "trust", "untrust"]) {
    const ran = await run(["ca", word, "--yes"], { env: ENV });
    assert.equal(ran.code, 4, word);
    assert.match(ran.stderr, /there is no local authority yet\nhint: wispkey ca init/, word);
  }
});

Deno.test("ca export prints the certificate and nothing else", async () => {
  const ran = await run(["ca", "export"], { vault: withCa() });
  assert.equal(ran.stdout, authority("11112222").certificate);
  assert.equal(ran.stderr, "");
  assert.deepEqual(json(await run(["ca", "export", "--json"], { vault: withCa() })), {
    certificate: authority("11112222").certificate,
  });
});

Deno.test("ca renew asks, takes the password, and replaces the authority", async () => {
  const unasked = await run(["ca", "renew"], { vault: withCa(), env: ENV });
  assert.equal(unasked.code, 2);
  const vault = withCa();
  const ran = await run(["ca", "renew", "--yes"], { vault, env: ENV });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /33334444/);
  const call = vault.calls.find(({ name }) => name === "ca.renew");
  assert.equal(call?.proven, true);
});

Deno.test("ca show tells where everything lies and whether the system trusts it", async () => {
  const ran = await run(["ca", "show"], { vault: withCa() });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /SHA-256 +11112222/);
  assert.match(ran.stdout, /Valid until +2031-01-30\n/);
  assert.match(ran.stdout, /trusts it: no \(wispkey ca trust\)/);
});

Deno.test("ca trust wants a confirmation, and changes nothing without one", async () => {
  const ran = await run(["ca", "trust"], { vault: withCa() });
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /confirmation/);
});

Deno.test("the verbs for trust are made for a system, so that tests need not touch this one", () => {
  const system = {
    os: "linux",
    home: undefined,
    root: "/nowhere",
    run: () => Promise.resolve(null),
  } as const;
  assert.equal(typeof trustOn(system).run, "function");
  assert.equal(typeof untrustOn(system).run, "function");
});
