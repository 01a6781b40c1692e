import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandName } from "../../src/cli/spec.ts";
import { UsageError } from "../../src/core/errors.ts";
import { authority, credential, FakeVault, PASSWORD, run, type RunOptions } from "./fake.ts";
import type { BundleKind } from "../../src/sharing/header.ts";
import { credential as bundled, PASSPHRASE, write } from "../sharing/support.ts";

const SECRET = "sk-the-real-secret-value";
const POLICY = '[[policy]]\nname = "reads"\nallowed_methods = ["GET"]\n';
const ENV = { WISPKEY_PASSWORD: PASSWORD };

function vault(changes: Partial<FakeVault> = {}): FakeVault {
  const made = new FakeVault();
  made.credentials = [credential()];
  made.values.set("openai", new TextEncoder().encode(SECRET));
  made.ca = authority("11112222");
  return Object.assign(made, changes);
}

const BUNDLE_ENV = { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE };
const EXPORTED: RunOptions = { env: { ...ENV, ...BUNDLE_ENV } };

async function imported(kind: BundleKind): Promise<RunOptions> {
  const bytes = await write([bundled("k", { value: new TextEncoder().encode(SECRET) })], {
    manifest: { kind },
  });
  return { env: BUNDLE_ENV, files: { "p.wkbundle": bytes } };
}

/** A working line for every command; a new command without one fails the first test. */
const LINES: Record<string, { args: string[]; options?: RunOptions }> = {
  "init": { args: [], options: { vault: vault({ exists: false, daemon: "none" }), env: ENV } },
  "unlock": { args: [], options: { env: ENV } },
  "lock": { args: [] },
  "passwd": {
    args: ["--new-password-file", "-"],
    options: { env: ENV, stdin: new TextEncoder().encode("brand new words") },
  },
  "status": { args: [] },
  "log": { args: [] },
  "log stats": { args: [] },
  "log verify": { args: [] },
  "log prune": { args: ["--keep", "10", "--yes"], options: { env: ENV } },
  "log export": { args: ["out.ndjson"] },
  "approvals": { args: [] },
  "policy init": { args: [], options: { files: {} } },
  "policy list": { args: [] },
  "policy check": { args: ["-"], options: { stdin: new TextEncoder().encode(POLICY) } },
  "policy apply": {
    args: ["--file", "p.toml"],
    options: { env: ENV, files: { "p.toml": new TextEncoder().encode(POLICY) } },
  },
  "policy explain": { args: ["--credential", "openai", "--url", "https://api.openai.com/v1"] },
  "policy test": {
    args: ["-", "--policies", "p.toml"],
    options: {
      files: { "p.toml": new TextEncoder().encode(POLICY) },
      stdin: new TextEncoder().encode(
        '[[request]]\ncredential = "openai"\nurl = "https://a.test/"\nexpect = "allow"\n',
      ),
    },
  },
  "approvals list": { args: [] },
  "approvals approve": { args: ["3f9a1c0b7d2e"], options: { env: ENV } },
  "approvals deny": { args: ["3f9a1c0b7d2e"] },
  "doctor": { args: [] },
  "add": { args: ["k", "--value", SECRET] },
  "list": { args: [] },
  "get": { args: ["openai"] },
  "edit": { args: ["openai", "--tags", "x"], options: { env: ENV } },
  "remove": { args: ["openai", "--yes"] },
  "rotate": { args: ["openai", "--value", SECRET], options: { env: ENV } },
  "serve": { args: ["--daemon"] },
  "stop": { args: [] },
  "config get": { args: ["session.timeout"] },
  "config set": { args: ["session.timeout", "5"], options: { env: ENV } },
  "config list": { args: [] },
  "config unset": { args: ["session.timeout"], options: { env: ENV } },
  "project list": { args: [] },
  "project current": { args: [] },
  "project use": { args: ["default"] },
  "project create": { args: ["acme"] },
  "project rename": { args: ["acme", "acme-two"], options: { env: ENV } },
  "project delete": { args: ["acme", "--yes"], options: { env: ENV } },
  "project export": { args: ["default", "-o", "x.wkbundle"], options: EXPORTED },
  "project import": { args: ["p.wkbundle"], options: await imported("project") },
  "partition export": { args: ["personal", "-o", "x.wkbundle"], options: EXPORTED },
  "partition import": { args: ["p.wkbundle"], options: await imported("partition") },
  "credential export": { args: ["openai", "-o", "x.wkcred"], options: EXPORTED },
  "credential import": { args: ["p.wkbundle"], options: await imported("credential") },
  "partition create": { args: ["work"] },
  "partition list": { args: ["--all-projects"] },
  "partition assign": { args: ["openai", "--to", "work"], options: { env: ENV } },
  "partition rename": { args: ["work", "office"], options: { env: ENV } },
  "partition delete": { args: ["work", "--yes"], options: { env: ENV } },
  "ca init": { args: [] },
  "ca show": { args: [] },
  "ca export": { args: [] },
  "ca renew": { args: ["--yes"], options: { env: ENV } },
  "callers list": { args: [] },
  "callers revoke": { args: ["claude"] },
  "import": {
    args: ["-", "--as", "dotenv", "--yes"],
    options: { stdin: new TextEncoder().encode(`PORT=1\nAPI_SECRET=${SECRET}-of-another\n`) },
  },
  "scan": { args: [fileURLToPath(new URL("../../LICENSE", import.meta.url))] },
  "mcp config": { args: ["cursor"] },
  "plugin install": { args: ["vscode", "--project", "--dry-run"] },
  "plugin uninstall": { args: ["vscode", "--project", "--dry-run"] },
  "version": { args: [] },
};

/** Commands whose output is a text in every format, that of the program they run, or a protocol. */
const TEXT_ONLY = new Set(["completions", "guard", "help", "mcp serve", "run"]);

/** Commands that would change the machine these tests run on; see `platform/trust_store_test.ts`. */
const CHANGE_THE_SYSTEM = new Set(["ca trust", "ca untrust"]);

/** Commands on files of vaults, which a fake has none of: they run on real ones in tests/sharing and tests/e2e. */
const ON_REAL_VAULTS = new Set(["migrate", "backup", "restore"]);

function optionsOf(name: string): RunOptions {
  const { options = {} } = LINES[name] ?? {};
  const given = options.vault;
  const fresh = given === undefined ? vault() : vault({ exists: given.exists, daemon: given.daemon });
  const files = options.files === undefined ? {} : { files: { ...options.files } };
  return { ...options, ...files, vault: fresh };
}

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
