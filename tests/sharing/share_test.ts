import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { utf8 } from "../../src/core/bytes.ts";
import type { Place } from "../../src/core/credential.ts";
import { credential, PASSPHRASE, write } from "./support.ts";
import { MASTER, VaultHome } from "./vault_home.ts";

const PLACE: Place = { in: "body_json", pointer: "/auth/token" };
const SOME = [
  {
    name: "openai-key",
    value: utf8("sk-not-real"),
    hosts: ["api.openai.com"],
    tags: ["ai"],
    project: "client-alpha",
  },
  { name: "body", value: utf8("v"), type: "api_key" as const, place: PLACE, project: "client-alpha" },
  { name: "pem", value: utf8("-----BEGIN-----\nabc\n"), project: "client-alpha", partition: "staging" },
  { name: "binary", value: new Uint8Array([0, 255, 254, 10]), project: "client-alpha", partition: "staging" },
];

Deno.test("the commands of the handbook run as written, in text and in JSON, and carry everything across", async () => {
  await using alice = await VaultHome.create();
  await using bob = await VaultHome.create();
  await alice.fill(SOME);
  const exported = await alice.json("project", "export", "client-alpha", "--output", "client-alpha.wkbundle");
  assert.deepEqual(exported, {
    ok: true,
    project: "client-alpha",
    output: "client-alpha.wkbundle",
    credential_count: 4,
    format_version: 2,
    locked_with: "passphrase",
    notes: [],
  });
  Object.assign(bob.files, alice.files);
  const imported = await bob.json("project", "import", "client-alpha.wkbundle");
  assert.deepEqual([imported.imported, imported.skipped, imported.errors, imported.project], [
    4,
    0,
    0,
    "client-alpha",
  ]);
  assert.deepEqual(imported.made_projects, ["client-alpha"]);
  const [a, b] = [await alice.content(), await bob.content()];
  assert.deepEqual(b, a);
  const tokens = (home: VaultHome) =>
    home.vault((vault) => vault.credentials.list().map(({ token }) => token));
  const [ours, theirs] = [await tokens(alice), await tokens(bob)];
  assert.ok(theirs.every((token) => !ours.includes(token)), "tokens are new");
  assert.deepEqual(
    imported.credentials.map((each: { wisp_token: string }) => each.wisp_token).sort(),
    theirs.sort(),
  );

  const text = await alice.run([
    "partition",
    "export",
    "staging",
    "--project",
    "client-alpha",
    "-o",
    "staging.wkbundle",
  ]);
  assert.equal(text.stdout, "Exported partition staging, 2 credentials, to staging.wkbundle.\n");
  await using carol = await VaultHome.create();
  Object.assign(carol.files, alice.files);
  const read = await carol.run(["partition", "import", "staging.wkbundle"]);
  assert.match(read.stdout, /\+ project client-alpha\n.*\+ partition client-alpha\/staging\n/s);
  assert.match(read.stdout, /2 credentials imported\.\n$/);

  await alice.json(
    "credential",
    "export",
    "openai-key",
    "--project",
    "client-alpha",
    "--output",
    "openai-key.wkcred",
  );
  Object.assign(carol.files, alice.files);
  const one = await carol.json(
    "credential",
    "import",
    "openai-key.wkcred",
    "--project",
    "client-beta",
    "--partition",
    "personal",
  );
  assert.deepEqual([one.project, one.partition, one.imported], ["client-beta", "personal", 1]);
  assert.ok(Object.hasOwn(await carol.content(), "client-beta/personal/openai-key"));
});

Deno.test("exports ask for the master password, wrong or missing ones end them before a file is there", async () => {
  await using home = await VaultHome.create();
  await home.fill(SOME);
  const line = ["project", "export", "client-alpha", "-o", "x"];
  const wrong = await home.run(line, { env: { WISPKEY_PASSWORD: "wrong password" } });
  assert.equal(wrong.code, 3);
  const none = await home.run(line, { env: { WISPKEY_PASSWORD: "" } });
  assert.equal(none.code, 3);
  assert.deepEqual(home.files, {});
});

Deno.test("an export is written down, with what it was locked with", async () => {
  await using home = await VaultHome.create();
  await home.fill(SOME);
  await home.json("credential", "export", "pem", "--project", "client-alpha", "-o", "x");
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  await home.json(
    "partition",
    "export",
    "staging",
    "--project",
    "client-alpha",
    "-o",
    "y",
    "--recipient",
    recipient,
  );
  const rows = await home.vault((vault) => vault.audit.query({ last: 2 }));
  assert.deepEqual(
    rows.map(({ event, project, credential, reason }) => [event, project, credential, reason]),
    [
      [
        "PartitionExported",
        "client-alpha",
        undefined,
        `partition staging, 2 with their secrets, for ${recipient}`,
      ],
      ["CredentialExported", "client-alpha", "pem", "1 with their secrets, for a passphrase"],
    ],
  );
});

Deno.test("the passphrase comes from the file, else the environment, else a prompt; never from WISPKEY_PASSWORD", async () => {
  await using home = await VaultHome.create();
  await home.fill(SOME);
  const line = ["credential", "export", "pem", "--project", "client-alpha", "-o", "x", "--yes"];
  home.files["phrase"] = utf8("from the file, long\r\n");
  const opens = async (passphrase: string) => {
    await using other = await VaultHome.create();
    Object.assign(other.files, home.files);
    const ran = await other.run(["credential", "import", "x"], {
      env: { WISPKEY_BUNDLE_PASSPHRASE: passphrase },
    });
    return ran.code === 0;
  };
  await home.run([...line, "--bundle-passphrase-file", "phrase"]);
  assert.ok(await opens("from the file, long"));
  await home.run(line);
  assert.ok(await opens(PASSPHRASE));
  const asked = await home.run(line, {
    env: { WISPKEY_BUNDLE_PASSPHRASE: "" },
    secrets: ["typed passphrase", "typed passphrase"],
  });
  assert.equal(asked.code, 0, asked.stderr);
  assert.deepEqual(asked.asked, ["New bundle passphrase: ", "New bundle passphrase again: "]);
  assert.ok(await opens("typed passphrase"));
  assert.ok(!await opens(MASTER));

  const nobody = await home.run(line, { env: { WISPKEY_BUNDLE_PASSPHRASE: "" } });
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /WISPKEY_BUNDLE_PASSPHRASE.*--bundle-passphrase-file/s);
  const differ = await home.run(line, {
    env: { WISPKEY_BUNDLE_PASSPHRASE: "" },
    secrets: ["typed passphrase", "other"],
  });
  assert.equal(differ.code, 2);
  const short = await home.run(line, { env: { WISPKEY_BUNDLE_PASSPHRASE: "elevenchars" } });
  assert.equal(short.code, 2);
  assert.match(short.stderr, /at least 12/);
});

Deno.test("a bundle for an age key is imported with its identity file and no passphrase", async () => {
  await using home = await VaultHome.create();
  await using other = await VaultHome.create();
  await home.fill(SOME);
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  const exported = await home.json("project", "export", "client-alpha", "-o", "x", "--recipient", recipient);
  assert.equal(exported.locked_with, "age");
  Object.assign(other.files, home.files, { "key.txt": utf8(`# mine\n${identity}\n`) });
  const imported = await other.run(["project", "import", "x", "--identity", "key.txt"], {
    env: { WISPKEY_BUNDLE_PASSPHRASE: "" },
  });
  assert.equal(imported.code, 0, imported.stderr);
  assert.deepEqual(await other.content(), await home.content());
  const without = await other.run(["project", "import", "x"]);
  assert.equal(without.code, 2);
  assert.match(without.stderr, /--identity FILE/);
});

Deno.test("--dry-run says what would happen and changes nothing, not even the log", async () => {
  await using home = await VaultHome.create();
  home.files["p"] = await write([credential("new"), credential("taken")]);
  await home.fill([{ name: "taken", value: utf8("mine"), project: "acme" }]);
  const before = await home.vault((vault) => [vault.generation(), vault.audit.count()]);
  const plan = await home.json("project", "import", "p", "--dry-run");
  assert.deepEqual([plan.dry_run, plan.imported, plan.skipped], [true, 1, 1]);
  assert.ok(plan.credentials.every((each: object) => !Object.hasOwn(each, "wisp_token")));
  assert.deepEqual(await home.vault((vault) => [vault.generation(), vault.audit.count()]), before);
  const text = await home.run(["project", "import", "p", "--dry-run"]);
  assert.match(
    text.stdout,
    /^\+ new {2}may go to: new\.example\n~ taken {2}skipped: the name is taken\n1 credential would be/,
  );
});

Deno.test("a name that is taken: skipped, renamed or replaced, as was said", async () => {
  await using home = await VaultHome.create();
  const mine = { name: "k", value: utf8("mine"), project: "acme", hosts: ["mine.example"] };
  await home.fill([mine, { ...mine, name: "k-2" }]);
  home.files["p"] = await write([credential("k", { value: utf8("theirs"), hosts: ["theirs.example"] })]);
  const token = async (name: string) =>
    await home.vault((vault) => vault.credentials.list().find((each) => each.name === name)?.token);
  const before = await token("k");

  assert.equal((await home.json("project", "import", "p")).skipped, 1);
  const renamed = await home.json("project", "import", "p", "--on-conflict", "rename");
  assert.deepEqual(
    renamed.credentials.map((each: { as: string; action: string }) => [each.as, each.action]),
    [
      ["k-3", "renamed"],
    ],
  );
  assert.equal(await token("k"), before);
  assert.match((await home.content())["acme/personal/k"] ?? "", /mine\.example/);

  // Whose hosts would change is said before anybody agrees.
  const line = ["project", "import", "p", "--on-conflict", "replace"];
  const no = await home.run(line, { confirm: false });
  assert.equal(no.code, 1);
  assert.match(no.stderr, /acme\/k: may go to mine\.example; afterwards to theirs\.example/);
  assert.match((await home.content())["acme/personal/k"] ?? "", /mine\.example/);
  const replaced = await home.json(...line, "--yes");
  assert.deepEqual([replaced.replaced, replaced.credentials[0].hosts_before], [1, ["mine.example"]]);
  assert.equal(await token("k"), before, "the token stays, so that what uses it goes on working");
  assert.match((await home.content())["acme/personal/k"] ?? "", new RegExp(utf8("theirs").toHex()));
});

Deno.test("an import that fails anywhere leaves the vault as it was", async () => {
  await using home = await VaultHome.create();
  const good = await write(
    Array.from({ length: 20 }, (_, i) => credential(`k${i}`, { value: new Uint8Array(5000) })),
  );
  const before = await home.vault((
    vault,
  ) => [vault.generation(), vault.audit.count(), vault.credentials.count()]);
  const changed = good.slice();
  changed[changed.length - 1]! ^= 1;
  for (
    const [bytes, env, code] of [
      [changed, {}, "bundle_damaged"],
      [good.subarray(0, good.length - 1), {}, "bundle_damaged"],
      [good, { WISPKEY_BUNDLE_PASSPHRASE: "not the right one" }, "bundle_wrong_key"],
      [utf8("something else"), {}, "bundle_unknown"],
    ] as const
  ) {
    home.files["p"] = bytes;
    const ran = await home.run(["project", "import", "p", "--json"], { env });
    assert.equal(ran.code, 1);
    assert.equal(ran.stdout, "");
    assert.equal(JSON.parse(ran.stderr).error.code, code);
  }
  const after = await home.vault((
    vault,
  ) => [vault.generation(), vault.audit.count(), vault.credentials.count()]);
  assert.deepEqual(after, before);
});

Deno.test("a bundle of another kind says which command reads it", async () => {
  await using home = await VaultHome.create();
  home.files["p"] = await write([credential("k")]);
  const ran = await home.run(["credential", "import", "p"]);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /hint: wispkey project import p/);
});

Deno.test("an existing file is replaced only if somebody says so", async () => {
  await using home = await VaultHome.create();
  await home.fill(SOME);
  home.files["x"] = utf8("precious");
  const line = ["project", "export", "client-alpha", "-o", "x"];
  const refused = await home.run(line);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--yes/);
  assert.equal(new TextDecoder().decode(home.files["x"]), "precious");
  assert.equal((await home.run([...line, "--yes"])).code, 0);
  assert.notEqual(new TextDecoder().decode(home.files["x"]), "precious");
});

Deno.test("--v1 writes what earlier builds read, and it comes back", async () => {
  await using home = await VaultHome.create();
  await using other = await VaultHome.create();
  await home.fill(SOME.slice(0, 3));
  const exported = await home.json("project", "export", "client-alpha", "-o", "x", "--v1");
  assert.deepEqual([exported.format_version, exported.notes], [1, [
    "body: version 1 has no words for its place",
  ]]);
  assert.equal(home.files["x"]?.[4], 1);
  Object.assign(other.files, home.files);
  assert.equal((await other.json("project", "import", "x")).imported, 3);
  const binary = await (async () => {
    await home.fill([{ name: "raw", value: new Uint8Array([255]), project: "client-alpha" }]);
    return await home.run(["project", "export", "client-alpha", "-o", "z", "--v1"]);
  })();
  assert.equal(binary.code, 1);
  assert.match(binary.stderr, /'raw' as version 1: its value is no UTF-8 text\nhint: leave out --v1/);
  assert.equal(home.files["z"], undefined);
});

const COUNT = Number(Deno.env.get("WISPKEY_SHARE_CREDENTIALS") ?? 200);
const LARGE = Deno.env.has("WISPKEY_SHARE_CREDENTIALS") ? 100 : 4;

Deno.test(`${COUNT} credentials of every sort make the round trip through every export and import, byte for byte`, async () => {
  await using home = await VaultHome.create();
  const sorts: ((i: number) => Uint8Array)[] = [
    (i) => utf8(`-----BEGIN KEY ${i}-----\r\nabc\n\n-----END KEY-----\n`),
    () => crypto.getRandomValues(new Uint8Array(257)),
    (i) => utf8(`пароль ${i} \u{1f511}\u0000\ufeff\u202e"'\\`),
    () => new Uint8Array(0),
  ];
  const all = Array.from({ length: COUNT }, (_, i) => ({
    name: `name ${i} \u{1f511}é/..`,
    description: `line one\nline two ${i}`,
    value: i < LARGE ? new Uint8Array(1024 * 1024).fill(i) : sorts[i % sorts.length]!(i),
    hosts: [`h${i}.example`, "http://127.0.0.1:8080"],
    tags: ["a", `t,${i}`],
    project: "acme",
    partition: `part ${i % 7}`,
  }));
  await home.fill(all);
  const source = await home.content();
  const project = await home.json("project", "export", "acme", "-o", "acme.wkbundle");
  assert.equal(project.credential_count, COUNT);
  await using second = await VaultHome.create();
  Object.assign(second.files, home.files);
  assert.equal((await second.json("project", "import", "acme.wkbundle")).imported, COUNT);
  assert.deepEqual(await second.content(), source);

  await using third = await VaultHome.create();
  for (let part = 0; part < 7; part++) {
    await home.json("partition", "export", `part ${part}`, "--project", "acme", "-o", `${part}`);
    Object.assign(third.files, home.files);
    await third.json("partition", "import", `${part}`);
  }
  const parts = await third.content();
  for (const [key, value] of Object.entries(source)) {
    if (key.startsWith("acme/")) assert.equal(parts[key], value);
  }
  const { name } = all[LARGE + 1]!;
  await home.json("credential", "export", name, "--project", "acme", "-o", "one.wkcred");
  await using fourth = await VaultHome.create();
  Object.assign(fourth.files, home.files);
  await fourth.json("credential", "import", "one.wkcred");
  const key = Object.keys(source).find((each) => each.endsWith(`/${name}`)) ?? "";
  assert.equal((await fourth.content())[key], source[key]);
});
