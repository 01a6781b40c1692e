import assert from "node:assert/strict";
import { Home } from "./harness.ts";

Deno.test("a shell that asks for names gets them from the open vault, and nothing from a closed one", async () => {
  await using home = await Home.withVault();
  await home.ok("project", "create", "acme");
  await home.ok("add", "my $(key)", "--value", "sk-0123456789abcdef", "--hosts", "api.example.com");
  const names = async (kind: string) => {
    // The vault must be open: no password is at hand, and nobody to be asked.
    const { code, stdout, stderr } = await home.run(["completions", "--names", kind], {
      env: { WISPKEY_PASSWORD: "" },
    });
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };
  assert.equal(await names("project"), "acme\ndefault\n");
  assert.equal(await names("partition"), "personal\n");
  assert.equal(await names("credential"), "my $(key)\n");
  await home.ok("lock");
  for (const kind of ["project", "partition", "credential"]) assert.equal(await names(kind), "", kind);
});
