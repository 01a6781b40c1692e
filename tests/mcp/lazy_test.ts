import assert from "node:assert/strict";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../src/cli/commands.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const HEAVY = /^(?:@modelcontextprotocol\/|zod$)/;

/** Every module that is loaded together with a file, and the packages that they name. */
function loadedWith(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const code = Deno.readTextFileSync(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
    // What is imported for its types alone is not loaded.
    for (
      const [, specifier = ""] of code.matchAll(
        /^(?:import|export)\b(?! type\b)(?:[^"';]*?\bfrom)?\s*"([^"]+)"/gm,
      )
    ) {
      if (specifier.startsWith(".")) pending.push(resolve(dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return { files, packages };
}

function heavyOf(entry: string): string[] {
  return [...loadedWith(resolve(ROOT, entry)).packages].filter((name) => HEAVY.test(name)).sort();
}

Deno.test("the SDK is loaded by `mcp serve` and by nothing else, so that no other command starts slower", () => {
  assert.deepEqual(heavyOf("src/cli/mcp/serve.ts"), [
    "@modelcontextprotocol/server",
    "@modelcontextprotocol/server/stdio",
    "zod",
  ]);
  assert.deepEqual(heavyOf("main.ts"), []);
  assert.deepEqual(heavyOf("src/daemon/main.ts"), []);
  const verbs = COMMANDS.map(({ load }) => /import\("([^"]+)"\)/.exec(String(load))?.[1] ?? "");
  assert.ok(verbs.length > 30 && verbs.every((verb) => verb !== ""));
  const others = loadedWith(resolve(ROOT, "src/cli/commands.ts"));
  assert.ok([...others.packages].every((name) => !HEAVY.test(name)));
  for (const entry of Deno.readDirSync(resolve(ROOT, "src/cli"))) {
    if (!entry.isDirectory) continue;
    for (const { name, isFile } of Deno.readDirSync(resolve(ROOT, "src/cli", entry.name))) {
      const file = `src/cli/${entry.name}/${name}`;
      if (isFile && file !== "src/cli/mcp/serve.ts") assert.deepEqual(heavyOf(file), [], file);
    }
  }
});
