import assert from "node:assert/strict";
import { MAX_VALUE_LENGTH } from "../../src/core/credential.ts";
import { FakeVault, json, PASSWORD, type Ran, run } from "./fake.ts";

const SECRET = "sk-the-real-secret-value";

function stored(ran: Ran, name = "k"): string {
  const value = ran.vault.values.get(name);
  assert.ok(value !== undefined, `${name} was not stored: ${ran.stderr}`);
  return new TextDecoder().decode(value);
}

function refused(ran: Ran, code: number, name: string): void {
  assert.equal(ran.code, code, ran.stderr + ran.stdout);
  assert.equal(ran.stdout, "");
  const { error } = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "");
  assert.equal(error.code, name);
  assert.equal(error.exit_code, code);
  assert.ok(error.hint, "there is a hint");
  assert.equal(ran.vault.credentials.length, 0, "nothing was added");
  assert.equal(ran.vault.open, 0, "the connection was closed");
}

Deno.test("add asks twice for the secret, keeps it, and prints the token", async () => {
  const ran = await run(["add", "k", "--hosts", "api.openai.com"], { secrets: [SECRET, SECRET] });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(stored(ran), SECRET);
  assert.equal(ran.stdout, "Added k.\nWisp token: wk_k_a7x9m2k4b8c1d5e6\n");
  assert.deepEqual(ran.asked, ["Secret value: ", "Secret value again: "]);
  assert.equal(ran.vault.open, 0);
});

Deno.test("two entries that differ add nothing", async () => {
  refused(await run(["add", "k", "--json"], { secrets: [SECRET, "another"] }), 2, "values_differ");
});

Deno.test("the JSON of add holds the whole credential with its token, and no secret", async () => {
  const ran = await run([
    ...["add", "k", "--type", "api_key", "--description", "d", "--value", SECRET],
    ...["--hosts", "API.OpenAI.com., 127.0.0.1:8080 ,", "--tags", " a, ,b", "--json"],
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  const { ok, credential, project } = json(ran);
  assert.equal(ok, true);
  assert.equal(project, "default");
  assert.deepEqual(Object.keys(credential), [
    ...["id", "name", "description", "type", "wisp_token", "hosts", "tags", "partition_id", "project"],
    ...["partition", "place", "hosts_confirmed", "intact", "created_at", "updated_at", "last_used_at"],
  ]);
  assert.deepEqual(credential.hosts, ["api.openai.com", "127.0.0.1:8080"]);
  assert.deepEqual(credential.tags, ["a", "b"]);
  assert.equal(credential.created_at, "2026-01-31T12:34:56.000Z");
  assert.equal(credential.last_used_at, null);
  assert.ok(!ran.stdout.includes(SECRET));
  assert.ok(!ran.stderr.includes(SECRET));
});

Deno.test("--value warns of the shell's history, in JSON mode as a line of JSON", async () => {
  const text = await run(["add", "k", "--value", SECRET, "--hosts", "h.test"]);
  assert.match(text.stderr, /^warning: --value is visible in the shell's history/);
  const machine = await run(["add", "k", "--value", SECRET, "--hosts", "h.test", "--json"]);
  assert.match(JSON.parse(machine.stderr).warning.message, /history/);
});

Deno.test("a file's bytes are kept verbatim, and so is standard input", async () => {
  const bytes = Uint8Array.of(0, 255, 10, 13, 0x1b, 10);
  const file = await run(["add", "k", "--value-file", "key.pem"], { files: { "key.pem": bytes } });
  assert.equal(file.code, 0, file.stderr);
  assert.deepEqual(file.vault.values.get("k"), bytes);
  const piped = await run(["add", "k", "--value-file", "-"], { stdin: bytes });
  assert.deepEqual(piped.vault.values.get("k"), bytes);
});

Deno.test("a value that ends with a line break is kept but warned of", async () => {
  const ran = await run(["add", "k", "--value-file", "-"], {
    stdin: new TextEncoder().encode(`${SECRET}\n`),
  });
  assert.equal(stored(ran), `${SECRET}\n`);
  assert.match(ran.stderr, /ends with a line break/);
  assert.ok(!ran.stderr.includes(SECRET));
});

Deno.test("a basic_auth value without a colon is warned of", async () => {
  const wrong = await run(["add", "k", "--type", "basic_auth", "--value", SECRET]);
  assert.match(wrong.stderr, /user:password/);
  const right = await run(["add", "k", "--type", "basic_auth", "--value", "u:p"]);
  assert.ok(!right.stderr.includes("user:password"));
});

Deno.test("a value too short to be found in answers is warned of, when it is added and when it is replaced", async () => {
  const short = await run(["add", "k", "--value", "1234567"]);
  assert.match(short.stderr, /warning: the value is shorter than 8 bytes/);
  assert.ok(!short.stderr.includes("1234567"));
  assert.ok(!(await run(["add", "k", "--value", "12345678"])).stderr.includes("shorter than"));
  const rotated = await run(["rotate", "k", "--value", "short"], { vault: short.vault, secrets: [PASSWORD] });
  assert.match(rotated.stderr, /warning: the value is shorter than 8 bytes/);
});

Deno.test("values of 0 bytes and of the greatest size are taken, a larger one is not", async () => {
  const empty = await run(["add", "k", "--value", ""]);
  assert.equal(empty.code, 0);
  assert.equal(stored(empty), "");
  const largest = await run(["add", "k", "--value-file", "f"], {
    files: { f: new Uint8Array(MAX_VALUE_LENGTH) },
  });
  assert.equal(largest.vault.values.get("k")?.length, MAX_VALUE_LENGTH);
  const args = ["add", "k", "--value-file", "f", "--json"];
  const files = { f: new Uint8Array(MAX_VALUE_LENGTH + 1) };
  refused(await run(args, { files }), 1, "value_too_large");
  refused(await run(["add", "k", "--value-file", "-", "--json"], { stdin: files.f }), 1, "value_too_large");
});

Deno.test("a file that is not there is a failure with a hint, not a missing credential", async () => {
  refused(await run(["add", "k", "--value-file", "nope", "--json"]), 1, "file_not_found");
});

Deno.test("without a terminal and without a value nothing is added, least of all the master password", async () => {
  const env = { WISPKEY_PASSWORD: PASSWORD };
  const ran = await run(["add", "k", "--json"], { env });
  refused(ran, 2, "no_terminal");
  assert.match(ran.stderr, /--value-file -/);
  const vault = Object.assign(new FakeVault(), { daemon: "none" });
  refused(await run(["add", "k", "--json"], { env, vault }), 2, "no_terminal");
});

Deno.test("the master password in the environment opens the vault and is not asked for, the secret still is", async () => {
  const vault = Object.assign(new FakeVault(), { daemon: "none" as const });
  const ran = await run(["add", "k"], {
    vault,
    env: { WISPKEY_PASSWORD: PASSWORD },
    secrets: [SECRET, SECRET],
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(stored(ran), SECRET);
  assert.deepEqual(ran.asked, ["Secret value: ", "Secret value again: "]);
  assert.equal(vault.calls.at(-1)?.direct, true);
});

Deno.test("--value and --value-file exclude each other", async () => {
  refused(await run(["add", "k", "--value", "v", "--value-file", "f", "--json"]), 2, "conflicting_options");
});

Deno.test("names that cannot be are refused before anything is asked", async () => {
  for (const name of ["", " ", " k", "k ", "a\nb", "a\u001b[31m", "x".repeat(129), "a\u202eb"]) {
    const ran = await run(["add", name, "--json"], { secrets: [SECRET, SECRET] });
    refused(ran, 2, "invalid_name");
    assert.deepEqual(ran.asked, []);
  }
});

Deno.test("host patterns are judged before the secret is asked for", async () => {
  for (const hosts of ["https://u:p@h.test", "h.test:99999", "ftp://h.test", "*.com", "a b"]) {
    const ran = await run(["add", "k", "--hosts", hosts, "--json"], { secrets: [SECRET, SECRET] });
    refused(ran, 2, "invalid_host_pattern");
    assert.deepEqual(ran.asked, []);
  }
  const aloud = ["add", "k", "--value", "v", "--hosts", "*.workers.dev", "--allow-public-suffix"];
  assert.equal((await run(aloud)).code, 0);
});

Deno.test("a type that needs a place is refused without it, and gets it", async () => {
  const add = ["add", "k", "--value", "v", "--json"];
  refused(await run([...add, "--type", "custom_header"]), 2, "place_required");
  refused(await run([...add, "--type", "query_param"]), 2, "place_required");
  refused(await run([...add, "--type", "query_param", "--header-name", "X"]), 2, "place_required");
  refused(await run([...add, "--header-name", "X-Key"]), 2, "place_not_allowed");
  refused(await run([...add, "--type", "custom_header", "--header-name", "X Key"]), 2, "invalid_place");
  refused(await run([...add, "--type", "custom_header", "--header-name", "X\r\nY: z"]), 2, "invalid_place");
  refused(await run([...add, "--type", "query_param", "--param-name", "a=b"]), 2, "invalid_place");
  const header = await run([...add, "--type", "custom_header", "--header-name", "X-Key"]);
  assert.deepEqual(json(header).credential.place, { in: "header", name: "X-Key" });
  const query = await run([...add, "--type", "query_param", "--param-name", "key"]);
  assert.deepEqual(json(query).credential.place, { in: "query", name: "key" });
});

Deno.test("--in declares the one place, and a type that cannot have it is refused with one that can", async () => {
  const add = ["add", "k", "--value", "v", "--json"];
  const placed = async (...args: string[]) => json(await run([...add, ...args])).credential.place;
  const api = ["--type", "api_key"];
  assert.deepEqual(await placed(...api, "--in", "body:/auth/token"), {
    in: "body_json",
    pointer: "/auth/token",
  });
  assert.deepEqual(await placed(...api, "--in", "form:client_secret"), {
    in: "form",
    field: "client_secret",
  });
  assert.deepEqual(await placed(...api, "--in", "body"), { in: "body" });
  assert.deepEqual(await placed(...api, "--in=header:X-Key"), { in: "header", name: "X-Key" });
  assert.deepEqual(await placed("--type", "custom_header", "--in", "header:X-Key"), {
    in: "header",
    name: "X-Key",
  });
  assert.deepEqual(await placed("--type", "basic_auth", "--in", "basic:user"), { in: "basic", part: "user" });

  const bearer = await run([...add, "--in", "body:/t"]);
  refused(bearer, 2, "place_not_allowed");
  assert.match(bearer.stderr, /--type api_key --in body:\/t/);
  refused(await run([...add, "--type", "custom_header", "--in", "query:x"]), 2, "place_required");
  refused(await run([...add, ...api, "--in", "body:t"]), 2, "invalid_place");
  refused(await run([...add, ...api, "--in", "header:Host"]), 2, "invalid_place");
  refused(await run([...add, ...api, "--in", "path"]), 2, "invalid_place");
  refused(await run([...add, ...api, "--in", "body", "--header-name", "X"]), 2, "conflicting_options");
});

Deno.test("a place in a body is said aloud, and may hold a line break", async () => {
  const body = await run([
    "add",
    "k",
    "--value",
    "v\n",
    "--type",
    "api_key",
    "--in",
    "body:/t",
    "--hosts",
    "a.test",
  ]);
  assert.match(body.stderr, /can often be read back/);
  assert.doesNotMatch(body.stderr, /line break/);
  const header = await run([
    "add",
    "k",
    "--value",
    "v\n",
    "--type",
    "api_key",
    "--in",
    "header:X",
    "--hosts",
    "a.test",
  ]);
  assert.match(header.stderr, /line break/);
  assert.doesNotMatch(header.stderr, /read back/);
});

Deno.test("of what no proxy can put into a request it says so, and what it works through", async () => {
  const database = await run([
    "add",
    "my db",
    "--value",
    "postgres://app:pa55w0rd@h/app",
    "--project",
    "acme",
  ]);
  assert.match(database.stderr, /No proxy can put it into a request: databases do not speak HTTP/);
  assert.match(database.stderr, /^ {2}wispkey run --project acme --reveal --set 'VAR=my db' -- PROGRAM$/m);
  assert.doesNotMatch(database.stderr, /--hosts|pa55w0rd/);
  const key = new TextEncoder().encode("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n");
  const file = await run(["add", "deploy", "--type", "api_key", "--value-file", "-"], { stdin: key });
  assert.match(file.stderr, /^ {2}wispkey run --reveal --file VAR=deploy -- PROGRAM$/m);
  const signing = await run(["add", "aws-secret-access-key", "--value", "v".repeat(40)]);
  assert.match(signing.stderr, /requests are signed with it/);
  const decided = await run(["add", "aws-secret-access-key", "--value", "v".repeat(40), "--hosts", "a.test"]);
  assert.doesNotMatch(decided.stderr, /No proxy/);
});

Deno.test("without hosts it says so and prints the command that would allow them", async () => {
  const unknown = await run(["add", "my key", "--value", "v"]);
  assert.match(unknown.stderr, /nowhere through the proxy/);
  assert.match(unknown.stderr, /^ {2}wispkey edit 'my key' --hosts HOST$/m);
  const byName = await run(["add", "stripe-live", "--value", "v"]);
  assert.match(byName.stderr, /Stripe/);
  assert.match(byName.stderr, /^ {2}wispkey edit stripe-live --hosts \S*api\.stripe\.com\S*$/m);
  const byValue = await run(["add", "k", "--value", "sk-ant-api03-abc"]);
  assert.match(byValue.stderr, /^ {2}wispkey edit k --hosts api\.anthropic\.com$/m);
  const quiet = await run(["add", "k", "--value-file", "-", "-q"], { stdin: new Uint8Array(8).fill(65) });
  assert.equal(quiet.stderr, "");
  assert.equal(quiet.stdout, "wk_k_a7x9m2k4b8c1d5e6\n");
});

Deno.test("a star as host is repeated aloud", async () => {
  assert.match((await run(["add", "k", "--value", "v", "--hosts", "*"])).stderr, /every host/);
});

Deno.test("a missing partition is offered on a terminal, and created if the answer is yes", async () => {
  const yes = await run(["add", "k", "--partition", "work", "--value", "v"], { confirm: true });
  assert.equal(yes.code, 0, yes.stderr);
  assert.match(yes.asked[0] ?? "", /no partition 'work' in project 'default'\. Create it\?/);
  assert.ok(yes.vault.partitions.has("work"));
  const no = await run(["add", "k", "--partition", "work", "--value", "v", "--json"], { confirm: false });
  refused(no, 4, "partition_not_found");
  assert.ok(!no.vault.partitions.has("work"));
});

Deno.test("elsewhere a missing partition is refused with the command that makes it", async () => {
  const ran = await run([
    "add",
    "k",
    "--partition",
    "my work",
    "--project",
    "acme",
    "--value",
    "v",
    "--json",
  ]);
  refused(ran, 4, "partition_not_found");
  assert.match(ran.stderr, /wispkey partition create 'my work' --project acme/);
});

Deno.test("the project comes from the option, the environment, the choice, or is the default", async () => {
  const project = (ran: Ran) => (ran.vault.calls.at(-1)?.params as { project: string }).project;
  const chosen = () => Object.assign(new FakeVault(), { activeProject: "chosen" });
  const add = ["add", "k", "--value", "v"];
  const env = { WISPKEY_PROJECT: "from-env" };
  assert.equal(project(await run([...add, "--project", "said"], { env, vault: chosen() })), "said");
  assert.equal(project(await run(add, { env, vault: chosen() })), "from-env");
  assert.equal(project(await run(add, { vault: chosen() })), "chosen");
  assert.equal(project(await run(add)), "default");
});

Deno.test("what is too long or too much is refused before anything is asked", async () => {
  const long = await run(["add", "k", "--description", "d".repeat(5_000), "--json"], { secrets: [SECRET] });
  refused(long, 2, "too_long");
  const tags = Array.from({ length: 65 }, String).join(",");
  const many = await run(["edit", "k", "--tags", tags, "--json"], { secrets: [SECRET] });
  refused(many, 2, "too_many");
  assert.deepEqual([...long.asked, ...many.asked], []);
});
