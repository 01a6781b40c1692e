import assert from "node:assert/strict";
import { opensForWriting, writableFiles } from "../../src/platform/program_files.ts";

Deno.test("a file that opens for writing can be written; what is not there, or is a directory, cannot", async () => {
  const directory = await Deno.makeTempDir({ prefix: "wk-program-" });
  try {
    const file = `${directory}/program`;
    await Deno.writeTextFile(file, "unchanged");
    assert.equal(opensForWriting(file), true);
    assert.equal(await Deno.readTextFile(file), "unchanged");
    assert.equal(opensForWriting(`${directory}/missing`), false);
    assert.equal(opensForWriting(directory), false);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(directory), ({ name }) => name), ["program"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test({
  name:
    "of the program's files those are named that its user can write, by their modes or, on Windows, by opening them",
  // Root can write everything, so nothing is said of it.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "wk-program-" });
    try {
      const [open = "", closed = ""] = [`${directory}/open`, `${directory}/closed`];
      await Deno.writeTextFile(open, "", { mode: 0o600 });
      await Deno.writeTextFile(closed, "", { mode: 0o400 });
      for (const os of [Deno.build.os, "windows"] as const) {
        assert.deepEqual(writableFiles([open, closed, `${directory}/missing`], os), [open], os);
      }
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
