import assert from "node:assert/strict";
import { systemRoots } from "../../src/platform/system_roots.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n";

async function withFiles(
  files: Record<string, string>,
  test: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-roots-" });
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${directory}/${name}`, text);
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the first file that holds certificates is taken", () =>
  withFiles(
    { empty: "", notes: "nothing here", roots: CERTIFICATE, others: `${CERTIFICATE}more` },
    async (directory) => {
      const paths = ["missing", "empty", "notes", "roots", "others"].map((name) => `${directory}/${name}`);
      assert.equal(await systemRoots(paths), CERTIFICATE);
      assert.equal(
        await systemRoots([directory, `${directory}/roots`]),
        CERTIFICATE,
        "a directory is no file",
      );
    },
  ));

Deno.test("where there is no such file, the runtime's own list stands in", async () => {
  const roots = await systemRoots(["/nowhere/at/all.pem"]);
  const certificates = roots.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  assert.ok(certificates > 50, `${certificates} certificates`);
  assert.equal(roots.match(/-----END CERTIFICATE-----/g)?.length, certificates);
  assert.ok(!/-----END CERTIFICATE----------BEGIN/.test(roots), "each begins on a line of its own");
});

Deno.test("this system has roots", async () => {
  assert.match(await systemRoots(), /-----BEGIN CERTIFICATE-----/);
});
