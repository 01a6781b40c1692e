import assert from "node:assert/strict";
import type { CertificatePort } from "../../../src/proxy/ports.ts";
import { LeafCache } from "../../../src/proxy/tls/leaf_cache.ts";
import { TEST_CERT, TEST_KEY } from "../test_certificate.ts";

function authority(renewAfterMs = Infinity, now = () => 0) {
  const minted: string[] = [];
  const port: CertificatePort & { authority: string | null; fails: boolean } = {
    authority: "one",
    fails: false,
    async leafFor(host) {
      await Promise.resolve();
      if (this.fails) throw new Error("locked");
      minted.push(host);
      return { certificate: TEST_CERT, key: TEST_KEY, renewAt: now() + renewAfterMs };
    },
  };
  return { port, minted };
}

Deno.test("a certificate is made once for each host, also for those who ask at once", async () => {
  const { port, minted } = authority();
  const cache = new LeafCache(port);
  const contexts = await Promise.all(["a", "b", "a", "a"].map((host) => cache.contextFor(host)));
  assert.equal(contexts[0], contexts[2]);
  assert.notEqual(contexts[0], contexts[1]);
  assert.deepEqual(minted, ["a", "b"]);
});

Deno.test("a thousand hosts in a row leave no more than are kept, and those used last stay", async () => {
  const { port, minted } = authority();
  const cache = new LeafCache(port, 100);
  for (let i = 0; i < 1_000; i++) {
    await cache.contextFor(`host-${i}.test`);
    await cache.contextFor("favourite.test");
    assert.ok(cache.size <= 100);
  }
  assert.equal(cache.size, 100);
  assert.equal(minted.filter((host) => host === "favourite.test").length, 1);
  await cache.contextFor("host-999.test");
  await cache.contextFor("host-0.test");
  assert.equal(minted.length, 1_002);
});

Deno.test("a certificate is made anew before it ends, and after the authority was changed", async () => {
  let now = 0;
  const { port, minted } = authority(1_000, () => now);
  const cache = new LeafCache(port, 10, () => now);
  await cache.contextFor("a");
  now = 999;
  await cache.contextFor("a");
  assert.equal(minted.length, 1);
  now = 1_000;
  await cache.contextFor("a");
  assert.equal(minted.length, 2);
  port.authority = "two";
  await cache.contextFor("a");
  assert.equal(minted.length, 3);
});

Deno.test("a failure is not kept", async () => {
  const { port } = authority();
  const cache = new LeafCache(port);
  port.fails = true;
  await assert.rejects(cache.contextFor("a"), /locked/);
  assert.equal(cache.size, 0);
  port.fails = false;
  await cache.contextFor("a");
  assert.equal(cache.size, 1);
});
