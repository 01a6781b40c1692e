/**
 * The scripts in the shells themselves: each line is typed on a terminal, completed with a tab and run. What then runs
 * stands in for the program and writes down its arguments.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { runsShell } from "./shells.ts";
import { run } from "./fake.ts";

/** Names that a vault may hold and a shell would run or change. */
const NAMES = [
  "plain",
  "with blank",
  "two  blanks",
  "db:prod",
  "it's",
  'say "x"',
  "$(touch ran)",
  "`touch ran`",
  "a;touch ran",
  "(touch ran)",
  "a & touch ran",
  "a|touch ran",
  "$HOME",
  "~root",
  "*",
  "[a-z]",
  "{a,b}",
  "back\\slash",
  "#comment",
  "=ls",
  "a=b",
  ">ran",
  "!!",
  "%s",
  "naïve ключ 🔑",
  "‘curly’",
];

/** What is typed before the tab, and what the program then gets. */
const LINES: readonly (readonly [typed: string, ...args: string[]])[] = [
  ["wispkey unlo", "unlock"],
  ["wispkey config un", "config", "unset"],
  ["wispkey --json config un", "--json", "config", "unset"],
  ["wispkey -q --format json project cu", "-q", "--format", "json", "project", "current"],
  ["wispkey 'config' un", "config", "unset"],
  ["wispkey add k --value-f", "add", "k", "--value-file"],
  ["wispkey add k --type be", "add", "k", "--type", "bearer_token"],
  ["wispkey list --format=js", "list", "--format=json"],
  ["wispkey completions fi", "completions", "fish"],
  ["wispkey config get session.t", "config", "get", "session.timeout"],
  ["wispkey help unlo", "help", "unlock"],
  ["wispkey import folder/a", "import", "folder/a $(touch ran) b.env"],
  ["wispkey add k --value-file folder/a", "add", "k", "--value-file", "folder/a $(touch ran) b.env"],
  ["wispkey run -- cat folder/a", "run", "--", "cat", "folder/a $(touch ran) b.env"],
  ["wispkey run -- wispk", "run", "--", "wispkey"],
  // After `--` nothing is an option of ours, and elsewhere than at its place nothing is a command.
  ["wispkey run -- cat --js", "run", "--", "cat", "--js"],
  ["wispkey get k unlo", "get", "k", "unlo"],
];

/** Types lines on a terminal of its own; each is done when what it runs has written a line. */
const TYPIST = `
import json, os, pty, select, sys, time
shell, log, lines = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(shell[0], shell)
seen = b""
def written():
    with open(log) as file:
        return file.read().count("\\n")
for number, (names, keys) in enumerate(lines):
    with open("names", "w") as file:
        file.write(names)
    os.write(terminal, keys.encode())
    end = time.monotonic() + 20
    while written() <= number and time.monotonic() < end:
        if select.select([terminal], [], [], 0.01)[0]:
            seen += os.read(terminal, 65536)
    if written() <= number:
        break
os.close(terminal)
os.kill(pid, 9)
os.waitpid(pid, 0)
print(seen.decode(errors="replace"))
`;

const STAND_IN = `#!/bin/sh
if [ "$1 $2" = "completions --names" ]; then
  echo "a complaint" >&2
  cat "$WORK/names"
  exit 3
fi
{ for word; do printf '<%s>' "$word"; done; echo; } >> "$WORK/log"
`;

/** How a shell is started, and how it gets the script, which lies in the file `_wispkey`. */
const SHELLS: Record<string, { command: string[]; load: string }> = {
  bash: { command: ["bash", "--norc", "--noprofile", "-i"], load: "set -u; source ./_wispkey" },
  zsh: { command: ["zsh", "-f", "-i"], load: "autoload -U compinit; compinit -u -D; source ./_wispkey" },
  fish: { command: ["fish", "-i"], load: "source ./_wispkey" },
};
/** zsh, where the script is a function of `$fpath`. */
const AUTOLOADING = {
  command: ["zsh", "-f", "-i"],
  load: "fpath=($PWD $fpath); autoload -U compinit; compinit -u -D",
};

interface Typed {
  /** What each line ran: its arguments, each in angle brackets. */
  ran: string[];
  /** All that the terminal showed. */
  shown: string;
  /** Files that were made in the working directory. */
  made: string[];
}

/** Types lines, each with the names that the vault has at that time. */
async function type(
  shell: string,
  lines: readonly (readonly [names: string, keys: string])[],
  { command, load } = SHELLS[shell] ?? AUTOLOADING,
): Promise<Typed> {
  const work = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(work, "folder"));
    await Deno.writeTextFile(join(work, "folder", "a $(touch ran) b.env"), "");
    await Deno.mkdir(join(work, "bin"));
    await Deno.writeTextFile(join(work, "bin", "wispkey"), STAND_IN, { mode: 0o755 });
    await Deno.writeTextFile(join(work, "log"), "");
    await Deno.writeTextFile(join(work, "names"), "");
    await Deno.writeTextFile(join(work, "_wispkey"), (await run(["completions", shell])).stdout);
    const before = [...Deno.readDirSync(work)].map(({ name }) => name);
    const child = new Deno.Command("python3", {
      args: ["-c", TYPIST],
      cwd: work,
      clearEnv: true,
      env: {
        PATH: `${join(work, "bin")}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`,
        HOME: join(work, "bin"),
        WORK: work,
        TERM: "xterm",
        LC_ALL: "C.UTF-8",
        INPUTRC: "/dev/null",
        HISTFILE: "/dev/null",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const writer = child.stdin.getWriter();
    const start = ["", `${load}; wispkey ready\r`] as const;
    await writer.write(new TextEncoder().encode(
      JSON.stringify([command, join(work, "log"), [start, ...lines]]),
    ));
    await writer.close();
    const { stdout } = await child.output();
    const [ready, ...ran] = (await Deno.readTextFile(join(work, "log"))).split("\n").slice(0, -1);
    const shown = new TextDecoder().decode(stdout);
    assert.equal(ready, "<ready>", shown);
    const made = [...Deno.readDirSync(work)].map(({ name }) => name).filter((name) => !before.includes(name));
    return { ran, shown, made };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

function brackets(args: readonly string[]): string {
  return args.map((arg) => `<${arg}>`).join("");
}

const pty = await runsShell("python3");

Deno.test({
  name: "bash that is given names as a list of words runs what they hold, which the tests below would notice",
  ignore: !pty || !(await runsShell("bash")),
  async fn() {
    const naive = {
      command: ["bash", "--norc", "--noprofile", "-i"],
      load: "naive() { COMPREPLY=($(compgen -W " +
        '"$(wispkey completions --names credential 2>/dev/null)")); }; complete -F naive wispkey',
    };
    const { made, shown } = await type("bash", [["$(touch ran)\n", "wispkey get \t\r"]], naive);
    assert.deepEqual(made, ["ran"], shown);
  },
});

Deno.test({
  name: "zsh loads the script by itself from a directory of its functions, and completes at the first tab",
  ignore: !pty || !(await runsShell("zsh")),
  async fn() {
    const lines = [["my key\n", "wispkey get my\t\r"], ["", "wispkey config un\t\r"]] as const;
    const { ran, shown } = await type("zsh", lines, AUTOLOADING);
    assert.deepEqual(ran, ["<get><my key>", "<config><unset>"], shown);
  },
});

for (const shell of Object.keys(SHELLS)) {
  const ignore = !pty || !(await runsShell(shell));
  if (ignore) console.warn(`${shell} or python3 is not there: completion in ${shell} is not tested`);

  Deno.test({
    name: `${shell} completes commands, options, values and files`,
    ignore,
    async fn() {
      const { ran, shown, made } = await type(shell, LINES.map(([typed]) => ["", `${typed}\t\r`]));
      assert.deepEqual(ran, LINES.map(([, ...args]) => brackets(args)), shown);
      assert.deepEqual(made, []);
    },
  });

  Deno.test({
    name: `${shell} puts names of the vault into the line as one word, and runs nothing of them`,
    ignore,
    async fn() {
      const lines = NAMES.map((name) => [`${name}\n`, "wispkey get \t\r"] as const);
      const { ran, shown, made } = await type(shell, lines);
      // fish would expand it, so it is not offered.
      const offered = (name: string) => !(shell === "fish" && name.startsWith("~"));
      assert.deepEqual(ran, NAMES.map((name) => brackets(["get", ...offered(name) ? [name] : []])), shown);
      assert.deepEqual(made, []);
      assert.ok(!shown.includes("a complaint"), shown);
    },
  });

  Deno.test({
    name:
      `${shell} offers names for options, after -- and in quotes, and the line stays where there are none`,
    ignore,
    async fn() {
      const names = "my key\nother\n";
      const { ran, shown } = await type(shell, [
        [names, "wispkey list --project my\t\r"],
        [names, "wispkey list --project=my\t\r"],
        [names, "wispkey get -- my\t\r"],
        [names, "wispkey get 'my k\t\r"],
        [names, 'wispkey get "my k\t\r'],
        [names, "wispkey get my\\ k\t\r"],
        ["", "wispkey get no\t\r"],
      ]);
      assert.deepEqual(
        ran,
        [
          ["list", "--project", "my key"],
          ["list", "--project=my key"],
          ["get", "--", "my key"],
          ["get", "my key"],
          ["get", "my key"],
          ["get", "my key"],
          ["get", "no"],
        ].map(brackets),
        shown,
      );
    },
  });
}
