import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import type { TestGroup } from "../../scripts/test/groups.ts";
import { processesWith } from "../../scripts/test/leftovers.ts";
import { type GroupResult, runGroup } from "../../scripts/test/run_group.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "../..");

/** Runs one made-up test file as a group of its own. */
async function runFile(code: string, permissions: string[] = [], timeoutMs = 60_000): Promise<GroupResult> {
  const directory = await Deno.makeTempDir();
  try {
    const file = join(directory, "made_up_test.ts");
    await Deno.writeTextFile(file, code);
    const runDirectory = join(directory, "run");
    await Deno.mkdir(runDirectory);
    const group: TestGroup = { name: "made-up", paths: [file], seconds: 60, permissions: () => permissions };
    const options = {
      root: ROOT,
      runDirectory,
      vectors: null,
      only: [],
      variables: { SIZE: "7" },
      timeoutMs,
    };
    return await runGroup(group, { ...options, verbose: false });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a group's outcome counts what passed, failed and was ignored", async () => {
  const result = await runFile(`
    Deno.test("passes", () => {});
    Deno.test({ name: "left out: no such thing here", ignore: true, fn: () => {} });
    Deno.test("fails", () => { throw new Error("on purpose"); });
  `);
  assert.deepEqual([result.passed, result.failed, result.ignored], [1, 1, 1]);
  assert.deepEqual(result.ignoredNames, ["left out: no such thing here"]);
  assert.deepEqual(result.complaints, []);
  assert.match(result.output, /on purpose/);
});

Deno.test("a file that does not even load is a failure", async () => {
  const result = await runFile(`import "./there_is_no_such_file.ts"; Deno.test("never runs", () => {});`);
  assert.equal(result.passed, 0);
  assert.equal(result.failed, 1);
});

Deno.test("tests have the permissions of their group and no others", async () => {
  const code = `Deno.test("reads", () => { Deno.readTextFileSync(${
    JSON.stringify(join(ROOT, "deno.json"))
  }); });`;
  assert.equal((await runFile(code)).failed, 1);
  assert.equal((await runFile(code, [`--allow-read=${ROOT}`])).passed, 1);
});

Deno.test("tests see the sizes they are given and a temporary directory of their own", async () => {
  const result = await runFile(
    `Deno.test("env", () => {
      if (Deno.env.get("SIZE") !== "7") throw new Error("no size");
      if (!Deno.env.get("TMPDIR")?.endsWith("made-up")) throw new Error("not our directory");
      if (Deno.env.get("WISPKEY_VAULT_PATH") !== undefined) throw new Error("a real vault");
    });`,
    ["--allow-env"],
  );
  assert.equal(result.passed, 1, result.output);
});

Deno.test("files left behind fail the group", async () => {
  const result = await runFile(
    `Deno.test("leaves a file", () => { Deno.makeTempFileSync({ prefix: "forgotten" }); });`,
    ["--allow-write", "--allow-read", "--allow-env"],
  );
  assert.equal(result.passed, 1);
  assert.equal(result.failed, 1);
  assert.match(result.complaints.join(), /left files behind .*forgotten/);
});

Deno.test({
  name: "a process left behind fails the group and is ended (Linux only: other systems have no /proc)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const code =
      `Deno.test({ name: "leaves a process", sanitizeOps: false, sanitizeResources: false, fn: () => {
      new Deno.Command("sleep", { args: ["300"], detached: true, stdin: "null", stdout: "null", stderr: "null" })
        .spawn().unref();
    } });`;
    const result = await runFile(code, ["--allow-run"]);
    assert.equal(result.passed, 1, result.output);
    assert.equal(result.failed, 1);
    const pid = Number(/left a process behind: (\d+) \S*sleep 300/.exec(result.complaints.join())?.[1]);
    assert.ok(pid > 0, result.complaints.join());
    assert.throws(() => Deno.readTextFileSync(`/proc/${pid}/environ`), `process ${pid} still runs`);
  },
});

Deno.test("a group that hangs is ended at its time limit", async () => {
  const result = await runFile(`Deno.test("hangs", () => { while (true); });`, [], 3_000);
  assert.equal(result.passed, 0);
  assert.match(result.complaints.join(), /took longer than 3 s/);
});

Deno.test("no process carries a text that nobody was given", () => {
  assert.deepEqual(processesWith(`nobody-${crypto.randomUUID()}`), []);
});
