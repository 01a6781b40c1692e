import assert from "node:assert/strict";
import { Draw } from "../importer/labelled/draw.ts";
import { scanTree } from "../../src/importer/scan/scan_tree.ts";

/** Size of the tree, MiB. */
const MIB = Number(Deno.env.get("WISPKEY_SCAN_MIB") ?? 24);
const FILE = 64 * 1024;

Deno.test("in a large tree every secret is found, and nothing else", async () => {
  const root = await Deno.makeTempDir({ prefix: "wk-scan-" });
  try {
    const draw = new Draw(31);
    const line = () =>
      `export const ${draw.value("{a8}")} = compute(${draw.value("{d6}")}, "${draw.value("{l12}")} text");\n`;
    const text = Array.from({ length: FILE / 60 }, line).join("");
    const planted: string[] = [];
    for (let index = 0; index < MIB * 1024 * 1024 / FILE; index++) {
      const directory = `${root}/d${index % 50}`;
      await Deno.mkdir(directory, { recursive: true });
      const hasSecret = index % 100 === 7;
      const path = `${directory}/f${index}.ts`;
      if (hasSecret) planted.push(path);
      const secret = hasSecret ? `const key = "${draw.value("ghp_{a36}")}";\n` : "";
      await Deno.writeTextFile(path, `${text.slice(index % 60)}${secret}${text.slice(0, 1000)}`);
    }
    const start = performance.now();
    const { findings, bytes } = scanTree(root, { ignored: false, progress: () => {} });
    console.log(`${Math.round(bytes / 1e6)} MB in ${Math.round(performance.now() - start)} ms`);
    assert.deepEqual(findings.map(({ path }) => path).sort(), planted.sort());
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
