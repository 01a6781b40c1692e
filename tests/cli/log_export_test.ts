import assert from "node:assert/strict";
import type { AuditRow } from "../../src/core/audit.ts";
import { CSV_COLUMNS } from "../../src/cli/log/csv.ts";
import { FakeVault, json, NOW, PASSWORD, run } from "./fake.ts";

function filled(count: number): FakeVault {
  const vault = new FakeVault();
  vault.rows = Array.from({ length: count }, (_, i): AuditRow => ({
    seq: i + 1,
    at: NOW + i,
    event: "CredentialUsed",
    credential: i % 2 === 0 ? "openai" : "github",
    path: `/=${i}\u001b`,
    authenticated: true,
  }));
  return vault;
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

Deno.test("log export writes all rows, oldest first, in pages, after the export itself was written down", async () => {
  const vault = filled(20_000);
  const files: Record<string, Uint8Array> = {};
  const ran = await run(["log", "export", "out.ndjson", "--json"], { vault, files });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(json(ran), { ok: true, output: "out.ndjson", form: "ndjson", rows: 20_000 });
  const ids = text(files["out.ndjson"]).trimEnd().split("\n").map((line) => JSON.parse(line).id);
  assert.deepEqual(ids, vault.rows.map(({ seq }) => seq));
  const calls = vault.calls.filter(({ name }) => name !== "daemon.status");
  assert.deepEqual(calls.map(({ name }) => name), ["audit.export", ...Array(4).fill("audit.query")]);
  assert.deepEqual(calls[0]?.params, { form: "ndjson", target: "file", filtered: false });
  assert.deepEqual(calls[4]?.params, { afterSeq: 15_000, upToSeq: 20_000 });
});

Deno.test("log export takes the filters of log, and writes CSV in which nothing is a formula", async () => {
  const vault = filled(4);
  const files: Record<string, Uint8Array> = {};
  const args = [
    "log",
    "export",
    "out.csv",
    "--csv",
    "--credential",
    "github",
    "--denied",
    "--host",
    "A.test",
  ];
  const ran = await run(args, { vault, files });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^Exported 2 rows to out\.csv\.\n$/);
  const [heading, ...rows] = text(files["out.csv"]).split("\r\n");
  assert.equal(heading, CSV_COLUMNS.join(","));
  assert.equal(rows.filter((row) => row.includes("github")).length, 2);
  assert.ok(!text(files["out.csv"]).includes("\u001b"));
  assert.deepEqual(vault.calls.at(-1)?.params, {
    credential: "github",
    denied: true,
    host: "a.test",
    afterSeq: 0,
    upToSeq: 4,
  });
  assert.equal((await run(["log", "export", "x", "--csv", "--ndjson"])).code, 2);
  assert.equal((await run(["log", "export"])).code, 2);
});

Deno.test("log export replaces a file only when told to", async () => {
  const vault = filled(1);
  const files = { "out.ndjson": Uint8Array.of(1) };
  const refused = await run(["log", "export", "out.ndjson", "--yes"], { vault, files });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /already[\s\S]*--force/);
  assert.deepEqual(files["out.ndjson"], Uint8Array.of(1));
  assert.ok(!vault.calls.some(({ name }) => name === "audit.export"), "nothing was taken out");
  assert.equal((await run(["log", "export", "out.ndjson", "--force"], { vault, files })).code, 0);
  assert.match(text(files["out.ndjson"]), /^\{"id":1,/);
});

Deno.test("log export to standard output prints rows and nothing else", async () => {
  const ran = await run(["log", "export", "-"], { vault: filled(3) });
  assert.equal(ran.code, 0);
  assert.deepEqual(ran.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).id), [1, 2, 3]);
  assert.match(ran.stderr, /Exported 3/);
  assert.equal((ran.vault.calls[1]?.params as { target: string }).target, "stdout");
});

Deno.test("log export of a locked vault takes the master password", async () => {
  const vault = filled(1);
  vault.daemon = "none";
  assert.equal((await run(["log", "export", "-"], { vault })).code, 3);
  assert.equal((await run(["log", "export", "-"], { vault, secrets: [PASSWORD] })).code, 0);
});
