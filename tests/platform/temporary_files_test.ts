import assert from "node:assert/strict";
import { dirname } from "node:path";
import { TemporaryFiles } from "../../src/platform/temporary_files.ts";

Deno.test("private files are their owner's alone, and gone afterwards", async () => {
  let path: string;
  {
    await using files = new TemporaryFiles();
    path = await files.write("key", new TextEncoder().encode("a value"));
    const other = await files.write("other", new Uint8Array(0));
    assert.equal(dirname(other), dirname(path));
    assert.equal(await Deno.readTextFile(path), "a value");
    if (Deno.build.os !== "windows") {
      assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
      assert.equal(((await Deno.stat(dirname(path))).mode ?? 0) & 0o777, 0o700);
    }
    await assert.rejects(files.write("key", new Uint8Array(1)), "a name is given once");
  }
  await assert.rejects(Deno.stat(dirname(path)), Deno.errors.NotFound);
});

Deno.test({
  name: "they lie in memory where the system has a file system there, also without one of the user's own",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const before = Deno.env.get("XDG_RUNTIME_DIR");
    const own = await Deno.makeTempDir({ prefix: "wk-runtime-" });
    try {
      Deno.env.set("XDG_RUNTIME_DIR", own);
      assert.equal(await baseOfFiles(), own);
      const shared = await Deno.makeTempDir({ dir: "/dev/shm" }).catch(() => null);
      if (shared !== null) {
        await Deno.remove(shared);
        for (
          const unset of [() => Deno.env.delete("XDG_RUNTIME_DIR"), () => Deno.env.set("XDG_RUNTIME_DIR", "")]
        ) {
          unset();
          assert.equal(await baseOfFiles(), "/dev/shm");
        }
      }
      Deno.env.set("XDG_RUNTIME_DIR", "/nowhere");
      assert.notEqual(await baseOfFiles(), "/nowhere");
    } finally {
      if (before === undefined) Deno.env.delete("XDG_RUNTIME_DIR");
      else Deno.env.set("XDG_RUNTIME_DIR", before);
      await Deno.remove(own, { recursive: true });
    }
  },
});

async function baseOfFiles(): Promise<string> {
  await using files = new TemporaryFiles();
  return dirname(dirname(await files.write("key", new Uint8Array(1))));
}

Deno.test("where no file was written there is no directory to be removed", async () => {
  await using _files = new TemporaryFiles();
});
