import assert from "node:assert/strict";
import { findHelper, runHelper, streamHelper } from "../../src/platform/helper.ts";

const windows = Deno.build.os === "windows";
const nothing = () => false;

Deno.test(
  { name: "a helper is found by its absolute path in given places only", ignore: windows },
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "wk-helper-" });
    try {
      assert.equal(await findHelper("tool", [directory]), null);
      await Deno.mkdir(`${directory}/tool`);
      assert.equal(await findHelper("tool", [directory]), null, "a directory is no program");
      await Deno.writeTextFile(`${directory}/other`, "#!/bin/sh\n", { mode: 0o700 });
      assert.equal(await findHelper("other", ["/nowhere", directory]), `${directory}/other`);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

Deno.test(
  { name: "a helper gets the variables that are passed on, and no others", ignore: windows },
  async () => {
    Deno.env.set("WK_HELPER_SEEN", "yes");
    Deno.env.set("WK_HELPER_HIDDEN", "no");
    try {
      const { ok, stdout } = await runHelper("/usr/bin/env", [], {
        environment: (name) => name === "WK_HELPER_SEEN",
        maxBytes: 1024,
      });
      assert.equal(ok, true);
      assert.equal(new TextDecoder().decode(stdout), "WK_HELPER_SEEN=yes\n");
    } finally {
      Deno.env.delete("WK_HELPER_SEEN");
      Deno.env.delete("WK_HELPER_HIDDEN");
    }
  },
);

Deno.test(
  { name: "failures are told with what the helper says; answers are bounded", ignore: windows },
  async () => {
    const failed = await runHelper("/bin/sh", ["-c", "echo why >&2; exit 3"], {
      environment: nothing,
      maxBytes: 10,
    });
    assert.deepEqual([failed.ok, failed.stderr], [false, "why\n"]);
    const long = runHelper("/bin/sh", ["-c", "head -c 100000 /dev/zero"], {
      environment: nothing,
      maxBytes: 99_999,
    });
    await assert.rejects(long, { code: "helper_too_long" });
  },
);

Deno.test({ name: "a long answer is handed over as it comes", ignore: windows }, async () => {
  let length = 0;
  const { ok } = await streamHelper(
    "/bin/sh",
    ["-c", "head -c 3000000 /dev/zero"],
    { environment: nothing },
    (bytes) => void (length += bytes.length),
  );
  assert.deepEqual([ok, length], [true, 3_000_000]);
});
