import assert from "node:assert/strict";
import { Api, gone, Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-of-the-life-cycle";

Deno.test("it survives lock, unlock, the end and the death of the daemon, and says each time what to do", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  await using mcp = await McpProcess.start(home);
  const works = async () => {
    const args = { url: `http://${api.host}/`, credential: "k" };
    assert.equal((await mcp.ok("wispkey_request", args)).status, 200);
  };
  const isLocked = async () => {
    for (const name of ["wispkey_list", "wispkey_project_list"]) {
      assert.match(await mcp.fails(name), /code: vault_locked\nhint: wispkey unlock/);
    }
    assert.match(await mcp.fails("wispkey_get_token", { name: "k" }), /vault_locked/);
    assert.match(
      await mcp.fails("wispkey_request", { url: `http://${api.host}/`, credential: "k" }),
      /vault_locked/,
    );
    const status = await mcp.ok("wispkey_proxy_status");
    assert.deepEqual([status.vault, status.session], ["present", "locked"]);
    assert.match(status.hint, /wispkey unlock/);
  };
  await works();
  await home.ok("lock");
  await isLocked();
  await home.ok("unlock");
  await works();
  await home.ok("stop");
  await isLocked();
  await home.ok("unlock");
  await works();
  const pid = await home.daemonPid();
  assert.ok(pid !== undefined);
  Deno.kill(pid, "SIGKILL");
  await gone(pid);
  await isLocked();
  await home.ok("unlock");
  await works();
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  const { code, stderr } = await mcp.end();
  assert.deepEqual([code, stderr], [0, ""]);
});

Deno.test("without a vault it serves, and says how to make one", async () => {
  await using home = await Home.create();
  await using mcp = await McpProcess.start(home);
  const status = await mcp.ok("wispkey_proxy_status");
  assert.deepEqual([status.vault, status.session, status.proxy], ["missing", "locked", "stopped"]);
  assert.match(await mcp.fails("wispkey_list"), /code: vault_not_found\nhint: wispkey init/);
  await home.ok("init");
  assert.equal((await mcp.ok("wispkey_list")).count, 0);
});

Deno.test("with the password in its environment it unlocks, says why that is weaker, and does not unlock again", async () => {
  await using home = await Home.withVault();
  await home.ok("stop");
  await using mcp = await McpProcess.start(home, { env: { WISPKEY_PASSWORD: home.password } });
  assert.equal((await mcp.ok("wispkey_list")).count, 0);
  await home.ok("lock");
  assert.match(await mcp.fails("wispkey_list"), /vault_locked/);
  const { code, stderr } = await mcp.end();
  assert.equal(code, 0);
  assert.match(stderr, /WISPKEY_PASSWORD is set .* has the master password/);
  assert.ok(!stderr.includes(home.password));
});

Deno.test("a wrong password in its environment is told on standard error, and the server serves all the same", async () => {
  await using home = await Home.withVault();
  await home.ok("stop");
  await using mcp = await McpProcess.start(home, { env: { WISPKEY_PASSWORD: "a wrong password" } });
  assert.match(await mcp.fails("wispkey_list"), /vault_locked/);
  const { stderr } = await mcp.end();
  assert.match(stderr, /password is wrong/);
  assert.ok(!stderr.includes("a wrong password"));
});

Deno.test("the listener that it opened closes with it; one that a person opened stays", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const use = async () => {
    const mcp = await McpProcess.start(home);
    await mcp.ok("wispkey_request", { url: `http://${api.host}/` });
    const running = (await home.json("status")).proxy_running;
    await mcp.end();
    return running;
  };
  const closed = async () => {
    for (let i = 0; i < 100; i++) {
      if (!(await home.json("status")).proxy_running) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };
  assert.equal(await use(), true);
  assert.ok(await closed(), "the listener stayed open");
  const { port } = await home.json("serve", "--random-port", "--daemon");
  assert.equal(await use(), true);
  assert.equal((await home.json("status")).proxy.port, port);
});

Deno.test("tokens are given for the active project alone, and the log tells of each that was given out", async () => {
  await using home = await Home.withVault();
  await home.ok("project", "create", "other");
  await home.ok("add", "here", "--value", SECRET, "--hosts", "api.example.com");
  await home.ok("add", "there", "--value", SECRET, "--hosts", "api.example.com", "--project", "other");
  await using mcp = await McpProcess.start(home);
  await mcp.ok("wispkey_get_token", { name: "here" });
  assert.match(await mcp.fails("wispkey_get_token", { name: "there" }), /credential_not_found/);
  assert.equal(
    (await mcp.ok("wispkey_how_to_call", { url: "https://api.example.com/x" })).credential,
    "here",
  );
  const all = await mcp.ok("wispkey_list", { project: "*" });
  assert.equal(all.count, 2);
  assert.equal((await mcp.ok("wispkey_list", { project: "other" })).credentials[0].name, "there");
  assert.match(await mcp.fails("wispkey_list", { project: "none" }), /project_not_found/);
  await home.ok("project", "use", "other");
  assert.equal((await mcp.ok("wispkey_get_token", { name: "there" })).project, "other");
  const projects = await mcp.ok("wispkey_project_list");
  assert.equal(projects.active_project, "other");
  assert.equal(projects.count, 2);
  const how = await mcp.ok("wispkey_how_to_call", { url: "https://api.example.com/x" });
  assert.equal(how.credential, "there");
  assert.ok(how.notes.some((note: string) => note.includes("bound to another project")));
  const { entries } = await home.json("log");
  const disclosed = entries.filter((row: { event_type: string }) => row.event_type === "TokenDisclosed");
  assert.equal(disclosed.length, 4);
});

Deno.test("a request that changes something is never made twice, though the daemon dies while it is under way", async () => {
  await using home = await Home.withVault();
  const { promise: began, resolve: begin } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await using api = new Api(async () => {
    begin();
    await released;
    return new Response("late");
  });
  await using mcp = await McpProcess.start(home);
  const answer = mcp.fails("wispkey_request", { url: `http://${api.host}/pay`, method: "POST", body: "1" });
  await began;
  const pid = await home.daemonPid();
  assert.ok(pid !== undefined);
  Deno.kill(pid, "SIGKILL");
  await gone(pid);
  assert.match(await answer, /code: no_answer/);
  release();
  await home.ok("unlock");
  assert.equal((await mcp.ok("wispkey_request", { url: `http://${api.host}/` })).status, 200);
  assert.deepEqual(api.seen.map(({ method }) => method), ["POST", "GET"]);
});

Deno.test("requests at once share one caller; after it was revoked they share the next", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await using mcp = await McpProcess.start(home);
  const many = async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => mcp.ok("wispkey_request", { url: `http://${api.host}/` })),
    );
    assert.ok(answers.every(({ status }) => status === 200));
  };
  await many();
  const { callers } = await home.json("callers", "list");
  assert.deepEqual(callers.map(({ name }: { name: string }) => name), ["mcp"]);
  await home.ok("callers", "revoke", "mcp");
  await many();
  assert.equal(api.seen.length, 24);
  assert.equal((await home.json("callers", "list")).callers.length, 1);
});

Deno.test("who asks, and closes his end at once, still gets the answers", async () => {
  await using home = await Home.withVault();
  const child = home.command(["mcp", "serve"], { stdin: "piped", env: { WISPKEY_PASSWORD: "" } }).spawn();
  const clientInfo = { name: "a pipe", version: "1" };
  const initialize = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo };
  const messages = [
    { jsonrpc: "2.0", id: 1, method: "initialize", params: initialize },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "wispkey_list", arguments: {} } },
    { jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "wispkey_proxy_status", arguments: {} } },
  ];
  const input = child.stdin.getWriter();
  await input.write(
    new TextEncoder().encode(messages.map((message) => `${JSON.stringify(message)}\n`).join("")),
  );
  await input.close();
  const { code, stdout, stderr } = await child.output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  const answers = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2, 3]);
  assert.ok(answers.every(({ result }) => result !== undefined));
});

Deno.test("who hangs up while something is asked for is not waited for without end", async () => {
  await using home = await Home.withVault();
  const answer = Promise.withResolvers<Response>();
  await using api = new Api(() => answer.promise);
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  const mcp = await McpProcess.start(home);
  const asked = mcp.client.callTool({
    name: "wispkey_request",
    arguments: { url: `http://${api.host}/`, credential: "k" },
  });
  asked.catch(() => {}); // It is cut off, however the client puts that.
  while (api.last === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  const { code } = await mcp.end();
  answer.resolve(new Response());
  assert.equal(code, 0);
});
