import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Api, Home } from "../e2e/harness.ts";
import { serveHandler } from "../../src/mcp/http.ts";
import { FIXTURE_SCENARIOS, fixtureHandler } from "./conformance_fixtures.ts";
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

/** Over the real server. */
async function everyScenario(directory: string): Promise<void> {
  await using home = await Home.withVault();
  await using server = await HttpProcess.start(home);
  await using relay = relayTo(server.url, server.token);
  const results = await conformance(directory, relay.url);
  for (const [scenario, { failed }] of results) {
    if (failed > 0) assert.ok(INAPPLICABLE[scenario] !== undefined, `${scenario} failed`);
    else {assert.equal(
        INAPPLICABLE[scenario],
        undefined,
        `${scenario} passes, though it is said not to apply`,
      );}
  }
  for (const scenario of Object.keys(INAPPLICABLE)) assert.ok(results.has(scenario), `${scenario} is none`);
}

/** Over our HTTP server with the tools of the suite. */
async function everyContent(directory: string): Promise<void> {
  const server = serveHandler(fixtureHandler(), 0);
  try {
    await using relay = relayTo(server.url, server.token);
    const results = await conformance(directory, relay.url);
    for (const scenario of FIXTURE_SCENARIOS) {
      const { passed = 0, failed = 0 } = results.get(scenario) ?? {};
      assert.ok(passed > 0 && failed === 0, `${scenario}: ${passed} passed, ${failed} failed`);
    }
  } finally {
    await server.close();
  }
}

/** Over standard input and output. */
async function inspector(directory: string): Promise<void> {
  await using home = await Home.withVault();
  await home.ok("add", "k", "--value", "sk-real-value-for-the-inspector", "--hosts", "api.example.com");
  const env = home.environment();
  delete env["WISPKEY_PASSWORD"];
  const program = await launcher(home);
  const inspect = async (...words: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command("node", {
      args: [
        `${directory}/node_modules/.bin/mcp-inspector`,
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
}

/** The same ways as ever, with the client that most agents of today are built on. */
async function olderSdk(directory: string): Promise<void> {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", "sk-real-value-for-the-older-sdk", "--hosts", api.host);
  const sdk = `${directory}/node_modules/@modelcontextprotocol/sdk/dist/esm/client`;
  const script = `
    import { Client } from "${sdk}/index.js";
    import { StdioClientTransport } from "${sdk}/stdio.js";
    const client = new Client({ name: "older", version: "1.0.0" });
    await client.connect(new StdioClientTransport({ command: ${
    JSON.stringify(await launcher(home))
  }, args: ["mcp", "serve"] }));
    const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
    const { token } = await call("wispkey_get_token", { name: "k" });
    const how = await call("wispkey_how_to_call", { url: "http://${api.host}/sdk" });
    const direct = await fetch(how.base_url + "/sdk", { headers: { Authorization: "Bearer " + token } });
    const asked = await call("wispkey_request", { url: "http://${api.host}/tool", credential: "k" });
    console.log(JSON.stringify([(await call("wispkey_list", {})).count, direct.status, asked.status]));
    await client.close();`;
  const path = `${home.directory}/client.mjs`;
  await Deno.writeTextFile(path, script);
  const env = home.environment();
  const { stdout, stderr } = await new Deno.Command("node", { args: [path], clearEnv: true, env }).output();
  assert.deepEqual(JSON.parse(text(stdout) || text(stderr)), [1, 200, 200]);
  assert.deepEqual(api.seen.map(({ url }) => url), ["/sdk", "/tool"]);
  for (const { headers } of api.seen) {
    assert.equal(headers["authorization"], "Bearer sk-real-value-for-the-older-sdk");
  }
}

/** A script that starts the program in a home: such clients pass on few variables. */
async function launcher(home: Home): Promise<string> {
  const path = `${home.directory}/wispkey`;
  const run = `run -A --no-prompt --cached-only --config ${ROOT}deno.json ${ROOT}main.ts`;
  const exports = `export HOME='${home.directory}' DENO_DIR='${home.environment()["DENO_DIR"]}'`;
  await Deno.writeTextFile(path, `#!/bin/sh\n${exports}\nexec '${Deno.execPath()}' ${run} "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

Deno.test({
  name: "the protocol's own checkers, and the client of the SDK's first generation",
  ignore: !wanted,
  async fn(t) {
    await using tools = await installTools();
    if (tools === null) return;
    await t.step(
      "the conformance suite: every scenario passes but those that do not apply, and each of those is named with a reason",
      () => everyScenario(tools.directory),
    );
    await t.step(
      "the conformance suite over our HTTP server with the suite's own tools: every kind of content comes through",
      () => everyContent(tools.directory),
    );
    await t.step(
      "the Inspector lists, calls and reads over standard input and output, and finds no error in a schema",
      () => inspector(tools.directory),
    );
    await t.step(
      "a client of the older SDK lists, gets a token, and reaches a server with the real key in two ways",
      () => olderSdk(tools.directory),
    );
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
