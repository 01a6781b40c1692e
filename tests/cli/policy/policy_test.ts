import assert from "node:assert/strict";
import { STARTER_POLICIES } from "../../../src/core/policy/starter.ts";
import { credential, FakeVault, json, NOW, PASSWORD, run, type RunOptions } from "../fake.ts";
import { POLICY_PATH } from "../fake_policies.ts";

const READS = '[[policy]]\nname = "reads"\ncredential = "openai"\nallowed_methods = ["GET"]\n';
const WRITES = '[[policy]]\nname = "reads"\ncredential = "openai"\nallowed_methods = ["GET", "POST"]\n';
const WRONG = '[[policy]]\nname = "reads"\nalowed_methods = ["GET"]\ndeny = 1\n';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A vault with an applied text and a file. */
function having(applied: string | null, file: string | null): RunOptions {
  const vault = new FakeVault();
  vault.credentials.push(credential());
  vault.policies.applied = applied;
  vault.policies.file = file;
  return { vault, files: file === null ? {} : { [POLICY_PATH]: bytes(file) } };
}

Deno.test("policy init writes commented examples once, and never over a file", async () => {
  const files: Record<string, Uint8Array> = {};
  const first = await run(["policy", "init"], { files });
  assert.equal(first.code, 0, first.stderr);
  assert.equal(new TextDecoder().decode(files[POLICY_PATH]), STARTER_POLICIES);
  files[POLICY_PATH] = bytes(READS);
  const second = await run(["policy", "init"], { files });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /exists, and is left as it is\nhint: wispkey policy check/);
  assert.equal(new TextDecoder().decode(files[POLICY_PATH]), READS);
  const vault = new FakeVault();
  vault.exists = false;
  assert.equal((await run(["policy", "init"], { vault })).code, 4);
});

Deno.test("policy check prints every mistake with file, line and column, and ends with 1", async () => {
  const files = { "p.toml": bytes(WRONG), "ok.toml": bytes(READS) };
  const wrong = await run(["policy", "check", "p.toml"], { files });
  assert.equal(wrong.code, 1);
  assert.deepEqual(wrong.stdout.trimEnd().split("\n").map((line) => line.split(": ")[0]), [
    "p.toml:3:1",
    "p.toml:4:8",
  ]);
  const machine = await run(["policy", "check", "p.toml", "--json"], { files });
  assert.equal(machine.code, 1);
  const { ok, mistakes } = json(machine);
  assert.equal(ok, false);
  assert.deepEqual([mistakes[0].line, mistakes[0].column], [3, 1]);
  const good = await run(["policy", "check", "ok.toml"], { files });
  assert.equal(good.code, 0);
  assert.match(good.stdout, /1 policy, no mistakes\.\n {2}reads {2}openai: only GET/);
});

Deno.test("policy check needs neither vault nor password, and refuses what is no text", async () => {
  const vault = new FakeVault();
  vault.exists = false;
  vault.daemon = "none";
  assert.equal((await run(["policy", "check", "-"], { vault, stdin: bytes(READS) })).code, 0);
  const odd = await run(["policy", "check", "-"], { vault, stdin: Uint8Array.of(0xff, 0xfe) });
  assert.equal(odd.code, 1);
  assert.match(odd.stderr, /it is not UTF-8 text/);
  assert.equal((await run(["policy", "check", "none.toml"], { vault })).code, 4);
});

Deno.test("policy list shows applied and current policies, and what applying would change", async () => {
  const { stdout, stderr, code } = await run(["policy", "list"], having(READS, WRITES));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Applied, .*:\nPOLICY +WHAT IT DOES\nreads +openai: only GET\n/);
  assert.match(stdout, /In .*policies\.toml:\n.*\nreads +openai: only GET, POST\n/);
  assert.match(stdout, /! looser {2} {0,1} ?reads: allowed_methods: adds 'POST'/);
  assert.match(stderr, /^warning: .*1 change waits.*wispkey policy apply/);
  const machine = json(await run(["policy", "list", "--json"], having(READS, WRITES)));
  assert.deepEqual([machine.file, machine.applied.length, machine.current.length], ["different", 1, 1]);
  assert.equal(machine.changes[0].effect, "looser");
  const same = await run(["policy", "list"], having(READS, READS));
  assert.equal(same.stderr, "");
  assert.ok(!same.stdout.includes("would change"));
  const none = await run(["policy", "list"], having(null, null));
  assert.match(none.stderr, /wispkey policy init/);
  const invalid = await run(["policy", "list"], having(READS, WRONG));
  assert.match(invalid.stdout, /policies\.toml:3:1: unknown key 'alowed_methods'/);
  assert.match(invalid.stderr, /no credential is used/);
});

Deno.test("policy apply shows the difference first, then sends exactly that text with the password", async () => {
  const options = having(READS, WRITES);
  const ran = await run(["policy", "apply"], { ...options, secrets: [PASSWORD] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.asked, ["Master password: "]);
  assert.match(ran.stderr, /Applying changes:\n.*! looser.*reads: allowed_methods: adds 'POST'/);
  assert.match(ran.stdout, /^Applied .*policies\.toml: 1 policy holds now\.\n$/);
  assert.equal(ran.vault.policies.applied, WRITES);
  const call = ran.vault.calls.find(({ name }) => name === "policy.apply");
  assert.equal(call?.proven, true);
  const wrong = await run(["policy", "apply"], { ...having(READS, WRITES), secrets: ["wrong words"] });
  assert.equal(wrong.code, 3);
  assert.equal(wrong.vault.policies.applied, READS);
});

Deno.test("policy apply asks for no password where nothing changes or the file holds mistakes", async () => {
  const same = await run(["policy", "apply"], having(READS, READS));
  assert.equal(same.code, 0);
  assert.match(same.stdout, /Nothing to apply/);
  const wrong = await run(["policy", "apply"], { ...having(READS, WRONG), secrets: [PASSWORD] });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /policies\.toml:3:1: .* \(and 1 more\)\nhint: wispkey policy check \/home/);
  assert.deepEqual(wrong.asked, []);
  assert.equal((await run(["policy", "apply", "--file", "none.toml"], having(READS, READS))).code, 4);
});

Deno.test("policy apply without a file takes all policies away, and shows that", async () => {
  const ran = await run(["policy", "apply"], { ...having(READS, null), secrets: [PASSWORD] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /! looser.*reads: is gone/);
  assert.equal(ran.vault.policies.applied, "");
});

Deno.test("policy explain names the policy and its clause; applied and current must both allow", async () => {
  const ask = ["policy", "explain", "--credential", "openai", "--url", "https://api.openai.com/v1"];
  const get = await run(ask, having(READS, WRITES));
  assert.match(get.stdout, /^GET https:.*\n.*\n\nAllowed: no policy objects\.\n\nPOLICY/);
  const post = json(await run([...ask, "--method", "POST", "--json"], having(READS, WRITES)));
  assert.deepEqual([post.verdict, post.policy, post.clause, post.source], [
    "deny",
    "reads",
    "allowed_methods",
    "applied",
  ]);
  assert.deepEqual(post.policies.map((each: { clause: string | null }) => each.clause), [
    "allowed_methods",
    null,
  ]);
  const other = await run([...ask, "--method", "POST"].with(3, "github"), having(READS, WRITES));
  assert.match(other.stdout, /Allowed: no policy is about this use\.\n$/);
  const invalid = await run(ask, having(READS, WRONG));
  assert.equal(invalid.code, 1);
  assert.match(invalid.stderr, /policies\.toml:3:1/);
});

Deno.test("policy explain takes time, size, caller and project into account", async () => {
  const text = [
    '[[policy]]\nname = "office"\ntime_window = "Mon-Fri 09:00-17:00 America/New_York"\n',
    '[[policy]]\nname = "small"\nmax_body = "1KiB"\ncaller = "ci-*"\n',
    '[[policy]]\nname = "acme"\nproject = "acme"\ndeny = true\n',
  ].join("\n");
  const files = { "p.toml": bytes(text) };
  const ask = async (...more: string[]) =>
    json(
      await run([
        ...["policy", "explain", "--credential", "a", "--url", "https://a.test/", "--json"],
        ...["--policies", "p.toml", ...more],
      ], { files }),
    ).policy;
  const open = ["--at", "2026-03-09T13:00:00Z"];
  assert.equal(await ask(...open), null);
  assert.equal(await ask("--at", "2026-03-06T13:59:00Z"), "office");
  assert.equal(await ask(...open, "--body-size", "2KiB"), "small");
  assert.equal(await ask(...open, "--body-size", "2KiB", "--caller", "bob"), null);
  assert.equal(await ask(...open, "--project", "acme"), "acme");
  for (
    const wrong of [["--url", "ftp://a"], ["--at", "noon"], ["--body-size", "2 elephants"], ["--caller", ""]]
  ) {
    const ran = await run([
      ...["policy", "explain", "--credential", "a", "--policies", "p.toml"],
      ...(wrong[0] === "--url" ? wrong : ["--url", "https://a.test/", ...wrong]),
    ], { files });
    assert.equal(ran.code, 2, wrong.join(" "));
  }
  assert.equal((await run(["policy", "explain", "--url", "https://a.test/"])).code, 2);
});

const RECORDED = [
  '[[request]]\ncredential = "openai"\nurl = "https://a.test/"\nexpect = "allow"\n',
  '[[request]]\ncredential = "openai"\nmethod = "POST"\nurl = "https://a.test/"\nexpect = "deny"\npolicy = "reads"\n',
].join("\n");

Deno.test("policy test ends with 1 and names the line where a verdict is another one", async () => {
  const files = { "r.toml": bytes(RECORDED), "p.toml": bytes(READS), "w.toml": bytes(WRITES) };
  const vault = new FakeVault();
  vault.exists = false;
  vault.daemon = "none";
  const good = await run(["policy", "test", "r.toml", "--policies", "p.toml"], { files, vault });
  assert.equal(good.code, 0, good.stderr);
  assert.equal(good.stdout, "2 requests: 0 not as expected.\n");
  const bad = await run(["policy", "test", "r.toml", "--policies", "w.toml"], { files, vault });
  assert.equal(bad.code, 1);
  assert.match(
    bad.stdout,
    /^r\.toml:6: POST https:\/\/a\.test\/ with 'openai'\n {2}expected deny by policy 'reads'\n {2}got allow\n/,
  );
  const machine = json(await run(["policy", "test", "r.toml", "--policies", "w.toml", "--json"], { files }));
  assert.deepEqual([machine.requests, machine.failed[0].line, machine.failed[0].got], [2, 6, "allow"]);
  const inForce = await run(["policy", "test", "-"], { ...having(READS, WRITES), stdin: bytes(RECORDED) });
  assert.equal(inForce.code, 0, "the applied text denies, whatever the file says");
  const wrong = await run(["policy", "test", "-"], { stdin: bytes("[[request]]\ncredentail = 1\n") });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stdout, /^-:2:1: unknown key 'credentail': did you mean 'credential'\?$/m);
});

Deno.test("status, unlock and serve say in one line what is to be done about the policy file", async () => {
  const lines = [["status"], ["unlock"], ["serve", "--daemon", "--random-port"]];
  for (const line of lines) {
    const warned = async (applied: string | null, file: string | null) => {
      const ran = await run(line, { ...having(applied, file), env: { WISPKEY_PASSWORD: PASSWORD } });
      assert.equal(ran.code, 0, ran.stderr);
      assert.equal(ran.vault.open, 0, "the connection was closed");
      return ran.stderr.split("\n").filter((each) => each.startsWith("warning:"));
    };
    assert.deepEqual(await warned(READS, READS), []);
    assert.deepEqual(await warned(null, STARTER_POLICIES), [], "a file that says nothing changes nothing");
    const [differs = "", ...more] = await warned(READS, WRITES);
    assert.match(differs, /not what was applied.*1 change waits.*wispkey policy apply/);
    assert.deepEqual(more, []);
    assert.match((await warned(READS, null)).join(), /is gone, and what was applied still holds/);
    assert.match((await warned(null, WRONG)).join(), /no credential is used.*:3:1: .*wispkey policy check/);
  }
});

Deno.test("doctor fails for a policy file with mistakes, and only warns of one that is not applied", async () => {
  const found = async (file: string) => {
    const ran = await run(["doctor", "--json"], having(READS, file));
    const { findings } = json(ran);
    return [ran.code, ...findings.map(({ code }: { code: string }) => code)];
  };
  assert.deepEqual(await found(READS), [0]);
  assert.deepEqual(await found(WRITES), [0, "policy_not_applied"]);
  assert.deepEqual(await found(WRONG), [1, "policy_invalid"]);
});

Deno.test("status tells programs how policies stand, and nothing of them while locked", async () => {
  const { policies } = json(await run(["status", "--json"], having(READS, WRITES)));
  assert.deepEqual([policies.file, policies.applied_policies, policies.changes.length], ["different", 1, 1]);
  const options = having(READS, WRITES);
  if (options.vault !== undefined) options.vault.daemon = "locked";
  const locked = await run(["status", "--json"], options);
  assert.deepEqual([json(locked).policies, locked.stderr], [null, ""]);
});

Deno.test("log --as-policy-test writes a file that policy test understands", async () => {
  const vault = new FakeVault();
  const used = { credential: "openai", project: "default", host: "a.test", path: "/", authenticated: true };
  vault.rows = [
    { ...used, seq: 1, at: NOW - 2000, event: "CredentialUsed", method: "GET" },
    {
      ...used,
      ...{ seq: 2, at: NOW - 1000, event: "PolicyDenied", method: "POST", denied: true, status: 403 },
      reason: "policy 'reads': the method is not among allowed_methods",
    },
    { ...used, seq: 3, at: NOW, event: "CredentialUsed", method: "GET", path: "/…" },
  ];
  const made = await run(["log", "--as-policy-test"], { vault });
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /^warning: left out, .*: 1 use$/m);
  const files = { "p.toml": bytes(READS), "w.toml": bytes(WRITES) };
  const test = async (policies: string) =>
    (await run(["policy", "test", "-", "--policies", policies], { files, stdin: bytes(made.stdout) })).code;
  assert.deepEqual([await test("p.toml"), await test("w.toml")], [0, 1]);
  assert.equal((await run(["log", "--as-policy-test", "--csv"], { vault })).code, 2);
  assert.equal((await run(["log", "--as-policy-test", "--follow"], { vault })).code, 2);
});

const TYPO = '[[policy]]\nname = "reads"\ncredential = ["opnai", "later-*"]\ndeny = true\n';

Deno.test("a policy that names a credential that does not exist is told before it is applied, and afterwards wherever policies are", async () => {
  const warning = "warning: policy 'reads' names the credential 'opnai', which does not exist\n";
  const applied = await run(["policy", "apply"], { ...having(READS, TYPO), secrets: [PASSWORD] });
  assert.equal(applied.code, 0, applied.stderr);
  assert.ok(applied.stderr.startsWith(warning), applied.stderr);
  assert.ok(!applied.stderr.includes("credential 'later-"), "a name with a star is for what may come");
  for (const args of [["policy", "apply"], ["policy", "list"], ["policy", "check"]]) {
    assert.equal((await run(args, having(TYPO, TYPO))).stderr, warning, args.join(" "));
  }
  const { notes } = json(await run(["policy", "check", "--json"], having(TYPO, TYPO)));
  assert.deepEqual(notes, [{ policy: "reads", text: "names the credential 'opnai', which does not exist" }]);
  const locked = having(TYPO, TYPO);
  if (locked.vault !== undefined) locked.vault.daemon = "none";
  const unknown = await run(["policy", "check"], locked);
  assert.deepEqual([unknown.code, unknown.stderr, unknown.asked], [0, "", []]);
  const [finding, ...others] = json(await run(["doctor", "--json"], having(TYPO, TYPO))).findings;
  assert.deepEqual([finding.code, finding.level, others.length], ["policy_names", "warning", 0]);
});

Deno.test("removing or renaming a credential warns of the policies that name it, and of no others", async () => {
  for (const args of [["remove", "openai"], ["edit", "openai", "--name", "new"]]) {
    const text = `${READS}[[policy]]\nname = "old"\ncredential = "gone"\ndeny = true\n`;
    const ran = await run([...args, "--yes"], { ...having(text, text), secrets: [PASSWORD] });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /warning: policy 'reads' names the credential 'openai', which does not exist\n/);
    assert.ok(!ran.stderr.includes("gone"), ran.stderr);
  }
});

Deno.test("what was applied and cannot be used is told everywhere, with what mends it", async () => {
  const spoiled = () => {
    const options = having(READS, READS);
    if (options.vault !== undefined) {
      options.vault.policies.spoiled = {
        reason: "the applied policies cannot be used: x",
        hint: "wispkey mend",
      };
    }
    return options;
  };
  for (const args of [["policy", "list"], ["status"]]) {
    assert.match(
      (await run(args, spoiled())).stderr,
      /no credential is used, because the applied policies cannot be used: x; run: wispkey mend/,
    );
  }
  const doctor = await run(["doctor", "--json"], spoiled());
  assert.equal(doctor.code, 1);
  const [{ code, level, hint }] = json(doctor).findings;
  assert.deepEqual([code, level, hint], ["policy_spoiled", "error", "wispkey mend"]);
  const explain = ["policy", "explain", "--credential", "openai", "--url", "https://api.openai.com/v1"];
  const explained = await run(explain, spoiled());
  assert.equal(explained.code, 1);
  assert.match(explained.stderr, /hint: wispkey mend/);
  const again = await run(["policy", "apply"], { ...spoiled(), secrets: [PASSWORD] });
  assert.deepEqual(again.asked, ["Master password: "], "applying the same text again mends it");
  assert.match(
    again.stderr,
    /^warning: the applied policies cannot be used: x; so all of it is shown as new/,
  );
});
