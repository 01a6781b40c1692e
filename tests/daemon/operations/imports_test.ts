import assert from "node:assert/strict";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { EMPTY_IMPORT, importDigest } from "../../../src/core/import_digest.ts";
import type { Params } from "../../../src/daemon/api.ts";
import type { StagedCredential } from "../../../src/daemon/api/sharing.ts";
import { DirectClient } from "../../../src/daemon/direct.ts";
import { stagingArea } from "../../../src/daemon/operations/staging.ts";
import { VAULT_OPERATIONS } from "../../../src/daemon/operations/mod.ts";
import type { OperationContext } from "../../../src/daemon/operations/types.ts";
import type { Vault } from "../../../src/vault/mod.ts";
import { withVault } from "../../vault/support.ts";

function staged(name: string, value: string, changes: Partial<StagedCredential> = {}): StagedCredential {
  return {
    project: "default",
    partition: "personal",
    name,
    description: "",
    type: "bearer_token",
    place: null,
    hosts: [`${name}.example`],
    tags: [],
    length: utf8(value).length,
    token: null,
    ...changes,
  };
}

async function begin(client: DirectClient, credentials: StagedCredential[], values: string[]) {
  const payload = concat(...values.map(utf8));
  return (await client.call("import.stage", { session: null, credentials }, payload)).result;
}

const COMMIT = {
  kind: "project",
  from: "x.wkbundle",
  projects: [{ name: "default", description: "", partitions: [] }],
  onConflict: "skip",
  replacing: [],
  dryRun: false,
} as const satisfies Partial<Params<"import.commit">>;

const commit = (changes: Partial<Params<"import.commit">>): Params<"import.commit"> => ({
  ...COMMIT,
  projects: [...COMMIT.projects.map((each) => ({ ...each, partitions: [] }))],
  replacing: [],
  session: "",
  digest: "",
  ...changes,
});

async function withClient(work: (client: DirectClient, vault: Vault) => Promise<void>): Promise<void> {
  await withVault(async (vault) => {
    try {
      await work(new DirectClient(vault), vault);
    } finally {
      stagingArea(vault).clear();
    }
  });
}

Deno.test("batches add up to the digest that both sides compute, and a commit takes all of them over", async () => {
  await withClient(async (client, vault) => {
    const first = [staged("a", "one")];
    const second = [staged("b", "two"), staged("c", "")];
    const { session } = await begin(client, first, ["one"]);
    const { digest } =
      (await client.call("import.stage", { session, credentials: second }, utf8("two"))).result;
    const expected = await importDigest(
      await importDigest(EMPTY_IMPORT, first, utf8("one")),
      second,
      utf8("two"),
    );
    assert.equal(digest, expected);
    assert.notEqual(await importDigest(EMPTY_IMPORT, [...first, ...second], utf8("onetwo")), digest);
    const { result } = await client.call("import.commit", commit({ session, digest }));
    assert.deepEqual(result.credentials.map(({ as, action }) => [as, action]), [["a", "added"], [
      "b",
      "added",
    ], ["c", "added"]]);
    const b = vault.credentials.get("default", "b");
    assert.equal(new TextDecoder().decode(vault.credentials.openValue(b?.id ?? "")), "two");
    await assert.rejects(client.call("import.commit", commit({ session, digest })), {
      code: "import_not_found",
    });
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a commit for other than what is staged, or replaces other than was agreed, is refused", async () => {
  await withClient(async (client, vault) => {
    const mine = { ...staged("k", "mine"), length: undefined, token: undefined };
    const { length: _length, token: _token, ...draft } = mine;
    await client.call("credential.add", draft, utf8("mine"));
    const { session, digest } = await begin(client, [staged("k", "theirs")], ["theirs"]);
    for (
      const changes of [
        { digest: "00" },
        { digest: "" },
        { digest, onConflict: "replace", replacing: [] },
        { digest, onConflict: "replace", replacing: ["default/other"] },
        { digest, onConflict: "skip", replacing: ["default/k"] },
      ] as const
    ) {
      const params = commit({ session, ...changes, replacing: [...changes.replacing ?? []] });
      await assert.rejects(client.call("import.commit", params), { code: "changed_meanwhile" });
    }
    const k = vault.credentials.get("default", "k");
    assert.equal(new TextDecoder().decode(vault.credentials.openValue(k?.id ?? "")), "mine");
    const done = commit({ session, digest, onConflict: "replace", replacing: ["default/k"] });
    assert.equal((await client.call("import.commit", done)).result.credentials[0]?.action, "replaced");
  });
});

Deno.test("replacing and keeping tokens need the password; new names and looking do not", async () => {
  await withClient(async (client, vault) => {
    const needOf = (params: Params<"import.commit">) => {
      const { need } = VAULT_OPERATIONS["import.commit"];
      assert(typeof need === "function");
      return need({ vault } as OperationContext, params);
    };
    const plain = await begin(client, [staged("k", "v")], ["v"]);
    assert.equal(needOf(commit({ ...plain })), "key");
    assert.equal(needOf(commit({ ...plain, replacing: ["default/k"] })), "password");
    assert.equal(needOf(commit({ ...plain, replacing: ["default/k"], dryRun: true })), "key");
    const kept = await begin(client, [staged("k", "v", { token: "wk_k_a7x9m2k4" })], ["v"]);
    assert.equal(needOf(commit({ ...kept })), "password");
    for (const name of ["export.begin", "export.value"] as const) {
      assert.equal(VAULT_OPERATIONS[name].need, "password");
    }
  });
});

Deno.test("one credential that cannot be added, and nothing of the import is there", async () => {
  await withClient(async (client, vault) => {
    const before = [vault.generation(), vault.audit.count()];
    const { session, digest } = await begin(client, [
      staged("a", "v"),
      staged("b", "v", { partition: "none" }),
    ], ["v", "v"]);
    await assert.rejects(client.call("import.commit", commit({ session, digest })), {
      code: "partition_not_found",
    });
    assert.deepEqual([vault.generation(), vault.audit.count(), vault.credentials.count()], [...before, 0]);
  });
});

Deno.test("what is staged is checked when it is put down", async () => {
  await withClient(async (client) => {
    for (
      const changes of [
        { name: "a\nb" },
        { project: "" },
        { partition: "\u202e" },
        { hosts: ["https://user@evil.test"] },
        { type: "custom_header" as const },
        { place: { in: "header" as const, name: "Host" } },
        { token: "wk_UPPER_a7x9m2k4" },
        { token: "sk-not-a-token" },
        { length: 5 },
        { length: -1 },
      ]
    ) {
      const error = await begin(client, [staged("k", "v", changes)], ["v"]).then(() => null, (e) => e);
      assert.ok(error !== null && error.name !== "TypeError", JSON.stringify(changes));
    }
  });
});

Deno.test("a token that is taken, or was, becomes a new one", async () => {
  await withClient(async (client, vault) => {
    const token = "wk_k_a7x9m2k4";
    const one = await begin(client, [staged("k", "v", { token })], ["v"]);
    assert.equal((await client.call("import.commit", commit(one))).result.credentials[0]?.token, token);
    const two = await begin(client, [staged("other", "v", { token })], ["v"]);
    const again = (await client.call("import.commit", commit(two))).result.credentials[0]?.token ?? "";
    assert.match(again, /^wk_other_[a-z0-9]{16}$/);
    vault.credentials.remove(vault.credentials.get("default", "k")?.id ?? "");
    const three = await begin(client, [staged("third", "v", { token })], ["v"]);
    assert.notEqual((await client.call("import.commit", commit(three))).result.credentials[0]?.token, token);
  });
});

Deno.test("another import, an abort and a lock wipe what lies in memory", async () => {
  await withClient(async (client, vault) => {
    const { session } = await begin(client, [staged("k", "secret")], ["secret"]);
    const values = stagingArea(vault).get(session).entries.map(({ value }) => value);
    await begin(client, [], []);
    assert.deepEqual(values, [new Uint8Array(6)]);
    await assert.rejects(client.call("import.commit", commit({ session })), { code: "import_not_found" });
    const next = await begin(client, [staged("k", "secret")], ["secret"]);
    const more = stagingArea(vault).get(next.session).entries.map(({ value }) => value);
    await client.call("import.abort", { session: next.session });
    assert.deepEqual(more, [new Uint8Array(6)]);
  });
});

Deno.test("more than can be held is refused, and forgotten", async () => {
  await withClient(async (client, vault) => {
    const { session } = await begin(client, [], []);
    const many = Array.from({ length: 100_001 }, (_, i) => staged(`k${i}`, ""));
    await assert.rejects(client.call("import.stage", { session, credentials: many }), {
      code: "import_too_large",
    });
    assert.throws(() => stagingArea(vault).get(session), { code: "import_not_found" });
  });
});
