import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { run } from "../cli/fake.ts";
import { makeEarlierVault, type Theirs } from "./earlier_build.ts";
import { MASTER, VaultHome } from "./vault_home.ts";

const OLD = "the old master password";

const THEIRS: Theirs[] = [
  {
    name: "openai-prod",
    value: "sk-not-real",
    token: "wk_openai_prod_a7x9m2k4",
    hosts: "api.openai.com",
    tags: "ai,prod",
  },
  { name: "github", value: "ghp_notreal", token: "wk_github_b8c1d5e6" },
  {
    name: "pem",
    value: "-----BEGIN-----\nabc\n",
    token: "wk_pem_c8c1d5e6",
    in: "client/keys",
    type: "ApiKey",
  },
  {
    name: "header",
    value: "v",
    token: "wk_header_d8c1d5e6",
    in: "client/office",
    type: { CustomHeader: { header_name: "X-Api-Key" } },
    hosts: "*.example.com",
    description: "a header",
  },
  { name: "бearer", value: "пароль", token: "wk_бearer_e8c1d5e6", type: "BasicAuth" },
];

/** A directory with an earlier vault beside a home with one of ours. */
async function withBoth(
  schema: 1 | 2 | 3 | 4 | 5,
  theirs: readonly Theirs[],
  work: (home: VaultHome, old: string) => Promise<void>,
): Promise<void> {
  await using home = await VaultHome.create();
  const old = `${home.directory}-old`;
  await Deno.mkdir(old);
  await makeEarlierVault(old, OLD, schema, theirs);
  home.files["old-password"] = utf8(`${OLD}\n`);
  await work(home, old);
}

const line = (
  old: string,
  ...more: string[]
) => ["migrate", old, "--earlier-password-file", "old-password", ...more];

async function rows(home: VaultHome) {
  return await home.vault((vault) => {
    const projects = new Map(vault.projects.list().map(({ id, name }) => [id, name]));
    const partitions = new Map(vault.partitions.list().map(({ id, name }) => [id, name]));
    return Object.fromEntries(
      vault.credentials.list().map((each) => [
        `${projects.get(each.projectId)}/${partitions.get(each.partitionId)}/${each.name}`,
        { ...each, value: new TextDecoder().decode(vault.credentials.openValue(each.id)) },
      ]),
    );
  });
}

for (const schema of [1, 2, 3, 4, 5] as const) {
  Deno.test(`a vault of schema ${schema} is taken over with its tokens; it stays as it is, its session file goes`, async () => {
    await withBoth(schema, THEIRS, async (home, old) => {
      const before = await Deno.readFile(`${old}/vault.db`);
      const result = await home.json(...line(old, "--yes"));
      assert.deepEqual([result.imported, result.skipped, result.schema, result.session_removed], [
        5,
        0,
        schema,
        true,
      ]);
      assert.deepEqual(await Deno.readFile(`${old}/vault.db`), before, "not a byte of it changed");
      await assert.rejects(Deno.stat(`${old}/session`), Deno.errors.NotFound);
      const all = await rows(home);
      const where = (project: string, partition: string) =>
        schema >= 3 ? `${project}/${partition}` : schema === 2 ? `default/${partition}` : "default/personal";
      const openai = all["default/personal/openai-prod"];
      assert.deepEqual([openai?.token, openai?.value, openai?.hosts, openai?.tags, openai?.hostsConfirmed], [
        "wk_openai_prod_a7x9m2k4",
        "sk-not-real",
        ["api.openai.com"],
        ["ai", "prod"],
        true,
      ]);
      const pem = all[`${where("client", "keys")}/pem`];
      assert.deepEqual([pem?.token, pem?.value, pem?.type, pem?.hosts], [
        "wk_pem_c8c1d5e6",
        "-----BEGIN-----\nabc\n",
        "api_key",
        [],
      ]);
      const header = all[`${where("client", "office")}/header`];
      assert.deepEqual([header?.type, header?.place, header?.hosts, header?.description], [
        "custom_header",
        { in: "header", name: "X-Api-Key" },
        ["*.example.com"],
        schema >= 4 ? "a header" : "",
      ]);
      // No program could ever find this one in a request.
      assert.match(all["default/personal/бearer"]?.token ?? "", /^wk_[a-z0-9_]+_[a-z0-9]{16}$/);
      const { audit, problems } = await home.vault((vault) => ({
        audit: vault.audit.query({ last: 1 })[0],
        problems: vault.verify().problems,
      }));
      assert.deepEqual([audit?.event, problems], ["VaultMigrated", []]);
    });
  });
}

Deno.test("what has no hosts may go nowhere, and hosts are proposed; they are set only if the owner says so", async () => {
  await withBoth(5, THEIRS, async (home, old) => {
    const looked = await home.run(line(old, "--dry-run"));
    assert.match(
      looked.stderr,
      /default\/personal\/github {2}may go to: nowhere yet \(the earlier build let it go anywhere\)/,
    );
    assert.match(looked.stderr, /github: GitHub, api\.github\.com/);
    assert.match(looked.stderr, /wispkey edit github --hosts api\.github\.com/);
    assert.deepEqual(Object.keys(await rows(home)), []);
    await Deno.stat(`${old}/session`);

    const declined = await home.json(...line(old, "--yes"));
    assert.deepEqual(declined.proposed.map((each: { name: string; set: boolean }) => [each.name, each.set]), [
      ["github", false],
    ]);
    assert.deepEqual((await rows(home))["default/personal/github"]?.hosts, []);
  });
  await withBoth(5, THEIRS, async (home, old) => {
    const result = await home.json(...line(old, "--yes", "--set-hosts"));
    assert.equal(result.proposed[0].set, true);
    assert.ok((await rows(home))["default/personal/github"]?.hosts.includes("api.github.com"));
    assert.deepEqual((await rows(home))["client/keys/pem"]?.hosts, []);
  });
});

Deno.test("the owner sees where everything may go and can say no, before anything is taken over or removed", async () => {
  await withBoth(5, THEIRS, async (home, old) => {
    const no = await home.run(line(old), { confirm: false });
    assert.equal(no.code, 1);
    assert.match(no.stderr, /default\/personal\/openai-prod {2}may go to: api\.openai\.com/);
    assert.deepEqual(no.asked, ["Take these credentials over, to go where it says?"]);
    assert.deepEqual(Object.keys(await rows(home)), []);
    await Deno.stat(`${old}/session`);
    const yes = await home.run(line(old), { confirm: true });
    assert.equal(yes.code, 0, yes.stderr);
    assert.deepEqual(yes.asked, [
      "Take these credentials over, to go where it says?",
      "Let these go to the hosts that are proposed?",
    ]);
    assert.match(yes.stderr, /kept the vault's key in clear in its session file/);
  });
});

Deno.test("a second migration of the same vault skips what is there", async () => {
  await withBoth(5, THEIRS, async (home, old) => {
    await home.json(...line(old, "--yes"));
    const again = await home.json(...line(old, "--yes"));
    assert.deepEqual([again.imported, again.skipped], [0, 5]);
  });
});

Deno.test("a wrong password, a newer schema, a damaged header and no vault at all change nothing", async () => {
  await withBoth(5, THEIRS, async (home, old) => {
    const code = async (args: string[], env: Record<string, string> = {}) => {
      const ran = await home.run([...args, "--json"], { env });
      assert.notEqual(ran.code, 0);
      return JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "").error.code;
    };
    home.files["wrong"] = utf8("wrong");
    assert.equal(await code(["migrate", old, "--earlier-password-file", "wrong"]), "wrong_password");
    assert.equal(await code(["migrate", `${old}/none`]), "earlier_vault_not_found");
    assert.equal(await code(["migrate"]), "earlier_vault_not_found", "ours is none of an earlier build");
    const { DatabaseSync } = await import("node:sqlite");
    const set = (key: string, value: string) => {
      const db = new DatabaseSync(`${old}/vault.db`);
      const before = db.prepare("SELECT value FROM vault_meta WHERE key = ?").get(key)?.value;
      db.prepare("UPDATE vault_meta SET value = ? WHERE key = ?").run(value, key);
      db.close();
      return String(before);
    };
    set("version", "6");
    assert.equal(await code(line(old)), "earlier_vault_newer");
    set("version", "5");
    const phc = set("password_hash", "$argon2id$nonsense");
    assert.equal(await code(line(old)), "earlier_vault_damaged");
    set("password_hash", phc.replace(/m=\d+/, "m=999999999"));
    assert.equal(await code(line(old)), "kdf_parameters");
    set("password_hash", phc);
    assert.deepEqual(Object.keys(await rows(home)), []);
    await Deno.stat(`${old}/session`);
    assert.equal((await home.run(line(old, "--yes"))).code, 0);
  });
});

Deno.test("a value that cannot be decrypted is left out and told; the others come along", async () => {
  await withBoth(5, THEIRS, async (home, old) => {
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(`${old}/vault.db`);
    db.exec("UPDATE credentials SET encrypted_value = 'bm90aGluZw==' WHERE name = 'pem'");
    db.exec("UPDATE credentials SET encrypted_value = '***' WHERE name = 'github'");
    // What a program of the same user may have written into it.
    db.exec(
      "UPDATE credentials SET hosts = 'ok.example,https://user@evil.test', name = 'a' || char(27) || '[2J' WHERE name = 'header'",
    );
    db.close();
    const ran = await home.run(line(old, "--yes"));
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /pem was left out: its value cannot be decrypted/);
    assert.match(ran.stderr, /the host 'https:\/\/user@evil\.test' was left out/);
    assert.ok(!ran.stderr.includes("\u001b"));
    const names = Object.keys(await rows(home));
    assert.equal(names.length, 3);
    assert.ok(names.includes("client/office/a_[2J"), names.join());
  });
});

Deno.test("what is no vault of ours but an earlier one says what takes it over", async () => {
  await withBoth(4, THEIRS, async (_home, old) => {
    const { Vault } = await import("../../src/vault/mod.ts");
    await assert.rejects(Vault.open(old, utf8(MASTER)), { code: "earlier_vault", hint: "wispkey migrate" });
    const ran = await run(["migrate", old], { env: {} });
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /--earlier-password-file/);
  });
});
