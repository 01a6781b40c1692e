import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import { DirectClient } from "../../../src/daemon/direct.ts";
import type { Vault } from "../../../src/vault/mod.ts";
import { withVault } from "../../vault/support.ts";

const add = { description: "", type: "bearer_token" as const, place: null, hosts: ["a.example"], tags: [] };

async function withClient(work: (client: DirectClient, vault: Vault) => Promise<void>): Promise<void> {
  await withVault(async (vault) => await work(new DirectClient(vault), vault));
}

async function filled(client: DirectClient): Promise<void> {
  await client.call("project.create", { name: "acme", description: "" });
  await client.call("partition.create", { project: "acme", name: "work", description: "at work" });
  for (
    const [name, project, partition] of [
      ["same", "default", "personal"],
      ["same", "acme", "personal"],
      ["own", "acme", "work"],
    ] as const
  ) {
    await client.call("credential.add", { ...add, name, project, partition }, utf8(`${project} ${name}`));
  }
}

const names = (vault: Vault) => vault.credentials.list().map(({ name }) => name);

Deno.test("a deleted project's credentials move with their values and tokens; a taken name gets the project's behind it", async () => {
  await withClient(async (client, vault) => {
    await filled(client);
    const tokens = new Map(vault.credentials.list().map(({ id, token }) => [id, token]));
    const plan = await client.call("project.delete", {
      name: "acme",
      removeCredentials: false,
      dryRun: true,
    });
    assert.equal(vault.projects.list().length, 2, "a plan does nothing");
    const done = await client.call("project.delete", {
      name: "acme",
      removeCredentials: false,
      dryRun: false,
    });
    assert.deepEqual(done.result, plan.result);
    assert.deepEqual(done.result.moved, [
      { name: "own", from: "work", to: { project: "default", partition: "work", name: "own" } },
      {
        name: "same",
        from: "personal",
        to: { project: "default", partition: "personal", name: "same-acme" },
      },
    ]);
    assert.deepEqual(names(vault), ["own", "same", "same-acme"]);
    for (const each of vault.credentials.list()) {
      assert.equal(tokens.get(each.id), each.token);
      const value = new TextDecoder().decode(vault.credentials.openValue(each.id));
      assert.equal(value, each.name === "same" ? "default same" : `acme ${each.name.replace("-acme", "")}`);
    }
    assert.equal(vault.partitions.getByName("default", "work")?.description, "at work");
    assert.equal(vault.verify().ok, true);
    assert.equal(vault.audit.query({ last: 1 })[0]?.event, "ProjectDeleted");
  });
});

Deno.test("with removeCredentials they go, and their tokens are remembered as removed", async () => {
  await withClient(async (client, vault) => {
    await filled(client);
    const token = vault.credentials.list().find(({ name }) => name === "own")?.token ?? "";
    const { result } = await client.call("project.delete", {
      name: "acme",
      removeCredentials: true,
      dryRun: false,
    });
    assert.deepEqual(result.moved.map(({ to }) => to), [null, null]);
    assert.deepEqual(names(vault), ["same"]);
    assert.equal(vault.credentials.findRetired(token)?.reason, "removed");
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a deleted partition's credentials move to personal", async () => {
  await withClient(async (client, vault) => {
    await filled(client);
    await client.call("partition.delete", {
      project: "acme",
      name: "work",
      removeCredentials: false,
      dryRun: false,
    });
    const { result } = await client.call("partition.list", { project: "acme" });
    assert.deepEqual(result.partitions.map(({ name, credentialCount }) => [name, credentialCount]), [[
      "personal",
      2,
    ]]);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("the groups that everything falls back to stay", async () => {
  await withClient(async (client) => {
    const plan = { removeCredentials: false, dryRun: false };
    await assert.rejects(client.call("project.delete", { name: "default", ...plan }), {
      code: "project_is_needed",
    });
    await assert.rejects(client.call("project.rename", { name: "default", to: "x" }), {
      code: "project_is_needed",
    });
    const personal = { project: "default", name: "personal" };
    await assert.rejects(client.call("partition.delete", { ...personal, ...plan }), {
      code: "partition_is_needed",
    });
    await assert.rejects(client.call("partition.rename", { ...personal, to: "x" }), {
      code: "partition_is_needed",
    });
  });
});

Deno.test("one credential that cannot be moved, and nothing is deleted", async () => {
  await withVault(async (vault, directory) => {
    const client = new DirectClient(vault);
    await filled(client);
    const { tamper } = await import("../../vault/support.ts");
    tamper(
      directory,
      "UPDATE credentials SET description = 'x' WHERE name = 'same' AND project_id <> 'default'",
    );
    await assert.rejects(
      client.call("project.delete", { name: "acme", removeCredentials: false, dryRun: false }),
      {
        code: "credential_tampered",
      },
    );
    assert.ok(vault.projects.getByName("acme"));
    assert.equal(vault.partitions.getByName("default", "work"), undefined);
  });
});

Deno.test("counts are those of each group", async () => {
  await withClient(async (client) => {
    await filled(client);
    const { projects } = (await client.call("project.list", {})).result;
    assert.deepEqual(
      projects.map(({ name, partitionCount, credentialCount }) => [name, partitionCount, credentialCount]),
      [
        ["acme", 2, 2],
        ["default", 1, 1],
      ],
    );
    const { partitions } = (await client.call("partition.list", { project: null })).result;
    assert.deepEqual(partitions.map(({ project, name }) => `${project}/${name}`), [
      "acme/personal",
      "acme/work",
      "default/personal",
    ]);
  });
});
