import assert from "node:assert/strict";
import { join } from "node:path";
import { startApi } from "../../scripts/demo/api.ts";
import { Expectations } from "../../scripts/demo/show.ts";
import { bareEnvironment, ROOT } from "../../scripts/lib/program.ts";
import { filesIn, processesWith } from "../../scripts/test/leftovers.ts";

function startDemo(temp: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", join(ROOT, "scripts/demo.ts")],
    clearEnv: true,
    env: { ...bareEnvironment(), TMPDIR: temp, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function inTempDir(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work(directory);
    assert.deepEqual(await filesIn(directory), [], "no file is left behind");
    assert.deepEqual(processesWith(directory), [], "no process is left behind");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the demo keeps every promise it makes, and shows both sides", () =>
  inTempDir(async (temp) => {
    const { code, stdout, stderr } = await startDemo(temp).output();
    const shown = new TextDecoder().decode(stdout);
    assert.equal(code, 0, shown + new TextDecoder().decode(stderr));
    assert.ok(!/^ {3}NO /m.test(shown), shown);
    assert.match(shown, /Bearer wk_openai_[a-z0-9]{16} +Bearer sk-proj-[0-9a-f]{48}/);
    assert.match(shown, /403 .*host_not_allowed/);
    assert.match(shown, /All as promised, in [\d.]+ s\.\n$/);
  }));

Deno.test({
  name: "the demo interrupted in the middle leaves nothing behind (not on Windows: no such signal)",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inTempDir(async (temp) => {
      const child = startDemo(temp);
      let shown = "";
      const decoder = new TextDecoder();
      const errors = new Response(child.stderr).text();
      for await (const chunk of child.stdout) {
        const before = shown.includes("the proxy listens");
        shown += decoder.decode(chunk, { stream: true });
        if (!before && shown.includes("the proxy listens")) child.kill("SIGINT");
      }
      await errors;
      assert.equal((await child.status).code, 130, shown);
      assert.ok(!shown.includes("All as promised"));
    }),
});

Deno.test("an expectation that does not hold is counted, one that holds is not", () => {
  const checks = new Expectations();
  checks.expect(true, "this holds (printed by a test)");
  assert.equal(checks.failed, 0);
  checks.expect(false, "this does not (printed by a test)", "because");
  assert.equal(checks.failed, 1);
});

Deno.test("the demo's API wants its key, and tells what it received", async () => {
  const api = startApi("right");
  try {
    const get = async (authorization?: string) => {
      const headers = new Headers();
      if (authorization !== undefined) headers.set("authorization", authorization);
      const response = await fetch(`http://${api.host}/v1/models`, { headers });
      await response.body?.cancel();
      return response.status;
    };
    assert.equal(await get(), 401);
    assert.equal(await get("Bearer wrong"), 401);
    assert.equal(await get("Bearer right"), 200);
    assert.deepEqual(api.received.map(({ authorization }) => authorization), [
      null,
      "Bearer wrong",
      "Bearer right",
    ]);
  } finally {
    await api.close();
  }
});
