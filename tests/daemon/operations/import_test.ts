import { setImmediate } from "node:timers";
import assert from "node:assert/strict";
import { operationContext } from "../operation_context.ts";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import type { NewCredential } from "../../../src/daemon/api/import.ts";
import { DirectClient } from "../../../src/daemon/direct.ts";
import { runOperation } from "../../../src/daemon/service.ts";
import { Vault } from "../../../src/vault/mod.ts";
import { CHEAP_KDF } from "../../vault/cheap_kdf.ts";

async function withClient(work: (client: DirectClient, vault: Vault) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "wk-import-" });
  const vault = await Vault.create(`${directory}/vault`, utf8("a master password"), CHEAP_KDF);
  const client = new DirectClient(vault);
  try {
    await work(client, vault);
  } finally {
    client.close();
    await Deno.remove(directory, { recursive: true });
  }
}

function fresh(name: string, value: string, changes: Partial<NewCredential> = {}): NewCredential {
  return {
    name,
    description: "",
    type: "bearer_token",
    place: null,
    hosts: ["api.example.com"],
    tags: ["imported"],
    length: utf8(value).length,
    ...changes,
  };
}

const where = { project: "default", partition: "personal" };

Deno.test("many credentials are added in one transaction, each with its value, its token and a row in the log", async () => {
  await withClient(async (client, vault) => {
    const values = ["first", "", "drei 🔑"];
    const credentials = values.map((value, index) => fresh(`c${index}`, value));
    const { result } = await client.call(
      "credential.add_many",
      { ...where, credentials },
      utf8(values.join("")),
    );
    assert.deepEqual(result.added.map(({ name }) => name), ["c0", "c1", "c2"]);
    for (const [index, { id, token }] of result.added.entries()) {
      assert.deepEqual(vault.credentials.openValue(id), utf8(values[index] ?? ""));
      assert.equal(vault.credentials.getById(id)?.token, token);
    }
    assert.equal(vault.audit.query({ event: "CredentialAdded" }).length, 3);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("one bad row, or lengths that do not fit, and nothing is added", async () => {
  await withClient(async (client, vault) => {
    const good = fresh("good", "value");
    const cases: [NewCredential[], string, RegExp][] = [
      [[good, fresh("good", "other")], "valueother", /already|name/],
      [[good, fresh("bad\u0007", "x")], "valuex", /control character/],
      [[good, fresh("wide", "x", { hosts: ["*.workers.dev"] })], "valuex", /anybody|public|wildcard/i],
      [[good, fresh("placeless", "x", { type: "custom_header" })], "valuex", /place|header/],
      [[good], "value and more", /lengths/],
      [[{ ...good, length: 99 }], "value", /lengths/],
      [[{ ...good, type: "none" as "api_key" }], "value", /'type' does not fit/],
    ];
    for (const [credentials, payload, why] of cases) {
      await assert.rejects(client.call("credential.add_many", { ...where, credentials }, utf8(payload)), why);
      assert.equal(vault.credentials.count(), 0, String(why));
    }
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("ten thousand are one call, and the log and the rows verify afterwards", async () => {
  await withClient(async (client, vault) => {
    const values = Array.from({ length: 10_000 }, (_, i) => `value of number ${i}`);
    const credentials = values.map((value, i) => fresh(`c${i}`, value));
    await client.call("credential.add_many", { ...where, credentials }, utf8(values.join("")));
    assert.equal(vault.credentials.count(), 10_000);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a file is kept sealed, listed, and given back byte for byte", async () => {
  await withClient(async (client, vault) => {
    const content = concat(utf8("A=secret\r\n\n# note"), new Uint8Array([0, 255, 10]));
    const { result } = await client.call("backup.put", { path: "/project/.env" }, content);
    const { backups } = (await client.call("backup.list", {})).result;
    assert.deepEqual(backups.map(({ id, path, size }) => ({ id, path, size })), [
      { id: result.backup.id, path: "/project/.env", size: content.length },
    ]);
    const { payload } = await client.call("backup.get", { id: result.backup.id });
    assert.deepEqual(payload, content);
    assert.deepEqual(
      vault.audit.query().filter(({ event }) => event.startsWith("File")).map(({ event }) => event),
      ["FileBackedUp", "FileRestored"],
    );
    await assert.rejects(client.call("backup.get", { id: "none" }), { code: "backup_not_found" });
    await assert.rejects(client.call("backup.put", { path: "" }, content), { code: "bad_parameters" });
  });
});

Deno.test("giving a kept file back needs the password, although keeping it does not", async () => {
  await withClient(async (client, vault) => {
    const { result } = await client.call("backup.put", { path: "/project/.env" }, utf8("A=secret"));
    const context = operationContext(vault);
    const stranger = { kind: "caller", proof: undefined, takeNonce: () => true } as const;
    const nothing = new Uint8Array(0);
    await assert.rejects(runOperation(context, stranger, "backup.get", { id: result.backup.id }, nothing), {
      code: "password_required",
    });
    await runOperation(context, stranger, "backup.list", {}, nothing);
  });
});

Deno.test("listing kept files lets others have their turn between two of them", async () => {
  await withClient(async (client) => {
    for (const path of ["/a", "/b", "/c"]) await client.call("backup.put", { path }, utf8("A=secret"));
    let turns = 0;
    let listing = true;
    const count = () => void (turns++, listing && setImmediate(count));
    setImmediate(count);
    await client.call("backup.list", {});
    listing = false;
    assert.ok(turns >= 2, `${turns} turns`);
    await new Promise((resolve) => setImmediate(resolve));
  });
});

Deno.test("so many files are kept and no more, and none gives way for another", async () => {
  await withClient(async (client) => {
    const content = utf8("A=secret");
    const { result } = await client.call("backup.put", { path: "/first" }, content);
    for (let n = 1; n < 200; n++) await client.call("backup.put", { path: `/f${n}` }, content);
    await assert.rejects(client.call("backup.put", { path: "/more" }, content), { code: "too_many_backups" });
    const { payload } = await client.call("backup.get", { id: result.backup.id });
    assert.deepEqual(payload, content);
    await client.call("backup.remove", { ids: [result.backup.id] });
    await client.call("backup.put", { path: "/more" }, content);
  });
});

Deno.test("kept files are removed all or none, with the password, and each is written down", async () => {
  await withClient(async (client, vault) => {
    const ids: string[] = [];
    for (const path of ["/a", "/b", "/c"]) {
      ids.push((await client.call("backup.put", { path }, utf8("A=secret"))).result.backup.id);
    }
    const stranger = { kind: "caller", proof: undefined, takeNonce: () => true } as const;
    const refused = runOperation(
      operationContext(vault),
      stranger,
      "backup.remove",
      { ids },
      new Uint8Array(0),
    );
    await assert.rejects(refused, { code: "password_required" });
    await assert.rejects(client.call("backup.remove", { ids: [...ids, "none"] }), {
      code: "backup_not_found",
    });
    assert.equal((await client.call("backup.list", {})).result.backups.length, 3);
    const [a = "", b = ""] = ids;
    assert.equal((await client.call("backup.remove", { ids: [a, b, a] })).result.removed, 2);
    assert.deepEqual((await client.call("backup.list", {})).result.backups.map(({ path }) => path), ["/c"]);
    const rows = vault.audit.query({ event: "FileForgotten" });
    assert.deepEqual(rows.map(({ reason }) => reason), ["/a", "/b"]);
    assert.equal(vault.verify().ok, true);
  });
});
