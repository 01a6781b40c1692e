import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { CLIENT_NAMES, clientOf } from "../../src/cli/plugin/clients.ts";
import { Home } from "../e2e/harness.ts";

/** A configuration as somebody keeps it, for each kind of file. */
const EXISTING: Record<string, string> = {
  json:
    '// mine\n{\n\t"theme": "dark", // keep\n\t"mcpServers": {\n\t\t"other": { "command": "x", "args": [] }\n\t},\n' +
    '\t"context_servers": {},\n\t"servers": { "other": {"type": "http", "url": "http://127.0.0.1:1"} },\n' +
    '\t"hooks": {\n\t\t"PreToolUse": [\n\t\t\t{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "mine" }] }\n\t\t],\n' +
    '\t\t"beforeShellExecution": [{ "command": "mine" }],\n\t\t"pre_run_command": [ { "command": "mine" } ]\n\t}\n}\n',
  toml: '# mine\nmodel = "o9" # best\n\n[mcp_servers.other]\ncommand = "x"\n\n[profiles.a]\nmodel = "b"',
};

async function read(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

for (const name of CLIENT_NAMES) {
  const { files } = clientOf(name, Deno.build.os);
  for (const scope of ["user", "project"] as const) {
    const paths = files[scope].map(({ path }) => path.join("/"));
    const flags = scope === "project" ? ["--project"] : [];

    Deno.test(`${name}, ${scope}: where nothing is, files are made and taken away again`, async () => {
      await using home = await Home.create();
      await home.ok("plugin", "install", name, "--dry-run", ...flags);
      for (const path of paths) {
        assert.equal(await read(`${home.directory}/${path}`), null, "a dry run writes nothing");
      }
      await home.ok("plugin", "install", name, ...flags);
      for (const path of paths) {
        const text = await read(`${home.directory}/${path}`) ?? "";
        assert.match(text, /wispkey/);
        assert.doesNotMatch(text, /password|WISPKEY_PASSWORD/i);
        if (path.endsWith(".toml")) parse(text);
        else JSON.parse(text);
      }
      await home.ok("plugin", "uninstall", name, ...flags);
      for (const path of paths) assert.equal(await read(`${home.directory}/${path}`), null, path);
    });

    Deno.test(`${name}, ${scope}: other entries stay byte for byte, installed twice and uninstalled`, async () => {
      await using home = await Home.create();
      const before = new Map<string, string>();
      for (const path of paths) {
        const full = `${home.directory}/${path}`;
        const text = EXISTING[path.endsWith(".toml") ? "toml" : "json"] ?? "";
        await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(full, text);
        before.set(full, text);
      }
      await home.ok("plugin", "install", name, ...flags);
      const once = new Map<string, string | null>();
      for (const [full, text] of before) {
        const now = await read(full) ?? "";
        once.set(full, now);
        // Lines of the person's are all there, in their order; at most a comma was added.
        const lines = now.split("\n").map((line) => line.replace(/,(\s*(?:\/\/.*)?)$/, "$1"));
        let at = 0;
        for (const line of text.split("\n").map((line) => line.replace(/,(\s*(?:\/\/.*)?)$/, "$1"))) {
          const found = lines.findIndex((each, i) => i >= at && (each === line || /[\]}]/.test(line)));
          assert.ok(found >= 0, `${line} is gone from ${now}`);
          at = found;
        }
        assert.equal(await read(`${full}.before-wispkey`), text);
      }
      const again = await home.json("plugin", "install", name, ...flags);
      assert.ok(again.files.every(({ action }: { action: string }) => action === "unchanged"));
      for (const [full, text] of once) assert.equal(await read(full), text);
      await home.ok("plugin", "uninstall", name, ...flags);
      for (const [full, text] of before) {
        assert.equal(await read(full), text, full);
        assert.equal(await read(`${full}.before-wispkey`), null);
      }
    });
  }
}

Deno.test("entries alone are taken out of a file that was changed since", async () => {
  await using home = await Home.create();
  const path = `${home.directory}/.claude/settings.json`;
  await Deno.mkdir(`${home.directory}/.claude`);
  await Deno.writeTextFile(path, '{\n  "hooks": {},\n  "a": 1\n}\n');
  await home.ok("plugin", "install", "claude");
  const installed = await read(path) ?? "";
  await Deno.writeTextFile(path, installed.replace('"a": 1', '"a": 2, // changed'));
  await home.ok("plugin", "uninstall", "claude");
  assert.equal(await read(path), '{\n  "hooks": {},\n  "a": 2, // changed\n}\n');
});

Deno.test("an older entry of ours is brought up to date, not doubled", async () => {
  await using home = await Home.create();
  const path = `${home.directory}/.claude/settings.json`;
  await Deno.mkdir(`${home.directory}/.claude`);
  const old = {
    hooks: { PreToolUse: [{ matcher: "Bash", hooks: [{ type: "command", command: "wispkey guard" }] }] },
  };
  await Deno.writeTextFile(path, JSON.stringify(old));
  await home.ok("plugin", "install", "claude");
  const { hooks } = JSON.parse(await read(path) ?? "");
  assert.equal(hooks.PreToolUse.length, 1);
  assert.match(hooks.PreToolUse[0].matcher, /Write/);
});

Deno.test("a file that cannot be read is left alone, and so are the others", async () => {
  await using home = await Home.create();
  await Deno.mkdir(`${home.directory}/.claude`);
  await Deno.writeTextFile(`${home.directory}/.claude/settings.json`, "{ oops");
  const run = await home.run(["plugin", "install", "claude"]);
  assert.equal(run.code, 1);
  assert.match(run.stderr, /settings\.json.*line 1/);
  assert.equal(await read(`${home.directory}/.claude/settings.json`), "{ oops");
  assert.equal(await read(`${home.directory}/.claude.json`), null);
});

Deno.test({
  name: "a linked configuration stays a link, and the mode stays",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using home = await Home.create();
    await Deno.mkdir(`${home.directory}/.cursor`);
    await Deno.writeTextFile(`${home.directory}/kept.json`, "{}", { mode: 0o640 });
    await Deno.symlink(`${home.directory}/kept.json`, `${home.directory}/.cursor/mcp.json`);
    await home.ok("plugin", "install", "cursor");
    assert.ok((await Deno.lstat(`${home.directory}/.cursor/mcp.json`)).isSymlink);
    assert.match(await read(`${home.directory}/kept.json`) ?? "", /wispkey/);
    assert.equal(
      (await Deno.stat(`${home.directory}/kept.json`)).mode ?? 0 & 0o777,
      (await Deno.stat(`${home.directory}/kept.json`)).mode,
    );
    await home.ok("plugin", "uninstall", "cursor");
    assert.equal(await read(`${home.directory}/kept.json`), "{}");
  },
});

Deno.test("`mcp config` prints what `plugin install` writes", async () => {
  await using home = await Home.create();
  for (const name of CLIENT_NAMES) {
    const { text, format } = await home.json("mcp", "config", name);
    const read = format === "toml" ? parse(text) : JSON.parse(text);
    assert.match(JSON.stringify(read), /"wispkey":\{.*"command":"wispkey","args":\["mcp","serve"\]/);
  }
});
