import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { argon2id } from "hash-wasm";
import { concat, utf8 } from "../../src/core/bytes.ts";
import type { Place } from "../../src/core/credential.ts";
import type { Manifest } from "../../src/sharing/content.ts";
import { writeBundleV1 } from "../../src/sharing/v1.ts";
import { copies, credential, faultOf, manifestFor, opener, PASSPHRASE, read } from "./support.ts";

/** The key as earlier builds derive it, by another implementation. */
function derive(salt: Uint8Array): Promise<Uint8Array> {
  const cost = { memorySize: 65_536, iterations: 3, parallelism: 4, hashLength: 32 } as const;
  return argon2id({ ...cost, password: PASSPHRASE, salt, outputType: "binary" });
}

/** Writes as earlier builds do. */
async function writeAsTheyDo(magic: string, json: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const [salt, nonce] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", await derive(salt), nonce);
  const text = typeof json === "string" ? json : JSON.stringify(json);
  const sealed = concat(cipher.update(utf8(text)), cipher.final());
  return concat(utf8(magic), Uint8Array.of(1), salt, nonce, sealed, cipher.getAuthTag());
}

/** Reads as earlier builds do. */
async function readAsTheyDo(bytes: Uint8Array) {
  const decipher = createDecipheriv(
    "aes-256-gcm",
    await derive(bytes.subarray(5, 37)),
    bytes.subarray(37, 49),
  );
  decipher.setAuthTag(bytes.subarray(-16));
  const plain = concat(decipher.update(bytes.subarray(49, -16)), decipher.final());
  return {
    magic: new TextDecoder().decode(bytes.subarray(0, 4)),
    json: JSON.parse(new TextDecoder().decode(plain)),
  };
}

const theirs = (name: string, changes: Record<string, unknown> = {}) => ({
  name,
  description: "",
  credential_type: "BearerToken",
  value: `value of ${name}`,
  hosts: "",
  tags: "",
  ...changes,
});

Deno.test("a partition bundle of an earlier build is read", async () => {
  const bytes = await writeAsTheyDo("WKBX", {
    partition: "staging",
    description: "Staging API keys",
    project: "client-alpha",
    exported_at: "2025-06-01T10:00:00.123456789+00:00",
    credentials: [
      theirs("openai", {
        hosts: "api.openai.com, *.example.com,",
        tags: "ai,prod",
        description: "the main key",
      }),
      theirs("header", { credential_type: { CustomHeader: { header_name: "X-Api-Key" } } }),
      theirs("query", { credential_type: { QueryParam: { param_name: "key" } } }),
      theirs("key", { credential_type: "ApiKey", value: "multi\nline \u{1f511}" }),
      theirs("basic", { credential_type: "BasicAuth", value: "user:password" }),
    ],
  });
  const { version, manifest, credentials, notes } = await read(bytes);
  assert.equal(version, 1);
  assert.deepEqual(manifest.project, { name: "client-alpha", description: "" });
  assert.deepEqual(manifest.partitions, [{ name: "staging", description: "Staging API keys" }]);
  assert.deepEqual(notes, []);
  const values = credentials.map(({ value }) => new TextDecoder().decode(value));
  assert.deepEqual(values.slice(3), ["multi\nline \u{1f511}", "user:password"]);
  assert.deepEqual(
    credentials.map(({ type, place, hosts, tags, partition }) => [type, place, hosts, tags, partition]),
    [
      ["bearer_token", null, ["api.openai.com", "*.example.com"], ["ai", "prod"], "staging"],
      ["custom_header", { in: "header", name: "X-Api-Key" }, [], [], "staging"],
      ["query_param", { in: "query", name: "key" }, [], [], "staging"],
      ["api_key", null, [], [], "staging"],
      ["basic_auth", null, [], [], "staging"],
    ],
  );
});

Deno.test("a project bundle and a credential bundle of an earlier build are read", async () => {
  const project = await read(
    await writeAsTheyDo("WKPJ", {
      project: "acme",
      description: "a client",
      exported_at: "2025-06-01T10:00:00Z",
      partitions: [
        { name: "personal", description: "", credentials: [theirs("a")] },
        { name: "empty", description: "nothing", credentials: [] },
      ],
    }),
  );
  assert.equal(project.manifest.project.description, "a client");
  assert.deepEqual(project.manifest.partitions.map(({ name }) => name), ["personal", "empty"]);
  assert.equal(project.credentials.length, 1);
  const one = await read(
    await writeAsTheyDo("WKCR", {
      project: "",
      partition: "personal",
      exported_at: "2025-06-01T10:00:00Z",
      credential: theirs("a"),
    }),
  );
  assert.deepEqual([one.manifest.kind, one.manifest.project.name, one.credentials.length], [
    "credential",
    "default",
    1,
  ]);
});

Deno.test("names, hosts and types that cannot be here are made usable or left out, and told", async () => {
  const { credentials, notes } = await read(
    await writeAsTheyDo("WKBX", {
      partition: "p",
      description: "",
      project: "",
      exported_at: "2025-06-01T10:00:00Z",
      credentials: [
        theirs("  "),
        theirs("a\nb"),
        theirs("--rf"),
        theirs("rf"),
        theirs("hosts", { hosts: "ok.example,!evil.example,*example.com,*.workers.dev,{a,b}.example" }),
        theirs("type", { credential_type: { CustomHeader: { header_name: "Host" } } }),
        theirs("odd", { credential_type: "Everything" }),
      ],
    }),
  );
  assert.deepEqual(credentials.map(({ name }) => name), [
    "unnamed",
    "a_b",
    "rf",
    "rf-2",
    "hosts",
    "type",
    "odd",
  ]);
  assert.deepEqual(
    credentials[4]?.hosts,
    ["ok.example"],
  );
  assert.deepEqual(credentials.slice(5).map(({ type }) => type), ["api_key", "api_key"]);
  assert.ok(notes.some((note) => note.includes("*.workers.dev")), notes.join("\n"));
  assert.equal(notes.length, 4 + 5 + 2, notes.join("\n"));
});

Deno.test("a wrong passphrase, a changed byte and a cut are refused", async () => {
  const bytes = await writeAsTheyDo("WKBX", {
    partition: "p",
    description: "",
    project: "",
    exported_at: "",
    credentials: [],
  });
  assert.equal(await faultOf(bytes, opener("some other passphrase")), "bundle_wrong_key");
  for (const at of [40, bytes.length - 1]) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    assert.equal(await faultOf(changed), "bundle_wrong_key");
  }
  assert.equal(await faultOf(bytes.subarray(0, 64)), "bundle_damaged");
  for (const json of ["not json", { partition: "p", credentials: {} }, "null"]) {
    assert.equal(await faultOf(await writeAsTheyDo("WKBX", json)), "bundle_invalid", JSON.stringify(json));
  }
});

async function writeOurs(
  credentials: Parameters<typeof copies>[0],
  changes: Partial<Manifest> = {},
): Promise<{ bytes: Uint8Array; notes: string[] }> {
  const chunks: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => Promise.resolve(void chunks.push(bytes.slice())) };
  const notes = await writeBundleV1(
    sink,
    utf8(PASSPHRASE),
    manifestFor(credentials, changes),
    copies(credentials),
  );
  return { bytes: concat(...chunks), notes };
}

Deno.test("what --v1 writes is read by an earlier build, kind by kind", async () => {
  const all = [
    credential("a", { partition: "personal" }),
    credential("b", { type: "custom_header", place: { in: "header", name: "X-Key" }, partition: "work" }),
  ];
  const project = await readAsTheyDo((await writeOurs(all)).bytes);
  assert.equal(project.magic, "WKPJ");
  assert.deepEqual(project.json, {
    project: "acme",
    description: "a client",
    exported_at: "2026-01-31T12:34:56.000Z",
    partitions: [
      {
        name: "personal",
        description: "",
        credentials: [{
          name: "a",
          description: "the a key",
          credential_type: "BearerToken",
          value: "secret of a",
          hosts: "a.example",
          tags: "a,b",
        }],
      },
      {
        name: "work",
        description: "",
        credentials: [{
          name: "b",
          description: "the b key",
          credential_type: { CustomHeader: { header_name: "X-Key" } },
          value: "secret of b",
          hosts: "b.example",
          tags: "a,b",
        }],
      },
    ],
  });
  const one = credential("a");
  const partition = await readAsTheyDo((await writeOurs([one], { kind: "partition" })).bytes);
  assert.deepEqual([
    partition.magic,
    partition.json.partition,
    partition.json.project,
    partition.json.credentials.length,
  ], [
    "WKBX",
    "personal",
    "acme",
    1,
  ]);
  const single = await readAsTheyDo((await writeOurs([one], { kind: "credential" })).bytes);
  assert.deepEqual([single.magic, single.json.credential.value], ["WKCR", "secret of a"]);
  const back = await read((await writeOurs(all)).bytes);
  assert.deepEqual(back.credentials, all);
});

Deno.test("what version 1 has no words for is refused or told", async () => {
  const place: Place = { in: "body_json", pointer: "/token" };
  const { notes } = await writeOurs([credential("a", { type: "api_key", place, tags: ["x,y", "z"] })]);
  assert.deepEqual(notes, ["a: version 1 has no words for its place", "a: tags with a comma were left out"]);
  await assert.rejects(writeOurs([credential("a", { value: new Uint8Array([0xff]) })]), {
    code: "value_not_text",
  });
});
