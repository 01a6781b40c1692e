import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Home } from "../e2e/harness.ts";
import { HttpProcess } from "./http_server.ts";
import { INAPPLICABLE } from "./inapplicable.ts";
import { installTools, toolsWanted } from "./npm_tools.ts";
import { relayTo } from "./relay.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const wanted = toolsWanted();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Runs the conformance suite against a URL; answers the checks that passed and failed of each scenario. */
async function conformance(
  directory: string,
  url: string,
): Promise<Map<string, { passed: number; failed: number }>> {
  const program = `${directory}/node_modules/@modelcontextprotocol/conformance/dist/index.js`;
  // Under Deno, which has what the suite needs of the newest Node.
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      "--node-modules-dir=manual",
      program,
      "server",
      "--url",
      url,
      "--suite",
      "all",
    ],
    cwd: directory,
  }).output();
  const lines = text(stdout).matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gmu);
  const found = new Map([...lines].map(([, name = "", passed, failed]) => [
    name,
    { passed: Number(passed), failed: Number(failed) },
  ]));
  assert.ok(found.size > 20, text(stdout).slice(-2_000) + text(stderr).slice(-2_000));
  return found;
}

Deno.test({
  name:
    "the conformance suite: every scenario passes but those that do not apply, and each of those is named with a reason",
  ignore: !wanted,
  async fn() {
    await using tools = await installTools();
    if (tools === null) return;
    await using home = await Home.withVault();
    await using server = await HttpProcess.start(home);
    await using relay = relayTo(server.url, server.token);
    const results = await conformance(tools.directory, relay.url);
    for (const [scenario, { failed }] of results) {
      if (failed > 0) assert.ok(INAPPLICABLE[scenario] !== undefined, `${scenario} failed`);
      else {assert.equal(
          INAPPLICABLE[scenario],
          undefined,
          `${scenario} passes, though it is said not to apply`,
        );}
    }
    for (const scenario of Object.keys(INAPPLICABLE)) assert.ok(results.has(scenario), `${scenario} is none`);
  },
});

Deno.test({
  name: "the Inspector lists, calls and reads over standard input and output, and finds no error in a schema",
  ignore: !wanted,
  async fn() {
    await using tools = await installTools();
    if (tools === null) return;
    await using home = await Home.withVault();
    await home.ok("add", "k", "--value", "sk-real-value-for-the-inspector", "--hosts", "api.example.com");
    const env = home.environment();
    delete env["WISPKEY_PASSWORD"];
    // The Inspector passes on few variables, so that a script has to set them.
    const program = `${home.directory}/wispkey`;
    const run = `run -A --no-prompt --cached-only --config ${ROOT}deno.json ${ROOT}main.ts`;
    await Deno.writeTextFile(
      program,
      `#!/bin/sh\nexport HOME='${home.directory}' DENO_DIR='${
        env["DENO_DIR"]
      }'\nexec '${Deno.execPath()}' ${run} "$@"\n`,
      { mode: 0o755 },
    );
    const inspect = async (...words: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command("node", {
        args: [
          `${tools.directory}/node_modules/.bin/mcp-inspector`,
          "--cli",
          program,
          "mcp",
          "serve",
          "--method",
          ...words,
        ],
        cwd: home.directory,
        clearEnv: true,
        env,
      }).output();
      return { code, json: JSON.parse(text(stdout)), stderr: text(stderr) };
    };
    const listed = await inspect("tools/list", "--strict");
    assert.equal(listed.code, 0, listed.stderr);
    assert.ok(listed.json.tools.length >= 8);
    const called = await inspect("tools/call", "--tool-name", "wispkey_list", "--tool-arg", "query=k");
    assert.equal(called.code, 0, called.stderr);
    assert.equal(called.json.structuredContent.count, 1);
    const failed = await inspect("tools/call", "--tool-name", "wispkey_get_token", "--tool-arg", "name=none");
    assert.equal(failed.json.isError, true);
    assert.equal((await inspect("resources/list")).json.resources.length, 2);
    const read = await inspect("resources/read", "--uri", "wispkey://policies");
    assert.match(read.json.contents[0].text, /api\.example\.com/);
    assert.equal((await inspect("prompts/list")).json.prompts.length, 1);
    const prompt = await inspect("prompts/get", "--prompt-name", "migrate-from-env");
    assert.match(prompt.json.messages[0].content.text, /wispkey import \.env/);
  },
});

Deno.test("the documentation names every scenario that does not apply, with its reason", async () => {
  const page = await Deno.readTextFile(`${ROOT}docs/mcp.md`);
  const flat = page.replaceAll(/\s+/g, " ");
  for (const [scenario, reason] of Object.entries(INAPPLICABLE)) {
    assert.ok(flat.includes(`\`${scenario}\``), scenario);
    assert.ok(flat.includes(reason), reason);
  }
});
