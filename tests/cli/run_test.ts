import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { credential, FakeVault, NOW, PASSWORD, run } from "./fake.ts";
import { CALLER_SECRET, type FakePrograms } from "./fake_programs.ts";

const SECRET = "sk-live-0123456789abcdef";
const OTHER = "another-secret-of-the-vault";
const BUNDLE = "/home/me/.wispkey/ca-bundle.pem";
const CERTIFICATE = "/home/me/.wispkey/ca.pem";
const TOKEN = "wk_openai_a7x9m2k4b8c1d5e6";

function vault(): FakeVault {
  const fake = new FakeVault();
  fake.credentials = [
    credential(),
    credential({ name: "db", token: "wk_db_0000000000000000", hosts: [], type: "api_key" }),
  ];
  fake.values.set("openai", utf8(SECRET));
  fake.values.set("db", utf8(OTHER));
  return fake;
}

async function ran(args: string[], programs: FakePrograms = {}, options: Parameters<typeof run>[1] = {}) {
  const done = await run(["run", ...args], { vault: vault(), programs, ...options });
  return { ...done, started: programs.started?.[0], env: programs.started?.[0]?.env ?? {} };
}

Deno.test("run starts what follows --, with its own exit code, and closes the connection", async () => {
  const { code, started, vault } = await ran(["--", "npm", "test", "--json", "-q"], { code: 42 });
  assert.equal(code, 42);
  assert.equal(started?.command, "npm");
  assert.deepEqual(started?.args, ["test", "--json", "-q"]);
  assert.equal(started?.piped, false);
  assert.equal(vault.open, 0);
});

Deno.test("run opens a caller with the scope that was asked for", async () => {
  const opened = async (...args: string[]) =>
    (await ran([...args, "--", "x"])).vault.calls.find(({ name }) => name === "caller.open")?.params;
  assert.deepEqual(await opened(), {
    name: null,
    project: "default",
    credentials: null,
    seconds: 0,
    intercept: true,
  });
  assert.deepEqual(await opened("--caller", "claude", "--only", "openai", "--for", "5"), {
    name: "claude",
    project: "default",
    credentials: ["openai"],
    seconds: 300,
    intercept: true,
  });
});

Deno.test("run leads the program to the proxy, by proxy variables and base URLs", async () => {
  const { env } = await ran(["--caller", "claude", "--", "x"], {
    environment: { no_proxy: "corp.lan", HOME: "/h" },
  });
  assert.equal(env["HTTPS_PROXY"], `http://claude:${CALLER_SECRET}@127.0.0.1:7701`);
  assert.equal(env["NO_PROXY"], "localhost,127.0.0.1,::1,corp.lan");
  assert.equal(
    env["OPENAI_BASE_URL"],
    `http://127.0.0.1:7700/as/claude:${CALLER_SECRET}/to/https/api.openai.com/v1`,
  );
  assert.equal(env["SSL_CERT_FILE"], BUNDLE);
  assert.equal(env["HOME"], "/h");
  assert.equal(env["WISPKEY_PROJECT"], "default");
  assert.equal((await ran(["--no-base-urls", "--", "x"])).env["OPENAI_BASE_URL"], undefined);
  const only = await ran(["--only", "db", "--", "x"]);
  assert.equal(only.env["OPENAI_BASE_URL"], undefined, "no credential in scope may go there");
});

Deno.test("run puts tokens where secrets were, and takes out those it may not use", async () => {
  const environment = { KEY: SECRET, DB: OTHER, WISPKEY_PASSWORD: PASSWORD, SHORT: "x" };
  const { env, stderr } = await ran(["--only", "openai", "--set", "ALSO=openai", "--", "x"], { environment });
  assert.equal(env["KEY"], TOKEN);
  assert.equal(env["ALSO"], TOKEN);
  assert.equal(env["SHORT"], "x");
  assert.ok(!("DB" in env) && !("WISPKEY_PASSWORD" in env));
  assert.match(stderr, /left DB out of the environment: it holds the secret of 'db'/);
  assert.ok(!stderr.includes(OTHER));
});

Deno.test("a .env file is read over the environment, the last one wins, --set over all", async () => {
  const files = {
    ".env": utf8(`A=1\nB='two words' # note\nexport KEY="${SECRET}"\n`),
    "more": utf8("A=2\nWISPKEY_PASSWORD=x\n"),
  };
  const { env } = await ran(
    ["--env-file", ".env", "--env-file", "more", "--set", "B=openai", "--", "x"],
    { environment: { A: "0", C: "3" } },
    { files },
  );
  assert.deepEqual([env["A"], env["B"], env["C"], env["KEY"]], ["2", TOKEN, "3", TOKEN]);
  assert.ok(!("WISPKEY_PASSWORD" in env));
  const missing = await ran(["--env-file", "nowhere", "--", "x"], {}, { files });
  assert.equal(missing.code, 4);
  const binary = await ran(["--env-file", "b", "--", "x"], {}, {
    files: { b: Uint8Array.of(0xff, 0xfe, 0x41) },
  });
  assert.equal(binary.code, 1);
  assert.match(binary.stderr, /not UTF-8/);
});

Deno.test("a file of roots that the environment names is joined with ours, once for all variables", async () => {
  const files = { "/etc/corp.pem": utf8("CORP"), [BUNDLE]: utf8("OURS"), [CERTIFICATE]: utf8("CA") };
  const programs: FakePrograms = {
    environment: {
      SSL_CERT_FILE: "/etc/corp.pem",
      CURL_CA_BUNDLE: "/etc/corp.pem",
      NODE_EXTRA_CA_CERTS: "/etc/corp.pem",
    },
  };
  const { env } = await ran(["--", "x"], programs, { files });
  assert.equal(env["SSL_CERT_FILE"], env["CURL_CA_BUNDLE"]);
  assert.equal(programs.files?.get(env["SSL_CERT_FILE"] ?? ""), "CORP\nOURS");
  assert.equal(programs.files?.get(env["NODE_EXTRA_CA_CERTS"] ?? ""), "CORP\nCA");
  assert.equal(programs.files?.size, 2);
  const gone = await ran(["--", "x"], { environment: { PIP_CERT: "/nowhere" } }, { files });
  assert.equal(gone.env["PIP_CERT"], BUNDLE);
  assert.match(gone.stderr, /PIP_CERT/);
});

Deno.test("run refuses what it cannot do before anything is opened", async () => {
  const cases: [string[], number, RegExp][] = [
    [[], 2, /COMMAND is missing/],
    [["--set", "no-equals", "--", "x"], 2, /--set/],
    [["--set", "1A=openai", "--", "x"], 2, /--set VAR=NAME/],
    [["--caller", "a b", "--", "x"], 2, /caller name/],
    [["--file", "K=openai", "--", "x"], 2, /add --reveal/],
    [["--reveal", "--caller", "c", "--", "x"], 2, /together/],
    [["--only", "none", "--", "x"], 4, /'none'/],
    [["--only", "db", "--set", "K=openai", "--", "x"], 4, /--only leaves it out/],
  ];
  for (const [args, code, message] of cases) {
    const done = await ran(args);
    assert.equal(done.code, code, `${args}: ${done.stderr}`);
    assert.match(done.stderr, message);
    assert.equal(done.started, undefined);
    assert.equal(done.vault.open, 0);
  }
});

Deno.test("run starts a daemon if none is unlocked, and ends it; nobody to ask is exit code 3", async () => {
  const locked = vault();
  locked.daemon = "none";
  const done = await run(["run", "--", "x"], { vault: locked, programs: {}, secrets: [PASSWORD] });
  assert.equal(done.code, 0, done.stderr);
  assert.equal(locked.started.length, 1);
  assert.ok(locked.calls.some(({ name }) => name === "daemon.stop"));
  const nobody = vault();
  nobody.daemon = "none";
  assert.equal((await run(["run", "--", "x"], { vault: nobody, programs: {} })).code, 3);
});

Deno.test("run --reveal gives real values for one proof of the password, opens no caller, and masks the output", async () => {
  const programs: FakePrograms = {
    environment: { KEY: TOKEN, PLAIN: "as it was" },
    output: ["it is sk-live-01234", "56789abcdef\nand again ", SECRET, "."],
  };
  const { env, stdout, started, vault } = await ran(["--reveal", "--set", "DB=db", "--", "psql"], programs, {
    secrets: [PASSWORD],
  });
  assert.deepEqual([env["KEY"], env["DB"], env["PLAIN"]], [SECRET, OTHER, "as it was"]);
  assert.equal(env["HTTP_PROXY"], undefined);
  assert.equal(started?.piped, true);
  assert.equal(stdout, "it is wispkey-masked-openai\nand again wispkey-masked-openai.");
  assert.equal(vault.calls.filter(({ proven }) => proven).length, 1);
  assert.ok(!vault.calls.some(({ name }) => name === "caller.open"));
  const bare = await ran(["--reveal", "--no-mask", "--set", "K=db", "--", "x"], {}, { secrets: [PASSWORD] });
  assert.equal(bare.started?.piped, false);
});

Deno.test("run --reveal puts a value into a private file, and says where a variable cannot hold it", async () => {
  const fake = vault();
  fake.values.set("db", Uint8Array.of(1, 0, 2));
  const programs: FakePrograms = {};
  const done = await ran(["--reveal", "--file", "KEY=db", "--", "ssh"], programs, {
    vault: fake,
    secrets: [PASSWORD],
  });
  assert.equal(done.code, 0, done.stderr);
  assert.equal(programs.files?.get(done.env["KEY"] ?? ""), "\u0001\u0000\u0002");
  const text = await ran(["--reveal", "--set", "KEY=db", "--", "x"], {}, {
    vault: fake,
    secrets: [PASSWORD],
  });
  assert.equal(text.code, 2);
  assert.match(text.stderr, /--file KEY=db/);
  const none = await ran(["--reveal", "--", "x"], {}, { secrets: [PASSWORD] });
  assert.match(none.stderr, /none was named/);
  const wrong = await ran(["--reveal", "--set", "K=db", "--", "x"], {}, { secrets: ["wrong password"] });
  assert.equal(wrong.started, undefined);
});

Deno.test("callers are listed as a table and as JSON, and revoked by name", async () => {
  const fake = vault();
  fake.callers = [
    {
      id: "c1",
      name: "claude",
      project: "default",
      credentials: ["a", "b"],
      openedAt: NOW,
      expiresAt: null,
      held: true,
    },
    {
      id: "c2",
      name: "lost",
      project: "default",
      credentials: null,
      openedAt: NOW,
      expiresAt: NOW + 60_000,
      held: false,
    },
  ];
  const table = await run(["callers", "list"], { vault: fake });
  assert.match(table.stdout, /claude +c1 +default +a, b +2026-01-31 12:34 +with its program/);
  assert.match(table.stdout, /lost .* all .* soon, its program is gone/);
  const { callers } = JSON.parse((await run(["callers", "list", "--json"], { vault: fake })).stdout);
  assert.equal(callers[1].expires_at, "2026-01-31T12:35:56.000Z");
  assert.equal(callers[0].running, true);
  const revoked = await run(["callers", "revoke", "claude"], { vault: fake });
  assert.equal(revoked.stdout, "Revoked 1 caller: claude.\n");
  fake.daemon = "none";
  assert.match((await run(["callers", "list"], { vault: fake })).stdout, /No program runs/);
});
