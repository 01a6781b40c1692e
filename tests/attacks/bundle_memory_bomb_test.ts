import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { credential, PASSPHRASE, write } from "../sharing/support.ts";

Deno.test("a bundle cannot make the machine derive for hours or fill its memory", async () => {
  await using home = await Home.withVault();
  const file = `${home.directory}/bomb.wkbundle`;
  const honest = await write([credential("k")]);
  const before = await home.json("list", "--all-projects");
  for (
    const [at, value, what] of [
      [9, 0xffffffff, /4294967295 KiB of memory/],
      [9, 262_145, /262145 KiB of memory/],
      [13, 0xffffffff, /4294967295 passes/],
      [13, 11, /11 passes/],
    ] as const
  ) {
    const bomb = honest.slice();
    new DataView(bomb.buffer).setUint32(at, value);
    await Deno.writeFile(file, bomb);
    // Whoever believes the header would now ask for this.
    assert.equal(new DataView(bomb.buffer).getUint32(at), value);
    const ran = await home.run(["project", "import", file, "--json"], {
      env: { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE },
    });
    assert.equal(ran.code, 1);
    const { error } = JSON.parse(ran.stderr);
    assert.equal(error.code, "bundle_kdf_parameters");
    assert.match(error.message, what);
  }
  assert.deepEqual(await home.json("list", "--all-projects"), before);
  await Deno.writeFile(file, honest);
  const ran = await home.run(["project", "import", file], { env: { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE } });
  assert.equal(ran.code, 0, ran.stderr);
});
