/** Tables in the texts that say what tables in the code say. */

import assert from "node:assert/strict";
import { ExitCode } from "../../src/core/errors.ts";
import { type SettingKey, settingOf, SETTINGS } from "../../src/core/settings.ts";
import { pageAt, sources } from "./pages.ts";

/** The cells of every row of every table of a page. */
function rowsOf(path: string): string[][] {
  return pageAt(path).text.split("\n").filter((line) => line.startsWith("| ") && !/^\|[ :|-]+\|$/.test(line))
    .map((line) => line.slice(2, -2).split(" | ").map((cell) => cell.trim()));
}

Deno.test("the page of settings has each with its default, its unit and what it means", () => {
  const rows = rowsOf("docs/settings.md");
  for (const key of Object.keys(SETTINGS) as SettingKey[]) {
    const { default: usual, unit, summary, show } = settingOf(key);
    const row = rows.find(([name]) => name === `\`${key}\``);
    assert.deepEqual(row, [`\`${key}\``, show(usual), unit, summary], key);
  }
});

Deno.test("the page of errors has every code that the proxy answers with, and no other", () => {
  const found = new Set<string>();
  for (const { path, text } of sources("src/proxy")) {
    for (const [, code = ""] of text.matchAll(/\bnew Refusal\(\s*\d{3},\s*\{\s*code: "([a-z_]+)"/g)) {
      found.add(code);
    }
    for (const [, code = ""] of text.matchAll(/\brefusal\(\s*\d{3},\s*"([a-z_]+)"/g)) found.add(code);
    for (const [, code = ""] of text.matchAll(/^export const [A-Z_]+ = "([a-z]+(?:_[a-z]+)+)";$/gm)) {
      found.add(code);
    }
    if (!path.endsWith("http/errors.ts")) continue;
    for (const [, code = ""] of text.matchAll(/^ {2}\| "([a-z_]+)"/gm)) found.add(code);
  }
  for (const [, code = ""] of pageAt("src/proxy/refusal.ts").text.matchAll(/^ {2}([a-z_]+): \d{3},$/gm)) {
    found.add(code);
  }
  assert.ok(found.size > 40, String(found.size));
  const told = rowsOf("docs/errors.md").map(([code = ""]) => code.replaceAll("`", "")).filter((code) =>
    code !== "code"
  );
  assert.deepEqual(told.toSorted(), [...found].toSorted());
});

Deno.test("statuses of refusals are those of the code", () => {
  const statuses = new Map(rowsOf("docs/errors.md").map(([code = "", status = ""]) => [code, status]));
  for (const { path, text } of sources("src/proxy")) {
    const refusals = text.matchAll(/\b(?:new Refusal|refusal)\(\s*(\d{3}),\s*(?:\{\s*code: )?"([a-z_]+)"/g);
    for (const [, status, code] of refusals) {
      if (code === "caller_refused" && status === "400") continue; // Told beside 407.
      assert.equal(statuses.get(`\`${code}\``), status, `${path}: ${code}`);
    }
  }
});

Deno.test("exit codes in the texts are those of the program", () => {
  const told = rowsOf("docs/commands.md").map(([code = ""]) => code).filter((code) => /^\d+$/.test(code));
  assert.deepEqual(told.map(Number), Object.values(ExitCode));
});

Deno.test("CONTRIBUTING.md has every room, every dependency with its reason, and every task", () => {
  const { text } = pageAt("CONTRIBUTING.md");
  const { imports, tasks } = JSON.parse(pageAt("deno.json").text) as Record<"imports" | "tasks", object>;
  const reasons = rowsOf("CONTRIBUTING.md").map(([packages = ""]) => packages).join(" ");
  for (const name of Object.keys(imports)) assert.ok(reasons.includes(`\`${name}\``), name);
  for (const [, name = ""] of reasons.matchAll(/`([a-z@][\w/-]*)`/g)) {
    const own = name === "parseArgs";
    assert.ok(own || Object.hasOwn(imports, name), `${name} is no dependency`);
  }
  for (const task of Object.keys(tasks)) assert.match(text, new RegExp(`(?:task |\`)${task}\\b`), task);
  for (const { path } of sources("src")) {
    const room = path.split("/")[1] ?? "";
    assert.ok(text.includes(`src/${room}/`), room);
  }
});
