import assert from "node:assert/strict";
import { findNearestFile } from "../../src/platform/nearest_file.ts";

async function withTree(work: (top: string) => Promise<void>): Promise<void> {
  const top = await Deno.makeTempDir({ prefix: "wk-nearest-" });
  try {
    await Deno.mkdir(`${top}/a/b/c`, { recursive: true });
    await work(top);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

const NAME = ".wispkey-test.toml";

Deno.test("the nearest file wins, from the directory itself upwards", async () => {
  await withTree(async (top) => {
    assert.equal(await findNearestFile(NAME, 100, `${top}/a/b/c`), null);
    await Deno.writeTextFile(`${top}/a/${NAME}`, "far");
    assert.equal((await findNearestFile(NAME, 100, `${top}/a/b/c`))?.path, `${top}/a/${NAME}`);
    await Deno.writeTextFile(`${top}/a/b/${NAME}`, "near");
    const found = await findNearestFile(NAME, 100, `${top}/a/b/c`);
    assert.equal(new TextDecoder().decode(found?.bytes), "near");
    assert.equal((await findNearestFile(NAME, 100, `${top}/a`))?.path, `${top}/a/${NAME}`);
  });
});

Deno.test("a directory of that name is passed over, a long file refused", async () => {
  await withTree(async (top) => {
    await Deno.mkdir(`${top}/a/b/${NAME}`);
    await Deno.writeTextFile(`${top}/a/${NAME}`, "x".repeat(50));
    assert.equal((await findNearestFile(NAME, 100, `${top}/a/b/c`))?.path, `${top}/a/${NAME}`);
    await assert.rejects(findNearestFile(NAME, 10, `${top}/a/b/c`), { code: "file_too_large" });
  });
});

Deno.test({
  name: "a file of another user is passed over, as in a shared directory",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: async () => {
    await withTree(async (top) => {
      await Deno.writeTextFile(`${top}/a/${NAME}`, "planted");
      await Deno.chown(`${top}/a/${NAME}`, 12_345, 12_345);
      assert.equal(await findNearestFile(NAME, 100, `${top}/a/b`), null);
    });
  },
});
