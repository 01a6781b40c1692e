import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandName } from "../../src/cli/spec.ts";
import { UsageError } from "../../src/core/errors.ts";
import { PASSWORD, run } from "./fake.ts";
import {
  CHANGE_THE_SYSTEM,
  ENV,
  LINES,
  ON_REAL_VAULTS,
  optionsOf,
  SECRET,
  TEXT_ONLY,
  vault,
} from "./lines.ts";

Deno.test("every command has a line in these tests", () => {
  const names = COMMANDS.map(commandName).filter((name) =>
    !TEXT_ONLY.has(name) && !CHANGE_THE_SYSTEM.has(name) && !ON_REAL_VAULTS.has(name)
  );
  assert.deepEqual(Object.keys(LINES).sort(), names.sort());
});

for (const [name, { args }] of Object.entries(LINES)) {
  const line = [...name.split(" "), ...args];

  Deno.test(`${name} works in text, and prints neither secret nor password`, async () => {
    const ran = await run(line, optionsOf(name));
    assert.equal(ran.code, 0, ran.stderr);
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(SECRET));
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(PASSWORD));
    assert.ok(!ran.stdout.includes("\u001b["), "no colour where no terminal is");
    assert.equal(ran.vault.open, 0, "the connection was closed");
  });

  Deno.test(`${name} prints in JSON one value and nothing else, stderr in lines of JSON`, async () => {
    const ran = await run([...line, "--json"], optionsOf(name));
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(typeof JSON.parse(ran.stdout), "object");
    for (const warning of ran.stderr.split("\n").filter((each) => each !== "")) JSON.parse(warning);
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(SECRET));
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(PASSWORD));
  });

  Deno.test(`${name} is quiet if asked to be`, async () => {
    const ran = await run([...line, "--quiet"], optionsOf(name));
    assert.equal(ran.code, 0, ran.stderr);
    for (const each of ran.stderr.split("\n")) assert.match(each, /^(warning: .+)?$/);
  });
}

Deno.test("an error is one line and its hint; in JSON an object on stderr", async () => {
  const text = await run(["get", "nope"], { vault: vault() });
  assert.match(text.stderr, /^wispkey: [^\n]+: [^\n]+\nhint: [^\n]+\n$/);
  const machine = await run(["get", "nope", "--format", "json"], { vault: vault() });
  assert.equal(machine.stdout, "");
  assert.deepEqual(Object.keys(JSON.parse(machine.stderr).error).sort(), [
    "code",
    "exit_code",
    "hint",
    "message",
  ]);
  assert.equal(machine.code, JSON.parse(machine.stderr).error.exit_code);
});

Deno.test("errors of the parsing itself are JSON too if JSON was asked for", async () => {
  for (const args of [["bogus", "--json"], ["--json", "list", "--bogus"], ["--format=json", "add"]]) {
    const ran = await run(args);
    assert.equal(ran.code, 2);
    assert.equal(JSON.parse(ran.stderr).error.exit_code, 2);
  }
});

Deno.test("an unexpected error ends with 1 and its message; the stack only at level debug", async () => {
  const broken = () => {
    const made = vault();
    made.status = () => {
      throw new RangeError("something odd");
    };
    return made;
  };
  const plain = await run(["list"], { vault: broken() });
  assert.equal(plain.code, 1);
  assert.equal(plain.stderr, "wispkey: something odd\n");
  const debug = await run(["list", "--log-level", "debug"], { vault: broken() });
  assert.match(debug.stderr, /^wispkey: something odd\nRangeError: something odd\n\s+at /);
  assert.equal(broken().open, 0);
});

Deno.test("text from elsewhere in an error cannot command the terminal", async () => {
  const made = vault();
  made.status = () => {
    throw new UsageError("cannot \u001b[31m: \u202e", { code: "x", hint: "\u0007" });
  };
  const ran = await run(["list"], { vault: made });
  assert.ok(!/[\p{Cc}\u202e]/u.test(ran.stderr.replaceAll("\n", "")), ran.stderr);
});

Deno.test("colour only on a terminal, and not if somebody said no", async () => {
  const { stdout } = await run(["list"], { vault: vault(), stdoutTerminal: true });
  assert.ok(stdout.startsWith("\u001b[1mNAME"), stdout);
  const no = await run(["list", "--no-color"], { vault: vault(), stdoutTerminal: true });
  assert.ok(!no.stdout.includes("\u001b"));
});

Deno.test("without a daemon a command opens the vault with the password, does its one thing and closes it", async () => {
  for (const daemon of ["none", "locked"] as const) {
    const asked = await run(["list"], { vault: vault({ daemon }), secrets: [PASSWORD] });
    assert.equal(asked.code, 0, asked.stderr);
    assert.deepEqual(asked.asked, ["Master password: "]);
    assert.equal(asked.vault.calls.at(-1)?.direct, true);
    assert.equal(asked.vault.open, 0);
    const given = await run(["list"], { vault: vault({ daemon }), env: ENV });
    assert.deepEqual([given.code, given.asked.length], [0, 0]);
  }
});

Deno.test("with the vault opened by the password, an act that needs it is not asked for again", async () => {
  const ran = await run(["edit", "openai", "--hosts", "b.test"], {
    vault: vault({ daemon: "none" }),
    secrets: [PASSWORD],
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.asked, ["Master password: "]);
});

Deno.test("without daemon, password and terminal a command is locked, and says what unlocks", async () => {
  const ran = await run(["list", "--json"], { vault: vault({ daemon: "none" }) });
  assert.equal(ran.code, 3);
  assert.deepEqual(JSON.parse(ran.stderr).error.hint, "wispkey unlock");
  const empty = await run(["list"], { vault: vault({ daemon: "none" }), env: { WISPKEY_PASSWORD: "" } });
  assert.equal(empty.code, 3);
});

Deno.test("without a vault a command says how to make one, and asks for no password", async () => {
  const ran = await run(["list"], { vault: vault({ exists: false, daemon: "none" }), secrets: [PASSWORD] });
  assert.equal(ran.code, 4);
  assert.match(ran.stderr, /^hint: wispkey init$/m);
  assert.deepEqual(ran.asked, []);
});

Deno.test("an unlocked daemon serves without the password, whatever the environment holds", async () => {
  const ran = await run(["list"], { vault: vault(), env: { WISPKEY_PASSWORD: "wrong password" } });
  assert.equal(ran.code, 0);
  assert.equal(ran.vault.calls.at(-1)?.direct, false);
});

Deno.test("a wrong password says what could not be done because of it, and advises what mends it", async () => {
  const env = { WISPKEY_PASSWORD: "wrong password" };
  for (
    const [args, daemon, message] of [
      [["list"], "none", "cannot list the credentials: the master password is wrong"],
      [
        ["config", "set", "log.max_rows", "5"],
        "unlocked",
        "cannot set log.max_rows: the master password is wrong",
      ],
    ] as const
  ) {
    const ran = await run([...args], { vault: vault({ daemon }), env });
    assert.equal(ran.code, 3, args.join(" "));
    assert.equal(ran.stderr, `wispkey: ${message}\nhint: try again with the right one\n`);
  }
});

Deno.test("a source that is not there is not found, and --env can be looked at first", async () => {
  const missing = await run(["import", "no-such.env"], { vault: vault() });
  assert.equal(missing.code, 4, missing.stderr);
  const shown = await run(["import", "--env", "--dry-run", "--json"], { vault: vault() });
  assert.equal(shown.code, 0, shown.stderr);
  assert.equal(JSON.parse(shown.stdout).dry_run, true);
  for (const other of ["--restore", "--backups"]) {
    assert.equal((await run(["import", ".env", other, "--dry-run"], { vault: vault() })).code, 2, other);
  }
});

Deno.test("who looks for the cloud of earlier builds learns what takes its place", async () => {
  for (
    const args of [["cloud"], ["cloud", "login"], ["cloud", "push", "staging"], ["cloud", "login", "--json"]]
  ) {
    const ran = await run(args, { vault: vault() });
    assert.equal(ran.code, 2, args.join(" "));
    assert.match(ran.stderr, /no cloud to log in to/);
    assert.match(ran.stderr, /wispkey project export/);
  }
});

Deno.test("a policy file that is not there yet is told how to be made", async () => {
  const own = await run(["policy", "check"], { vault: vault() });
  assert.equal(own.code, 4);
  assert.match(own.stderr, /^hint: wispkey policy init$/m);
  const named = await run(["policy", "check", "other.toml"], { vault: vault() });
  assert.equal(named.code, 4);
  assert.doesNotMatch(named.stderr, /policy init/);
});

Deno.test("unlock does not advise to unlock", async () => {
  const ran = await run(["unlock"], { vault: vault({ daemon: "none" }) });
  assert.equal(ran.code, 3);
  assert.match(
    ran.stderr,
    /^hint: run it in a terminal; where nobody can be asked, WISPKEY_PASSWORD answers$/m,
  );
});
