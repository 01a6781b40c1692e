import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { SETTINGS } from "../../src/core/settings.ts";
import { FakeVault, json, PASSWORD, run } from "./fake.ts";

const TEST_CA = `-----BEGIN CERTIFICATE-----
MIIBmDCCAT+gAwIBAgIUd7D3GlZmj7JDO1+aJJ7+Qw6smgowCgYIKoZIzj0EAwIw
ITEfMB0GA1UEAwwWV2lzcEtleSB0ZXN0IGF1dGhvcml0eTAgFw0yNjExMjQwMDA1
MTJaGA8yMTI2MTAzMTAwMDUxMlowITEfMB0GA1UEAwwWV2lzcEtleSB0ZXN0IGF1
dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLQ2YT3W2T+mt+YY2A08
GS7J5fqs8q0VjYhjVMAky1X5moMCaq3xW0wGqdxz3G4iuPmutG5ayghPZs1nkctE
E86jUzBRMB0GA1UdDgQWBBQZXWkWyUzkw2/CwSPkkrrrglkLEjAfBgNVHSMEGDAW
gBQZXWkWyUzkw2/CwSPkkrrrglkLEjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49
BAMCA0cAMEQCIGucXecFz5hXw//9+ltkOKnnWx58BhqvPwylbXndIzURAiBVSG1Z
wzDjp0JDKSn02j0hKQhNB1xEYZvGuV85RZi3ww==
-----END CERTIFICATE-----
`;
const TEST_CA_SHA256 = "732b7cd151e4999cb03990ef31f6980d1acd0558b497c1e230aa2a8be05cb229";
// Only the label matters: such a file is refused before anybody looks at the key.
const TEST_KEY = TEST_CA.replaceAll("CERTIFICATE", "PRIVATE KEY");

const ENV = { WISPKEY_PASSWORD: PASSWORD };

Deno.test("config list shows every setting with its meaning, and marks what was set", async () => {
  const vault = new FakeVault();
  vault.set.add("proxy.idle_timeout");
  const ran = await run(["config", "list"], { vault });
  for (const [key, { summary }] of Object.entries(SETTINGS)) {
    assert.ok(ran.stdout.includes(key) && ran.stdout.includes(summary), key);
  }
  assert.match(ran.stdout, /^proxy\.idle_timeout {6}120 \* /m);
  const { settings } = json(await run(["config", "list", "--json"], { vault }));
  assert.equal(settings.length, Object.keys(SETTINGS).length);
  assert.deepEqual(settings[0], {
    key: "session.timeout",
    value: 30,
    default: 30,
    unit: "minutes",
    summary: SETTINGS["session.timeout"].summary,
    set: false,
  });
});

Deno.test("config get prints the bare value, for scripts", async () => {
  assert.equal((await run(["config", "get", "session.timeout"])).stdout, "30\n");
  assert.equal(json(await run(["config", "get", "session.timeout", "--json"])).value, 30);
});

Deno.test("config set and unset need the password and tell the value in force", async () => {
  const vault = new FakeVault();
  const set = await run(["config", "set", "session.timeout", "60"], { vault, secrets: [PASSWORD] });
  assert.equal(set.code, 0, set.stderr);
  assert.equal(set.stdout, "session.timeout is 60 minutes from the next unlock on.\n");
  assert.equal(vault.calls.at(-1)?.proven, true);
  const unset = await run(["config", "unset", "session.timeout", "--json"], { vault, env: ENV });
  assert.deepEqual([json(unset).ok, json(unset).setting.value], [true, 30]);
  const refused = await run(["config", "set", "session.timeout", "60"], { vault });
  assert.equal(refused.code, 5);
  assert.equal(vault.settings["session.timeout"], 30);
});

Deno.test("config set refuses unknown keys and values out of range before anything is asked", async () => {
  for (
    const [key, value] of [
      ["no.such", "1"],
      ["session.timeout", "-1"],
      ["session.timeout", "1.5"],
      ["session.timeout", "525601"],
      ["proxy.idle_timeout", "0"],
      ["session.timeout", ""],
      ["__proto__", "1"],
    ] as const
  ) {
    const ran = await run(["config", "set", "--", key, value], { secrets: [PASSWORD] });
    assert.equal(ran.code, 2, `${key}=${value}`);
    assert.match(ran.stderr, /^wispkey: .+: .+\nhint: wispkey config /);
    assert.deepEqual(ran.asked, []);
    assert.equal(ran.vault.calls.length, 0);
  }
});

Deno.test("config set takes lists, switches and addresses, and says what they became", async () => {
  const vault = new FakeVault();
  const set = async (key: string, value: string) =>
    (await run(["config", "set", key, value], { vault, secrets: [PASSWORD] })).stdout;
  assert.equal(
    await set("proxy.no_proxy", "LOCALHOST, .corp.example 10.0.0.0/8"),
    "proxy.no_proxy is localhost,.corp.example,10.0.0.0/8 now.\n",
  );
  assert.equal(await set("proxy.require_caller", "on"), "proxy.require_caller is true now.\n");
  assert.deepEqual(vault.settings["proxy.no_proxy"], ["localhost", ".corp.example", "10.0.0.0/8"]);
  const got = await run(["config", "get", "proxy.no_proxy"], { vault });
  assert.equal(got.stdout, "localhost\n.corp.example\n10.0.0.0/8\n");
  assert.equal((await run(["config", "get", "proxy.never_intercept"], { vault })).stdout, "");
});

Deno.test("the upstream proxy's password is warned of in argv, read from standard input, and shown nowhere", async () => {
  const vault = new FakeVault();
  const url = "http://me:pa55word@proxy.test:3128";
  const argv = await run(["config", "set", "proxy.upstream", url], { vault, secrets: [PASSWORD] });
  assert.match(argv.stderr, /shell's history/);
  assert.equal(vault.settings["proxy.upstream"], url);
  vault.settings = { ...vault.settings, "proxy.upstream": "" };
  const piped = await run(["config", "set", "proxy.upstream", "-"], {
    vault,
    secrets: [PASSWORD],
    stdin: utf8(`${url}\n`),
  });
  assert.equal(piped.code, 0, piped.stderr);
  assert.equal(vault.settings["proxy.upstream"], url);
  for (
    const command of [["get", "proxy.upstream"], ["list"], ["get", "proxy.upstream", "--json"], [
      "list",
      "--json",
    ]]
  ) {
    const shown = await run(["config", ...command], { vault });
    assert.ok(shown.stdout.includes("http://***@proxy.test:3128"), shown.stdout);
    assert.ok(!(argv.stdout + piped.stdout + shown.stdout + shown.stderr).includes("pa55word"));
  }
  const wrong = await run(["config", "set", "proxy.upstream", "ftp://me:pa55word@x"], { vault });
  assert.equal(wrong.code, 2);
  assert.ok(!wrong.stderr.includes("pa55word"));
});

Deno.test("config set proxy.extra_ca takes the content of a file, and shows whose certificates they are", async () => {
  const vault = new FakeVault();
  const files = { "ca.pem": utf8(`a comment\n${TEST_CA}${TEST_CA}`), "key.pem": utf8(TEST_KEY + TEST_CA) };
  const set = await run(["config", "set", "proxy.extra_ca", "ca.pem"], { vault, secrets: [PASSWORD], files });
  assert.equal(set.stdout, "proxy.extra_ca is 1 certificate now.\n", set.stderr);
  assert.deepEqual(vault.settings["proxy.extra_ca"], [TEST_CA]);
  const got = await run(["config", "get", "proxy.extra_ca"], { vault });
  assert.equal(got.stdout, `${TEST_CA_SHA256}  until 2126-10-31  CN=WispKey test authority\n`);
  const { value } = json(await run(["config", "get", "proxy.extra_ca", "--json"], { vault }));
  assert.deepEqual(value[0].sha256, TEST_CA_SHA256);
  for (const file of ["key.pem", "missing.pem"]) {
    const refused = await run(["config", "set", "proxy.extra_ca", file], {
      vault,
      secrets: [PASSWORD],
      files,
    });
    assert.notEqual(refused.code, 0);
    assert.deepEqual(refused.asked, []);
  }
});

Deno.test("project current tells the project and what decided for it, also while locked", async () => {
  const locked = () => Object.assign(new FakeVault(), { daemon: "none" as const });
  assert.equal(
    (await run(["project", "current"], { vault: locked() })).stdout,
    "default (nothing else was chosen)\n",
  );
  assert.deepEqual(
    json(
      await run(["project", "current", "--json"], {
        vault: Object.assign(locked(), { activeProject: "acme" }),
      }),
    ),
    { active_project: "acme", source: "file" },
  );
  const env = { WISPKEY_PROJECT: "ci" };
  assert.deepEqual(json(await run(["project", "current", "--json"], { vault: locked(), env })), {
    active_project: "ci",
    source: "env",
  });
  assert.equal((await run(["project", "current", "-q"], { vault: locked(), env })).stdout, "ci\n");
});

Deno.test("a project name from outside is judged like any name", async () => {
  const ran = await run(["project", "current"], { env: { WISPKEY_PROJECT: "a\u001b[31m" } });
  assert.equal(ran.code, 2);
  assert.ok(!ran.stderr.includes("\u001b"));
});

Deno.test("project list marks the active one", async () => {
  const vault = Object.assign(new FakeVault(), {
    projects: new Set(["default", "acme"]),
    activeProject: "acme",
  });
  const ran = await run(["project", "list"], { vault });
  assert.match(ran.stdout, /^acme \* /m);
  assert.match(ran.stdout, /^default {2}/m);
  const { active_project, projects } = json(await run(["project", "list", "--json"], { vault }));
  assert.equal(active_project, "acme");
  assert.deepEqual(projects.map((each: { active: boolean }) => each.active), [false, true]);
});

Deno.test("project use chooses one that exists, and says how to re-scope a running daemon", async () => {
  const vault = Object.assign(new FakeVault(), { projects: new Set(["default", "acme"]) });
  const ran = await run(["project", "use", "acme"], { vault, env: { WISPKEY_PROJECT: "ci" } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(vault.activeProject, "acme");
  assert.match(ran.stderr, /wispkey unlock/);
  assert.match(ran.stderr, /WISPKEY_PROJECT is set/);
  const missing = await run(["project", "use", "nope"], { vault });
  assert.equal(missing.code, 4);
  assert.equal(vault.activeProject, "acme");
});

Deno.test("partition create makes one in the active project", async () => {
  const vault = Object.assign(new FakeVault(), { activeProject: "acme" });
  const ran = await run(["partition", "create", "work", "--description", "-for work-", "--json"], { vault });
  assert.equal(ran.code, 0, ran.stderr);
  const { ok, project, partition } = json(ran);
  assert.deepEqual([ok, project, partition.name, partition.description], [
    true,
    "acme",
    "work",
    "-for work-",
  ]);
  assert.ok(vault.partitions.has("work"));
  assert.equal((await run(["partition", "create", "a\nb"], { vault })).code, 2);
});
