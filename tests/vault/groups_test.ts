import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { assertCode, draft, reopen, tamper, withVault } from "./support.ts";

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

Deno.test("renamed groups keep their credentials, and the vault still adds up", async () => {
  await withVault((vault) => {
    const project = vault.projects.create({ name: "other", description: "about" });
    const work = vault.partitions.create({ projectId: project.id, name: "work", description: "at work" });
    vault.credentials.add(draft(vault, "k", { projectId: project.id, partitionId: work.id }), utf8("v"));
    assert.equal(vault.projects.rename(project.id, "client").name, "client");
    assert.equal(vault.partitions.rename(work.id, "office").description, "at work");
    assert.equal(vault.projects.getByName("other"), undefined);
    assert.equal(vault.credentials.get(project.id, "k")?.partitionId, work.id);
    assert.deepEqual(vault.audit.query({ last: 2 }).map(({ event, reason }) => [event, reason]), [
      ["PartitionRenamed", "partition work is now office"],
      ["ProjectRenamed", "was other"],
    ]);
    assert.equal(vault.verify().ok, true);
    assertCode(() => vault.projects.rename(project.id, "default"), "duplicate_name");
    assertCode(() => vault.partitions.rename(work.id, "personal"), "duplicate_name");
    assertCode(() => vault.partitions.rename(work.id, "a\nb"), "invalid_name");
    assertCode(() => vault.projects.rename("none", "x"), "project_not_found");
    assertCode(() => vault.partitions.rename("none", "x"), "partition_not_found");
    vault.projects.rename(project.id, "client");
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("only empty groups are removed, and the rows add up afterwards", async () => {
  await withVault((vault) => {
    const project = vault.projects.create({ name: "other", description: "" });
    const work = vault.partitions.create({ projectId: project.id, name: "work", description: "" });
    const { id } = vault.credentials.add(
      draft(vault, "k", { projectId: project.id, partitionId: work.id }),
      utf8("v"),
    );
    assertCode(() => vault.projects.remove(project.id), "not_empty");
    assertCode(() => vault.partitions.remove(work.id), "not_empty");
    vault.credentials.remove(id);
    vault.partitions.remove(work.id);
    vault.projects.remove(project.id);
    assert.deepEqual(vault.projects.list().map((each) => each.name), ["default"]);
    assert.equal(vault.partitions.list().length, 1);
    assert.equal(vault.verify().ok, true);
    assertCode(() => vault.projects.remove(project.id), "project_not_found");
  });
});

Deno.test("a group that was changed behind our back is neither renamed nor removed", async () => {
  await withVault((vault, directory) => {
    const project = vault.projects.create({ name: "other", description: "" });
    const work = vault.partitions.create({ projectId: "default", name: "work", description: "" });
    tamper(directory, "UPDATE projects SET name = 'mine' WHERE id = ?", project.id);
    tamper(directory, "UPDATE partitions SET description = 'x' WHERE id = ?", work.id);
    assertCode(() => vault.projects.rename(project.id, "x"), "project_tampered");
    assertCode(() => vault.projects.remove(project.id), "project_tampered");
    assertCode(() => vault.partitions.remove(work.id), "partition_tampered");
  });
});

Deno.test("a transaction is all or nothing, in rows, ledger and log", async () => {
  await withVault((vault) => {
    const before = [vault.generation(), vault.audit.count()];
    assert.throws(() =>
      vault.transaction(() => {
        vault.projects.create({ name: "one", description: "" });
        vault.credentials.add(draft(vault, "k"), utf8("v"));
        throw new RangeError("stop");
      }), RangeError);
    assert.deepEqual([vault.generation(), vault.audit.count()], before);
    assert.equal(vault.verify().ok, true);
    vault.transaction(() => {
      vault.projects.create({ name: "one", description: "" });
      vault.credentials.add(draft(vault, "k"), utf8("v"));
    });
    assert.equal(vault.credentials.count(), 1);
    assert.equal(vault.verify().ok, true);
  });
});
