import assert from "node:assert/strict";
import { parse } from "smol-toml";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../src/cli/commands.ts";
import { CLIENT_NAMES, clientOf } from "../../src/cli/plugin/clients.ts";
import { withEntries } from "../../src/cli/plugin/entries.ts";
import { VERSION } from "../../src/core/version.ts";

const ROOT = fileURLToPath(new URL("../../plugin", import.meta.url));

function filesBelow(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${directory}/${name}`) : [`${directory}/${name}`]
  ).sort();
}

const read = (path: string): string => Deno.readTextFileSync(`${ROOT}/${path}`);
const json = (path: string) => JSON.parse(read(path));
const TEXTS = filesBelow(ROOT).filter((path) => /\.mdc?$/.test(path));

/** `key: value` lines between two lines of dashes. */
function frontmatter(text: string): Record<string, string> {
  const block = /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? "";
  return Object.fromEntries(block.split("\n").map((line) => line.split(/:\s(.*)/).slice(0, 2)));
}

/** Fields that the clients' documentation knows. */
const PLUGIN_FIELDS = new Set([
  ..."name version description author homepage repository license keywords commands agents skills hooks mcpServers"
    .split(" "),
]);
const CURSOR_FIELDS = new Set([...PLUGIN_FIELDS, "displayName", "logo", "rules"]);

Deno.test("the manifests have the documented fields, and no other", () => {
  for (
    const [path, fields] of [
      ["claude-code/.claude-plugin/plugin.json", PLUGIN_FIELDS],
      ["cursor/.cursor-plugin/plugin.json", CURSOR_FIELDS],
    ] as const
  ) {
    const manifest = json(path);
    for (const key of Object.keys(manifest)) assert.ok(fields.has(key), `${path}: ${key}`);
    assert.match(manifest.name, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    assert.equal(manifest.version, VERSION);
    assert.equal(typeof manifest.author.name, "string");
    assert.ok(manifest.keywords.every((word: unknown) => typeof word === "string"));
  }
  assert.match(read(`cursor/${json("cursor/.cursor-plugin/plugin.json").logo}`), /^<svg /);
});

Deno.test("the marketplace lists the plugin where it lies, under its name and version", () => {
  const { name, owner, plugins } = json(".claude-plugin/marketplace.json");
  assert.match(name, /^[a-z-]+$/);
  assert.equal(typeof owner.name, "string");
  for (const plugin of plugins) {
    assert.match(plugin.source, /^\.\//);
    const manifest = json(`${plugin.source.slice(2)}/.claude-plugin/plugin.json`);
    assert.equal(manifest.name, plugin.name);
    assert.equal(manifest.version, plugin.version);
  }
});

Deno.test("hooks and servers of the plugins are those that `plugin install` writes", () => {
  const entries = (name: "claude" | "cursor", ending: string) =>
    JSON.parse(
      withEntries(
        "",
        clientOf(name, "linux").files.project.find(({ path }) => path.at(-1) === ending)?.entries ?? [],
      ),
    );
  assert.deepEqual(json("claude-code/hooks/hooks.json").hooks, entries("claude", "settings.json").hooks);
  assert.deepEqual(json("cursor/hooks/hooks.json"), entries("cursor", "hooks.json"));
  assert.deepEqual(json("claude-code/.mcp.json"), entries("claude", ".mcp.json"));
  assert.deepEqual(json("cursor/mcp.json"), entries("cursor", "mcp.json"));
});

Deno.test("each snippet is what `mcp config` says", () => {
  for (const name of CLIENT_NAMES) {
    const file = filesBelow(`${ROOT}/snippets`).find((path) => path.includes(`/${name}.`));
    if (name === "claude" || name === "cursor") {
      assert.equal(file, undefined, "these have a plugin");
      continue;
    }
    const config = clientOf(name, "linux").files.user.find(({ purpose }) => purpose.startsWith("MCP"));
    const text = withEntries("", (config?.entries ?? []).slice(0, 1));
    const of = (source: string) => file?.endsWith(".toml") ? parse(source) : JSON.parse(source);
    assert.deepEqual(of(Deno.readTextFileSync(file ?? "")), of(text), name);
  }
});

Deno.test("skills, commands, agents and rules say what they are for", () => {
  for (const path of TEXTS.filter((text) => !text.endsWith("README.md"))) {
    const { name, description = "" } = frontmatter(Deno.readTextFileSync(path));
    assert.ok(description.length > 20 && description.length <= 1024, path);
    if (path.endsWith("SKILL.md")) assert.equal(name, path.split("/").at(-2));
    if (path.includes("/agents/")) assert.equal(`${name}.md`, path.split("/").at(-1));
  }
  for (const kind of ["skills", "commands", "agents"]) {
    const of = (plugin: string) =>
      filesBelow(`${ROOT}/${plugin}/${kind}`).map((path) => [
        path.slice(`${ROOT}/${plugin}`.length),
        Deno.readTextFileSync(path),
      ]);
    assert.deepEqual(of("cursor"), of("claude-code"), "both teach the same");
  }
});

Deno.test("every command that the texts name exists, with its options", () => {
  let count = 0;
  for (const path of TEXTS) {
    const text = Deno.readTextFileSync(path);
    const lines = [
      ...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code),
      ...[...text.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(([, block = ""]) => block.split("\n")),
    ].filter((line) => line.startsWith("wispkey "));
    for (const line of lines) {
      const [own = ""] = line.slice("wispkey ".length).split(/\s--(?:\s|$)/);
      const words = own.split(/\s+/);
      const command = COMMANDS.filter(({ path: name }) =>
        name.every((word, i) => words[i] === word)
      ).at(-1) ??
        COMMANDS.find(({ path: [group] }) => words.length === 1 && group === words[0]);
      assert.ok(command !== undefined, `${path}: ${line}`);
      for (const word of words.filter((each) => each.startsWith("--"))) {
        const option = word.slice(2);
        assert.ok(option in command.options || ["yes", "json", "help"].includes(option), `${path}: ${line}`);
      }
      count++;
    }
  }
  assert.ok(count > 30, String(count));
});

Deno.test("every MCP tool that the texts name exists", () => {
  const tools = filesBelow(fileURLToPath(new URL("../../src/mcp/tools", import.meta.url)))
    .flatMap((path) =>
      [...Deno.readTextFileSync(path).matchAll(/name: "(wispkey_\w+)"/g)].map(([, name]) => name)
    );
  assert.ok(tools.length > 4);
  for (const path of TEXTS) {
    for (const [name] of Deno.readTextFileSync(path).matchAll(/\bwispkey_\w+/g)) {
      assert.ok(tools.includes(name), `${path}: ${name}`);
    }
  }
});

Deno.test("no password stands in any of it, and no advice that a tunnel would carry a token", () => {
  for (const path of filesBelow(ROOT)) {
    const text = Deno.readTextFileSync(path);
    assert.doesNotMatch(text, /WISPKEY_PASSWORD/, path);
    for (const line of text.split("\n").filter((each) => /HTTPS_PROXY/.test(each))) {
      assert.match(line, /not enough|by hand|plain|blind/, `${path}: ${line}`);
    }
  }
});
