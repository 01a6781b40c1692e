import assert from "node:assert/strict";
import { assertCode, reopen, withVault } from "./support.ts";

Deno.test("every project begins with its own first partition", async () => {
  await withVault(async (vault, directory) => {
    const project = vault.projects.create({ name: "client-alpha", description: "the client" });
    assert.deepEqual(vault.projects.list().map((p) => p.name), ["client-alpha", "default"]);
    assert.deepEqual(vault.projects.get(project.id), { ...project, intact: true });
    assert.deepEqual(vault.projects.getByName("client-alpha"), { ...project, intact: true });
    assert.equal(vault.projects.getByName("none"), undefined);
    const own = vault.partitions.list(project.id);
    assert.deepEqual(own.map((p) => p.name), ["personal"]);
    assert.notEqual(own[0]?.id, vault.partitions.getByName("default", "personal")?.id);
    const again = await reopen(directory);
    assert.deepEqual(again.projects.list(), vault.projects.list());
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("a partition's name is unique in its project only", async () => {
  await withVault((vault) => {
    const project = vault.projects.create({ name: "other", description: "" });
    const work = vault.partitions.create({ projectId: "default", name: "work", description: "at work" });
    vault.partitions.create({ projectId: project.id, name: "work", description: "" });
    assertCode(
      () => vault.partitions.create({ projectId: "default", name: "work", description: "" }),
      "duplicate_name",
    );
    assert.deepEqual(vault.partitions.get(work.id), { ...work, intact: true });
    assert.deepEqual(vault.partitions.getByName("default", "work"), { ...work, intact: true });
    assert.equal(vault.partitions.list().length, 4);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("bad names, taken names and missing projects are refused and change nothing", async () => {
  await withVault((vault) => {
    const generation = vault.generation();
    assertCode(() => vault.projects.create({ name: "default", description: "" }), "duplicate_name");
    assertCode(() => vault.projects.create({ name: " ", description: "" }), "invalid_name");
    assertCode(
      () => vault.partitions.create({ projectId: "default", name: "a\tb", description: "" }),
      "invalid_name",
    );
    assertCode(
      () => vault.partitions.create({ projectId: "none", name: "x", description: "" }),
      "project_not_found",
    );
    assert.equal(vault.generation(), generation);
    assert.equal(vault.projects.list().length, 1);
    assert.equal(vault.partitions.list().length, 1);
  });
});

Deno.test("making a project or a partition is written down", async () => {
  await withVault((vault) => {
    vault.projects.create({ name: "other", description: "" }, { caller: "agent" });
    vault.partitions.create({ projectId: "default", name: "work", description: "" });
    const [partition, project] = vault.audit.query({ last: 2 });
    assert.deepEqual([project?.event, project?.project, project?.caller], [
      "ProjectCreated",
      "other",
      "agent",
    ]);
    assert.deepEqual([partition?.event, partition?.project, partition?.reason], [
      "PartitionCreated",
      "default",
      "partition work",
    ]);
  });
});
