import assert from "node:assert/strict";
import { fromFileUrl } from "./child.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { useColour } from "../../src/platform/terminal.ts";

const MAIN = fromFileUrl(new URL("terminal_main.ts", import.meta.url));
const COMMAND = [Deno.execPath(), "run", "--no-prompt", "--no-config", "--no-lock", MAIN];

/** Whether `script` of util-linux is here, which gives a program a terminal. */
async function canMakeTerminals(): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  try {
    const { stdout } = await new Deno.Command("script", { args: ["--version"], stderr: "null" }).output();
    return /util-linux/.test(new TextDecoder().decode(stdout));
  } catch {
    return false;
  }
}

const terminal = await canMakeTerminals();
if (!terminal) console.log("the terminal tests are skipped: there is no `script` of util-linux");

/** Runs the program on a terminal, typing each answer once its prompt is shown; gives the screen's whole text. */
async function onTerminal(
  questions: string[],
  answers: [prompt: string, typed: string][],
  command: string[] = COMMAND,
): Promise<string> {
  const quoted = [...command, ...questions].map((part) => `'${part}'`).join(" ");
  const process = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", quoted, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).spawn();
  const keyboard = process.stdin.getWriter();
  let screen = "";
  let seen = 0;
  for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
    screen += text;
    const [next] = answers;
    if (next !== undefined && screen.indexOf(next[0], seen) >= 0) {
      seen = screen.indexOf(next[0], seen) + next[0].length;
      answers.shift();
      await keyboard.write(utf8(next[1]));
    }
  }
  await keyboard.close().catch(() => undefined); // The terminal is gone already.
  await process.status;
  return screen;
}

Deno.test({
  name: "a secret is read without being shown, as bytes",
  ignore: !terminal,
  fn: async () => {
    const screen = await onTerminal(["secret"], [["Password: ", "pä\x7fss\r"]]);
    assert.match(screen, /got:707373\b/);
    assert.doesNotMatch(screen, /pss|pä/);
  },
});

Deno.test({
  name: "two secrets can be asked for one after the other, and echo is back afterwards",
  ignore: !terminal,
  fn: async () => {
    const screen = await onTerminal(["secret", "secret", "confirm"], [
      ["Password: ", "one\r"],
      ["Password: ", "two\r"],
      ["[y/N] ", "yes\r"],
    ]);
    assert.match(screen, /got:6f6e65\b/);
    assert.match(screen, /got:74776f\b/);
    assert.match(screen, /Really\? \[y\/N\] yes/);
    assert.match(screen, /confirmed:true/);
  },
});

Deno.test({
  name: "Ctrl-C stops with code 130, a line too long with an error",
  ignore: !terminal,
  fn: async () => {
    assert.match(await onTerminal(["secret"], [["Password: ", "ab\x03"]]), /error:interrupted:130/);
    assert.match(await onTerminal(["secret"], [["Password: ", "x".repeat(21)]]), /error:input_too_long:1/);
  },
});

Deno.test({
  name: "under a debugger no secret is asked for",
  ignore: !terminal,
  fn: async () => {
    const [deno = "", run = "", ...rest] = COMMAND;
    const command = [deno, run, "--inspect=127.0.0.1:0", "--allow-ffi", "--allow-sys", ...rest];
    const screen = await onTerminal(["secret"], [["Password: ", "taken\r"]], command);
    assert.match(screen, /error:debugger_attached:5/);
    assert.doesNotMatch(screen, /Password/);
  },
});

Deno.test({
  name: "anything but yes is no",
  ignore: !terminal,
  fn: async () => {
    assert.match(await onTerminal(["confirm"], [["[y/N] ", "\r"]]), /confirmed:false/);
    assert.match(await onTerminal(["facts"], []), /"stdin":true,"stdout":true,"stderr":true} width:true/);
  },
});

Deno.test("without a terminal nobody is asked", async () => {
  const [command = "", ...args] = COMMAND;
  for (
    const [question, expected] of [["secret", "error:no_terminal:1"], [
      "confirm",
      "error:confirmation_needed:2",
    ]]
  ) {
    const { stdout } = await new Deno.Command(command, { args: [...args, question ?? ""], stdin: "null" })
      .output();
    assert.equal(new TextDecoder().decode(stdout).trim(), expected);
  }
});

Deno.test("colour only on a terminal that can, and only if nobody said no", () => {
  const yes = { terminal: true, noColorFlag: false, noColor: undefined, term: "xterm" };
  assert.equal(useColour(yes), true);
  assert.equal(useColour({ ...yes, noColor: "" }), true);
  assert.equal(useColour({ ...yes, terminal: false }), false);
  assert.equal(useColour({ ...yes, noColorFlag: true }), false);
  assert.equal(useColour({ ...yes, noColor: "0" }), false);
  assert.equal(useColour({ ...yes, term: "dumb" }), false);
});

const STREAMS = JSON.stringify(new URL("../../src/platform/terminal.ts", import.meta.url).href);

/** Runs a line of code with the functions of the module in scope. */
function evaluate(code: string): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", `import * as t from ${STREAMS}; ${code}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("standard input is read whole, up to the limit", async () => {
  for (
    const [length, limit, expected] of [[100_000, 100_000, "100000"], [100_001, 100_000, "input_too_long"]]
  ) {
    const process = evaluate(
      `try { console.log((await t.readAllStdin(${limit})).length); } catch (e) { console.log(e.code); }`,
    ).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new Uint8Array(Number(length)));
    await writer.close();
    const { stdout } = await process.output();
    assert.equal(new TextDecoder().decode(stdout).trim(), expected);
  }
});

Deno.test("a large text is written whole", async () => {
  const process = evaluate(`await t.writeStdout("x".repeat(5_000_000));`).spawn();
  await process.stdin.close();
  const { stdout, code } = await process.output();
  assert.equal(stdout.length, 5_000_000);
  assert.equal(code, 0);
});

Deno.test("if the reader is gone the program ends quietly", async () => {
  const process = evaluate(`for (;;) await t.writeStdout("x".repeat(100_000));`).spawn();
  await process.stdin.close();
  const reader = process.stdout.getReader();
  await reader.read();
  await reader.cancel();
  let errors = "";
  for await (const text of process.stderr.pipeThrough(new TextDecoderStream())) errors += text;
  assert.equal((await process.status).code, 0);
  assert.equal(errors, "");
});
