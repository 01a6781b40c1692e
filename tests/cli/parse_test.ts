import assert from "node:assert/strict";
import fc from "fast-check";
import { COMMANDS } from "../../src/cli/commands.ts";
import { type Invocation, parseCommandLine, wantsJson } from "../../src/cli/parse.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/spec.ts";
import { UsageError } from "../../src/core/errors.ts";

function parse(...argv: string[]): Invocation {
  return parseCommandLine(argv, COMMANDS);
}

function refused(argv: string[], code: string, message: RegExp): UsageError {
  try {
    parse(...argv);
  } catch (error) {
    assert.ok(error instanceof UsageError, `${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.match(error.message, /: /, "the message says what failed and why");
    assert.ok(error.hint !== undefined && error.hint.startsWith("wispkey "), "the hint is a command");
    return error;
  }
  assert.fail(`accepted: ${argv.join(" ")}`);
}

function argsOf(...argv: string[]) {
  const { args } = parse(...argv);
  assert.ok(args !== undefined);
  return args;
}

Deno.test("a command is found by its words, and its options are read by name", () => {
  const { command, args } = parse("add", "k", "--type", "api_key", "--tags", "a,b");
  assert.deepEqual(command?.path, ["add"]);
  assert.equal(args?.positional(0), "k");
  assert.equal(args?.text("type"), "api_key");
  assert.deepEqual(args?.list("tags"), ["a", "b"]);
  assert.equal(args?.text("description"), undefined);
  assert.equal(args?.has("hosts"), false);
});

Deno.test("a command of two words is found, also with global options before and between", () => {
  for (
    const argv of [
      ["config", "set", "session.timeout", "5", "--json"],
      ["--json", "config", "set", "session.timeout", "5"],
      ["config", "--json", "set", "session.timeout", "5"],
      ["--format", "json", "config", "set", "session.timeout", "--quiet", "5"],
      ["--format=json", "-q", "config", "set", "--", "session.timeout", "5"],
    ]
  ) {
    const { command, args, globals } = parse(...argv);
    assert.deepEqual(command?.path, ["config", "set"], argv.join(" "));
    assert.deepEqual(args?.rest(0), ["session.timeout", "5"]);
    assert.equal(globals.format, "json");
  }
});

Deno.test("an argument that reads like a command is an argument", () => {
  const { command, args } = parse("get", "list");
  assert.deepEqual(command?.path, ["get"]);
  assert.equal(args?.positional(0), "list");
});

Deno.test("no command, or half of one, is left for the help", () => {
  assert.equal(parse().command, undefined);
  assert.deepEqual(parse().group, []);
  assert.equal(parse("config").command, undefined);
  assert.deepEqual(parse("config").group, ["config"]);
  assert.equal(parse("--json").globals.format, "json");
});

Deno.test("help and version are answered before arguments are judged", () => {
  assert.equal(parse("add", "--help").globals.help, true);
  assert.equal(parse("add", "--help").args, undefined);
  assert.equal(parse("-h").globals.help, true);
  assert.equal(parse("-V").globals.version, true);
  assert.equal(parse("config", "set", "-h").command?.path.join(" "), "config set");
});

Deno.test("a secret may begin with a hyphen, as a word of its own or after an equals sign", () => {
  for (const value of ["-x", "--", "--json", "--hosts", "-----BEGIN PRIVATE KEY-----", "-", "--no-such"]) {
    assert.equal(argsOf("add", "k", "--value", value).text("value"), value);
    assert.equal(argsOf("add", "k", `--value=${value}`).text("value"), value);
  }
  assert.equal(argsOf("add", "k", "--value", "").text("value"), "");
  assert.equal(argsOf("add", "k", "--value=").text("value"), "");
  assert.equal(argsOf("add", "k", "--value=a=b").text("value"), "a=b");
});

Deno.test("an option that lost its value does not swallow the next option", () => {
  refused(["add", "k", "--hosts", "--json"], "invalid_option", /--hosts: it needs a value/);
  refused(["add", "k", "--value-file", "--hosts", "h"], "invalid_option", /--value-file: it needs a value/);
  refused(["add", "k", "--value"], "invalid_option", /--value: it needs a value/);
  assert.equal(argsOf("add", "k", "--value-file", "-").text("value-file"), "-");
  assert.deepEqual(argsOf("add", "k", "--hosts=--json").list("hosts"), ["--json"]);
});

Deno.test("unknown commands and options are refused with what was probably meant", () => {
  refused(["adt", "k"], "unknown_command", /'adt'.*'add'/);
  refused(["confg", "list"], "unknown_command", /'config'/);
  refused(["config", "gte", "x"], "unknown_command", /'config gte'.*'get'/);
  refused(["sttaus"], "unknown_command", /'status'/);
  refused(["frobnicate"], "unknown_command", /there is none of that name/);
  refused(["add", "k", "--valeu", "v"], "unknown_option", /--valeu.*--value/);
  refused(["add", "k", "--host", "v"], "unknown_option", /--hosts/);
  refused(["list", "--jsno"], "unknown_option", /--json/);
  refused(["list", "-x"], "unknown_option", /none of that name/);
  assert.equal(refused(["serv"], "unknown_command", /serve/).hint, "wispkey serve --help");
});

Deno.test("flags take no value, integers are whole numbers within their range, choices are choices", () => {
  refused(["list", "--json=yes"], "invalid_option", /--json: it takes no value/);
  for (const port of ["0", "65536", "0x50", "80.0", "-1", " 80", "", "1e3", "９"]) {
    refused(["serve", `--port=${port}`], "invalid_option", /--port: it takes a whole number from 1 to 65535/);
  }
  assert.equal(argsOf("serve", "--port", "65535").integer("port"), 65535);
  assert.equal(argsOf("unlock", "--timeout", "0").integer("timeout"), 0);
  refused(["unlock", "--timeout", "525601"], "invalid_option", /525600/);
  refused(["add", "k", "--type", "bearer"], "invalid_option", /bearer_token/);
  refused(["list", "--format", "yaml"], "invalid_option", /text, json/);
});

Deno.test("an option given twice is refused, unless it is a list", () => {
  refused(["add", "k", "--type", "api_key", "--type", "api_key"], "invalid_option", /twice/);
  assert.deepEqual(argsOf("add", "k", "--hosts", "a,b", "--hosts", "c").list("hosts"), ["a", "b", "c"]);
});

Deno.test("missing and surplus arguments are refused without repeating them", () => {
  refused(["add"], "missing_argument", /NAME is missing/);
  refused(["config", "set", "session.timeout"], "missing_argument", /VALUE is missing/);
  const surplus = refused(
    ["add", "k", "sk-live-secret"],
    "too_many_arguments",
    /one argument, and 2 were given/,
  );
  assert.ok(!`${surplus.message}${surplus.hint}`.includes("sk-live-secret"));
  refused(["list", "x"], "too_many_arguments", /no argument/);
});

Deno.test("a wrong word where only some are known is told as such", () => {
  refused(["completions", "bahs"], "unknown_shell", /no such shell; did you mean 'bash'/);
  refused(["config", "get", "no.such"], "unknown_setting", /no such setting/);
});

Deno.test("no message repeats a word that could be a secret", () => {
  const secret = fc.string({ minLength: 25, maxLength: 60 })
    .filter((text) => text.trim() === text && !text.includes("=") && !text.startsWith("-"));
  fc.assert(fc.property(secret, (text) => {
    for (
      const argv of [[text], ["config", text], ["add", "k", text], ["completions", text], [
        "list",
        `--${text}`,
      ]]
    ) {
      try {
        parse(...argv);
      } catch (error) {
        assert.ok(error instanceof UsageError);
        assert.ok(!`${error.message} ${error.hint}`.includes(text) || text.length < 2, error.message);
      }
    }
  }));
});

Deno.test("whatever is typed is either understood or refused as wrong usage", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(...COMMANDS.flatMap(({ path }) => path)),
    fc.constantFrom(...Object.keys(GLOBAL_OPTIONS).map((name) => `--${name}`)),
    fc.constantFrom(
      "-",
      "--",
      "-h",
      "-qy",
      "--value",
      "--value=",
      "--hosts=a",
      "=",
      "--=",
      "--__proto__",
      "constructor",
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      try {
        parse(...argv);
      } catch (error) {
        assert.ok(error instanceof UsageError, `${error}`);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("values come through unchanged, whatever they hold", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => {
    assert.equal(argsOf("add", "k", `--value=${value}`).text("value"), value);
    assert.equal(argsOf("--json", "add", "k", "--value", value, "-q").text("value"), value);
  }));
});

Deno.test("JSON is asked for even where the rest of the line is wrong", () => {
  assert.equal(wantsJson(["bogus", "--json"]), true);
  assert.equal(wantsJson(["--format", "json", "--bogus"]), true);
  assert.equal(wantsJson(["--format=json"]), true);
  assert.equal(wantsJson(["--format", "text"]), false);
  assert.equal(wantsJson(["add", "--", "--json"]), false);
});

Deno.test("asking for an option that was not declared is a mistake of the program", () => {
  assert.throws(() => argsOf("list").text("value"), TypeError);
  assert.throws(() => argsOf("list").positional(0), TypeError);
});
