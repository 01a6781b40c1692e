import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { PrivateFileWriter } from "../../src/platform/private_file.ts";
import { openForReading, readSecretFile, somethingAt } from "../../src/platform/secret_file.ts";

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-secret-file-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "a secret in a file that others may read is refused, with the command that mends it",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await withDirectory(async (directory) => {
      const path = `${directory}/pass phrase`;
      await Deno.writeTextFile(path, "secret");
      for (const mode of [0o640, 0o604, 0o644, 0o620, 0o601, 0o777]) {
        await Deno.chmod(path, mode);
        await assert.rejects(readSecretFile(path, 100), {
          code: "file_not_private",
          hint: `chmod 600 '${path}'`,
        });
      }
      for (const mode of [0o600, 0o400]) {
        await Deno.chmod(path, mode);
        assert.deepEqual(await readSecretFile(path, 100), utf8("secret"));
      }
      // What counts is the file that a link leads to.
      await Deno.symlink(path, `${directory}/link`);
      assert.deepEqual(await readSecretFile(`${directory}/link`, 100), utf8("secret"));
      await Deno.chmod(path, 0o644);
      await assert.rejects(readSecretFile(`${directory}/link`, 100), { code: "file_not_private" });
    });
  },
});

Deno.test("a secret file is bounded, and must be a file", async () => {
  await withDirectory(async (directory) => {
    const path = `${directory}/secret`;
    await Deno.writeTextFile(path, "x".repeat(101), { mode: 0o600 });
    await assert.rejects(readSecretFile(path, 100), { code: "file_too_large" });
    assert.equal((await readSecretFile(path, 101)).length, 101);
    await assert.rejects(readSecretFile(`${directory}/none`, 100), { code: "file_not_found" });
    await assert.rejects(openForReading(directory), { code: "file_unreadable" });
  });
});

Deno.test("a dangling link counts as something", async () => {
  await withDirectory(async (directory) => {
    assert.equal(await somethingAt(`${directory}/x`), false);
    await Deno.symlink(`${directory}/nowhere`, `${directory}/x`);
    assert.equal(await somethingAt(`${directory}/x`), true);
  });
});

Deno.test("a file written in pieces takes its place only when it is committed", async () => {
  await withDirectory(async (directory) => {
    const path = `${directory}/out`;
    await Deno.writeTextFile(path, "before");
    const given = await PrivateFileWriter.create(path);
    await given.write(utf8("half"));
    await given.abort();
    assert.equal(await Deno.readTextFile(path), "before");
    const writer = await PrivateFileWriter.create(path);
    await writer.write(utf8("one "));
    await writer.write(utf8("two"));
    assert.equal(await Deno.readTextFile(path), "before");
    await writer.commit();
    await writer.abort();
    assert.equal(await Deno.readTextFile(path), "one two");
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(directory)].map(({ name }) => name), ["out"]);
    await assert.rejects(PrivateFileWriter.create(`${directory}/none/out`), { code: "file_unwritable" });
  });
});
