import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { commandName, GLOBAL_OPTIONS } from "../../src/cli/spec.ts";
import { UsageError } from "../../src/core/errors.ts";
import { isSettingKey } from "../../src/core/settings.ts";
import { blockLines, inlineCode, ownCommands, pageAt, pages, shellWords, sources } from "./pages.ts";

const PAGES = pages();
const NAMES = new Set(COMMANDS.map(commandName));
const GROUPS = new Set(COMMANDS.flatMap(({ path }) => path.slice(0, -1)));

/**
 * Why the program would not take these words; null if it would. A name alone (`wispkey rotate`) is no command line, and in
 * prose an argument may be left out.
 */
function mistakeIn(words: readonly string[], prose = false): string | null {
  if (NAMES.has(words.join(" ")) || (words.length === 1 && GROUPS.has(words[0] ?? ""))) return null;
  // What follows `--` is another program's; an ellipsis stands for whatever fits there.
  const own = words.includes("--") ? [...words.slice(0, words.indexOf("--")), "--", "program"] : words;
  try {
    // A placeholder such as CLIENT or PORT stands for a value, which no check of values can know.
    parseCommandLine(own.map((word) => PLACEHOLDERS[word] ?? word), COMMANDS);
    return null;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return prose && error.code === "missing_argument" ? null : error.message;
  }
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  CLIENT: "claude",
  PORT: "7700",
  KEY: "log.max_age",
  MINUTES: "30",
  FORMAT: "json",
};

Deno.test("every command line in the texts is one that the program takes", () => {
  let count = 0;
  for (const page of PAGES) {
    for (const [lines, prose] of [[inlineCode(page), true], [blockLines(page), false]] as const) {
      for (const line of lines) {
        for (const words of ownCommands(line)) {
          assert.equal(mistakeIn(words, prose), null, `${page.path}: ${line}`);
          count++;
        }
      }
    }
  }
  assert.ok(count > 200, String(count));
});

Deno.test("every command is named in a text outside its own help", () => {
  const lines = PAGES.flatMap((page) => [...inlineCode(page), ...blockLines(page)]);
  const texts = lines.map((line) => ` ${line.replaceAll(/\s+/g, " ")} `);
  const missing = [...NAMES].filter((name) => !texts.some((text) => text.includes(` wispkey ${name} `)));
  assert.deepEqual(missing, []);
});

Deno.test("a command line that is wrong would be noticed", () => {
  assert.equal(mistakeIn(["rotate"]), null);
  assert.equal(mistakeIn(["run", "--set", "A=b", "--", "sh", "--no-such"]), null);
  assert.match(mistakeIn(["rotate", "--value-prompt"]) ?? "", /NAME is missing/);
  assert.equal(mistakeIn(["rotate", "--value-prompt"], true), null);
  assert.match(mistakeIn(["partitions", "list"]) ?? "", /unknown command/);
  assert.match(mistakeIn(["list", "--tag", "x"]) ?? "", /unknown option/);
  assert.deepEqual(ownCommands("kubectl get x | wispkey import - --as json > out # wispkey nothing"), [
    ["import", "-", "--as", "json"],
  ]);
  assert.deepEqual(ownCommands("A=1 wispkey config set proxy.upstream ''; wispkey unlock"), [
    ["config", "set", "proxy.upstream", ""],
    ["unlock"],
  ]);
  assert.deepEqual(ownCommands("deno run -A main.ts"), []);
  assert.deepEqual(shellWords("a 'b c' \"d\" && e"), ["a", "b c", "d"]);
});

/** Texts in quotes of what is given as a hint. */
function hintTexts(source: string): string[] {
  return [...source.matchAll(/\bhint(?::| =|\()\s*([\s\S]{0,400}?)(?:,\n|;\n|\}\)|\n\s*\})/g)]
    .flatMap(([, expression = ""]) => [...expression.matchAll(/"([^"\n]*)"|`([^`]*)`/g)])
    .map(([, plain, template]) => plain ?? template ?? "");
}

Deno.test("every command that a hint of the program names exists, with its options", () => {
  let count = 0;
  for (const { path, text } of sources("src")) {
    for (const hint of hintTexts(text)) {
      for (const [line, words = ""] of hint.matchAll(/\bwispkey ((?:[a-z]+\b ?)+)[^;,'()]*/g)) {
        // The program's name in a sentence is no command.
        if (/^(?:without|where|is)\b/.test(words)) continue;
        const named = words.trim().split(" ");
        const command = COMMANDS.filter(({ path }) => path.every((word, i) => word === named[i])).at(-1);
        assert.ok(command !== undefined || GROUPS.has(named[0] ?? ""), `${path}: ${line}`);
        for (const [, option = ""] of line.split(" -- ")[0]?.matchAll(/ --([a-z][a-z0-9-]*)/g) ?? []) {
          const known = { ...GLOBAL_OPTIONS, ...command?.options };
          assert.ok(Object.hasOwn(known, option), `${path}: ${line}: no --${option}`);
        }
        count++;
      }
    }
  }
  assert.ok(count > 80, String(count));
});

Deno.test("every task, setting and variable that the texts name exists", () => {
  const { tasks } = JSON.parse(pageAt("deno.json").text) as { tasks: Record<string, unknown> };
  const code = [...sources("src"), ...sources("scripts"), ...sources("tests")].map(({ text }) => text).join(
    "\n",
  );
  for (const page of PAGES) {
    for (const text of [...inlineCode(page), ...blockLines(page)]) {
      for (const [, task = ""] of text.matchAll(/\b(?:deno|deno@[\d.]+) task (\w+)/g)) {
        assert.ok(Object.hasOwn(tasks, task), `${page.path}: deno task ${task}`);
      }
      for (const [key] of text.matchAll(/(?<![\w./-])(?:proxy|log|session)\.[a-z]+(?:_[a-z]+)*(?![\w.-])/g)) {
        if (/^(?:proxy|log)\.(?:json|ndjson|csv|example)$/.test(key)) continue;
        assert.ok(isSettingKey(key), `${page.path}: no setting ${key}`);
      }
      for (const [name] of text.matchAll(/\bWISPKEY_[A-Z]+(?:_[A-Z]+)*(?![A-Z_])/g)) {
        const known = name.startsWith("WISPKEY_FALLBACK_") || code.includes(`"${name}"`) ||
          code.includes(`${name}:`);
        assert.ok(known, `${page.path}: no variable ${name}`);
      }
    }
  }
});
