import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandHelp, groupHelp, helpWidth, programHelp } from "../../src/cli/help.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { commandName, GLOBAL_OPTIONS, type OptionSpec } from "../../src/cli/spec.ts";
import { displayWidth } from "../../src/cli/width.ts";
import { run } from "./fake.ts";
import { allHelp, SNAPSHOT } from "./help_text.ts";

Deno.test("the help reads as it was agreed on", async () => {
  // A difference that is meant is taken over by running help_text.ts.
  assert.equal(allHelp(), await Deno.readTextFile(SNAPSHOT));
});

Deno.test("every command has a summary of one line, an example that parses, and a verb that loads", async () => {
  for (const command of COMMANDS) {
    const name = commandName(command);
    assert.match(command.summary, /^[a-z][^\n]{9,70}[^.\n]$/, name);
    assert.ok(command.examples.length > 0, `${name} has no example`);
    for (const { line, note } of command.examples) {
      const words = line.slice(line.indexOf("wispkey ") + "wispkey ".length)
        .replace(/ ?[|>].*$|\)"$/, "").split(" ").map((word) => word.replaceAll("'", ""));
      const { command: parsed, args } = parseCommandLine(words, COMMANDS);
      assert.equal(parsed, command, `an example of ${name} runs something else: ${line}`);
      assert.ok(args !== undefined && note !== "", line);
    }
    const verb = await command.load();
    assert.equal(typeof verb.parse, "function", name);
    assert.equal(typeof verb.run, "function", name);
  }
});

Deno.test("options are described, name their value, and share no short form", () => {
  for (const command of COMMANDS) {
    const shorts = new Set<string>();
    for (const [name, option] of Object.entries<OptionSpec>({ ...GLOBAL_OPTIONS, ...command.options })) {
      assert.match(name, /^[a-z][a-z0-9-]+$/);
      assert.ok(option.description.length > 5, `${commandName(command)} --${name}`);
      assert.equal(option.metavar === undefined, option.type === "flag", `${commandName(command)} --${name}`);
      if (option.short === undefined) continue;
      assert.ok(!shorts.has(option.short), `-${option.short} twice in ${commandName(command)}`);
      shorts.add(option.short);
    }
    for (const name of Object.keys(command.options)) {
      assert.ok(!Object.hasOwn(GLOBAL_OPTIONS, name), `${commandName(command)} hides --${name}`);
    }
  }
});

Deno.test("no two commands have the same words, and none that takes arguments is the beginning of another", () => {
  for (const a of COMMANDS) {
    for (const b of COMMANDS) {
      if (a === b) continue;
      assert.ok(
        a.positionals.length === 0 && commandName(a) !== commandName(b) ||
          !`${commandName(b)} `.startsWith(`${commandName(a)} `),
        `${commandName(a)} / ${commandName(b)}`,
      );
    }
  }
});

Deno.test("help fits a terminal of 100 columns and ends with a line end", () => {
  for (const line of allHelp().split("\n")) assert.ok(displayWidth(line) <= 100, line);
  assert.ok(allHelp().endsWith("\n"));
});

Deno.test("help is broken for a narrower terminal, where nothing but an example is wider than it", () => {
  const allAt = (width: number) => [
    programHelp(COMMANDS, width),
    groupHelp(["policy"], COMMANDS, width),
    ...COMMANDS.map((command) => commandHelp(command, width)),
  ];
  for (const width of [72, 80]) {
    for (const line of allAt(width).flatMap((text) => text.split("\n"))) {
      assert.ok(displayWidth(line) <= width || line.includes("wispkey "), line);
    }
  }
  const words = (texts: string[]) => texts.join(" ").split(/\s+/);
  assert.deepEqual(words(allAt(72)), words(allAt(100)));
  assert.equal(helpWidth({ terminal: false, columns: 0 }), 100);
  assert.equal(helpWidth({ terminal: true, columns: 80 }), 80);
  assert.equal(helpWidth({ terminal: true, columns: 20 }), 72);
  assert.equal(helpWidth({ terminal: true, columns: 300 }), 100);
});

Deno.test("help that was asked for goes to stdout and ends well", async () => {
  for (
    const args of [["--help"], ["-h"], ["help"], ["add", "--help"], ["help", "config", "set"], [
      "config",
      "--help",
    ], ["list", "-h", "--json"]]
  ) {
    const ran = await run(args);
    assert.equal(ran.code, 0, args.join(" "));
    assert.equal(ran.stderr, "");
    assert.match(ran.stdout, /Usage: wispkey/);
  }
});

Deno.test("help that was not asked for goes to stderr and ends with 2", async () => {
  for (const args of [[], ["config"], ["project"], ["--json"], ["-q"]]) {
    const ran = await run(args);
    assert.equal(ran.code, 2, args.join(" "));
    assert.equal(ran.stdout, "");
    assert.match(ran.stderr, /Usage: wispkey/);
  }
});

Deno.test("help on what does not exist suggests what does", async () => {
  const ran = await run(["help", "confg"]);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /'config'/);
  assert.equal((await run(["help", "add", "openai"])).code, 2);
});

Deno.test("the version is printed alone, by option and by command", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  for (const args of [["--version"], ["-V"], ["version"], ["add", "--version"]]) {
    assert.equal((await run(args)).stdout, `wispkey ${config.version}\n`, args.join(" "));
  }
  const printed = JSON.parse((await run(["version", "--json"])).stdout);
  assert.deepEqual(Object.keys(printed), ["version", "deno", "v8", "platform"]);
  assert.equal(printed.version, config.version);
  assert.equal(printed.deno, Deno.version.deno);
});
