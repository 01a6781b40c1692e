/** An agent with a shell calls, while the vault is unlocked, every command that could reveal or widen. */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

const SECRET = "sk-the-secret-of-the-owner-0123";
/** Of a bundle: whoever asks for one may choose it. */
const PASSPHRASE = "a passphrase that the agent chose";

/** Commands that reveal or widen; each works for the owner, in this order. */
const ACTS: string[][] = [
  ["run", "--reveal", "--no-mask", "--set", "KEY=k", "--", "/bin/sh", "-c", 'echo "$KEY"'],
  ["credential", "export", "k", "--output", "k.wkcred"],
  ["project", "export", "default", "--output", "default.wkbundle"],
  ["edit", "k", "--hosts", "*"],
  ["edit", "k", "--hosts", "api.example.com,evil.example"],
  ["edit", "k", "--type", "api_key"],
  ["edit", "other", "--type", "api_key", "--in", "body"],
  ["rotate", "k", "--value", "sk-planted-by-the-agent"],
  ["edit", "k", "--name", "renamed"],
  ["partition", "assign", "other", "--partition", "second"],
  ["project", "rename", "side", "aside"],
  ["project", "delete", "third", "--yes"],
  ["config", "set", "proxy.allow_private", "10.0.0.0/8"],
  ["config", "unset", "proxy.allow_private"],
  ["ca", "renew", "--yes"],
  ["passwd"],
];

Deno.test("what reveals or widens is refused to whoever has no password, and done for its owner", async () => {
  await using home = await Home.withVault();
  for (const name of ["k", "other"]) {
    await home.ok("add", name, "--value", SECRET, "--hosts", "api.example.com");
  }
  await home.ok("partition", "create", "second");
  for (const name of ["side", "third"]) await home.ok("project", "create", name);
  await home.ok("ca", "init");
  const state = async () =>
    JSON.stringify([
      await home.json("list"),
      await home.json("config", "list"),
      await home.json("project", "list"),
    ]);
  const before = await state();

  await Promise.all(ACTS.map(async (act) => {
    const refused = await home.run(act, {
      env: { WISPKEY_PASSWORD: "", WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE },
    });
    assert.ok([3, 5].includes(refused.code), `${act.join(" ")}: ${refused.code} ${refused.stderr}`);
    assert.ok(!refused.stdout.includes(SECRET) && !refused.stderr.includes(SECRET), act.join(" "));
  }));
  const wrong = await home.run(ACTS[0] ?? [], { env: { WISPKEY_PASSWORD: "not the password" } });
  assert.ok(wrong.code !== 0 && !wrong.stdout.includes(SECRET), wrong.stderr);
  assert.equal(await state(), before, "nothing has changed");
  const written = await Array.fromAsync(Deno.readDir(home.directory));
  assert.deepEqual(written.filter(({ name }) => /wkbundle|wkcred/.test(name)), [], "nothing was written");
  // Not even with the password is a secret shown where no person looks on.
  const piped = await home.run(["get", "k", "--reveal"]);
  assert.deepEqual([piped.code, piped.stdout], [5, ""]);

  // A program that asked nobody would have done all of it: so does ours, for its owner.
  for (const act of ACTS) {
    if (act[0] === "passwd") continue; // Asks a person for the new one.
    const done = await home.run(act, { env: { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE } });
    assert.equal(done.code, 0, `${act.join(" ")}: ${done.stderr}`);
    if (act[0] === "run") assert.ok(done.stdout.includes(SECRET));
  }
  assert.notEqual(await state(), before);
});
