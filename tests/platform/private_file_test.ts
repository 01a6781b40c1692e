import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  createPrivateFile,
  ensurePrivateDir,
  openPrivateAppend,
  readFileBounded,
  removeLeftovers,
  writePrivateFile,
} from "../../src/platform/private_file.ts";

const unix = Deno.build.os !== "windows";

async function inTempDir(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await body(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function mode(path: string): number {
  return (Deno.lstatSync(path).mode ?? 0) & 0o777;
}

Deno.test("a missing directory is created for its owner alone, parents included", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "a", "b");
    await ensurePrivateDir(path);
    assert.ok(Deno.statSync(path).isDirectory);
    if (unix) {
      assert.equal(mode(path), 0o700);
      assert.equal(mode(join(directory, "a")), 0o700);
    }
    await ensurePrivateDir(path);
  }));

Deno.test({
  name: "a directory that others may enter is refused with the command that mends it, and left as it is",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      for (const open of [0o750, 0o705, 0o711, 0o777]) {
        const path = join(directory, `it's ${open}`);
        Deno.mkdirSync(path);
        Deno.chmodSync(path, open);
        await assert.rejects(ensurePrivateDir(path), {
          code: "directory_not_private",
          hint: `chmod 700 '${path.replace("'", "'\\''")}'`,
        });
        assert.equal(mode(path), open);
      }
    }),
});

Deno.test({
  name: "a symbolic link in place of the directory is refused",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const target = join(directory, "target");
      const link = join(directory, "link");
      Deno.mkdirSync(target, { mode: 0o700 });
      Deno.symlinkSync(target, link);
      await assert.rejects(ensurePrivateDir(link), { code: "directory_is_symlink" });
      Deno.symlinkSync(join(directory, "nowhere"), join(directory, "dangling"));
      await assert.rejects(ensurePrivateDir(join(directory, "dangling")), { code: "directory_is_symlink" });
    }),
});

Deno.test("a file in place of the directory, or above it, is refused", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "file");
    Deno.writeTextFileSync(path, "");
    await assert.rejects(ensurePrivateDir(path), { code: "not_a_directory" });
    await assert.rejects(ensurePrivateDir(join(path, "below")), { code: "directory_unusable" });
  }));

Deno.test("a file is created once, for its owner alone", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "file");
    await createPrivateFile(path);
    assert.equal(Deno.statSync(path).size, 0);
    if (unix) assert.equal(mode(path), 0o600);
    await assert.rejects(createPrivateFile(path), { code: "file_exists" });
  }));

Deno.test({
  name: "creating a file does not follow a dangling symbolic link",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const outside = join(directory, "outside");
      Deno.symlinkSync(outside, join(directory, "link"));
      await assert.rejects(createPrivateFile(join(directory, "link")), { code: "file_exists" });
      assert.throws(() => Deno.lstatSync(outside), Deno.errors.NotFound);
    }),
});

Deno.test("writing replaces the whole content and leaves nothing else in the directory", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "file");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (bytes) => {
        await writePrivateFile(path, bytes);
        assert.deepEqual(await readFileBounded(path, 5000), new Uint8Array(bytes));
      }),
      { numRuns: 20 },
    );
    assert.deepEqual([...Deno.readDirSync(directory)].map((entry) => entry.name), ["file"]);
    if (unix) assert.equal(mode(path), 0o600);
  }));

Deno.test({
  name: "writing over a symbolic link replaces the link and leaves its target and the directory's mode alone",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const target = join(directory, "target");
      const path = join(directory, "link");
      Deno.writeTextFileSync(target, "kept");
      Deno.symlinkSync(target, path);
      Deno.chmodSync(directory, 0o755);
      await writePrivateFile(path, new TextEncoder().encode("new"));
      assert.equal(Deno.readTextFileSync(target), "kept");
      assert.ok(Deno.lstatSync(path).isFile);
      assert.equal(mode(path), 0o600);
      assert.equal(mode(directory), 0o755);
    }),
});

Deno.test({
  name: "a write that cannot be finished leaves what was there and no leftover",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      // A directory with content at the target makes the last step, the rename, fail.
      const path = join(directory, "file");
      Deno.mkdirSync(join(path, "in the way"), { recursive: true });
      await assert.rejects(writePrivateFile(path, new Uint8Array(3)), { code: "file_unwritable" });
      assert.deepEqual([...Deno.readDirSync(directory)].map((entry) => entry.name), ["file"]);
    }),
});

Deno.test("reading stops at the limit, at it exactly is allowed", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "file");
    Deno.writeFileSync(path, new Uint8Array(10_000).fill(7));
    assert.equal((await readFileBounded(path, 10_000)).length, 10_000);
    await assert.rejects(readFileBounded(path, 9_999), { code: "file_too_large" });
    Deno.writeFileSync(path, new Uint8Array(0));
    assert.equal((await readFileBounded(path, 0)).length, 0);
  }));

Deno.test({
  name: "a pipe is read to its end, and no further than the limit",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const path = join(directory, "pipe");
      const made = await new Deno.Command("mkfifo", { args: [path] }).output();
      assert.ok(made.success);
      const write = async (length: number) => {
        using pipe = await Deno.open(path, { write: true });
        const bytes = new Uint8Array(length).fill(1);
        for (let sent = 0; sent < length;) sent += await pipe.write(bytes.subarray(sent));
      };
      const [bytes] = await Promise.all([readFileBounded(path, 100_000), write(100_000)]);
      assert.equal(bytes.length, 100_000);
      await Promise.all([
        assert.rejects(readFileBounded(path, 4_000), { code: "file_too_large" }),
        write(4_001),
      ]);
    }),
});

Deno.test("what cannot be read says why", () =>
  inTempDir(async (directory) => {
    await assert.rejects(readFileBounded(join(directory, "none"), 10), {
      code: "file_not_found",
      exitCode: 4,
    });
    await assert.rejects(readFileBounded(directory, 10), { code: "file_unreadable" });
  }));

Deno.test("appending keeps what is there and creates the file for its owner alone", () =>
  inTempDir(async (directory) => {
    const path = join(directory, "log");
    for (const text of ["one\n", "two\n"]) {
      using file = await openPrivateAppend(path);
      await file.write(new TextEncoder().encode(text));
    }
    assert.equal(Deno.readTextFileSync(path), "one\ntwo\n");
    if (unix) assert.equal(mode(path), 0o600);
  }));

Deno.test({
  name: "appending refuses a symbolic link, a directory and a file that others may read",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const target = join(directory, "target");
      await createPrivateFile(target);
      const link = join(directory, "link");
      Deno.symlinkSync(target, link);
      await assert.rejects(openPrivateAppend(link), { code: "file_not_private" });
      await assert.rejects(openPrivateAppend(directory), { code: "file_not_private" });
      Deno.chmodSync(target, 0o640);
      await assert.rejects(openPrivateAppend(target), { code: "file_not_private" });
      await assert.rejects(openPrivateAppend(join(directory, "no", "log")), { code: "file_unwritable" });
    }),
});

Deno.test("leftovers of killed writers are removed once they are old, other files never", () =>
  inTempDir(async (directory) => {
    const old = join(directory, ".vault.db.0123456789abcdef.tmp");
    const other = join(directory, ".notes.tmp");
    for (const path of [old, other]) await createPrivateFile(path);
    await removeLeftovers(directory);
    assert.ok(Deno.statSync(old).isFile);
    await removeLeftovers(directory, Date.now() + 61_000);
    assert.deepEqual([...Deno.readDirSync(directory)].map((entry) => entry.name), [".notes.tmp"]);
  }));

Deno.test({
  name: "a link that is laid there between the look and the opening is not followed",
  ignore: !unix,
  fn: () =>
    inTempDir(async (directory) => {
      const [path, target] = [join(directory, "log"), join(directory, "target")];
      await Deno.writeTextFile(target, "precious", { mode: 0o600 });
      await Deno.writeTextFile(path, "", { mode: 0o600 });
      const { lstat } = Deno;
      Deno.lstat = async (looked) => {
        const seen = await lstat(looked);
        await Deno.remove(path);
        await Deno.symlink(target, path);
        return seen;
      };
      try {
        await assert.rejects(openPrivateAppend(path), { code: "file_not_private" });
      } finally {
        Deno.lstat = lstat;
      }
      assert.equal(await Deno.readTextFile(target), "precious");
    }),
});
