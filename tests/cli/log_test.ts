import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditRow } from "../../src/core/audit.ts";
import { approvalDigest } from "../../src/core/approval.ts";
import { CSV_COLUMNS, csvCell } from "../../src/cli/log/csv.ts";
import { parseMoment } from "../../src/cli/log/filter.ts";
import { FakeVault, json, NOW, run } from "./fake.ts";
import { FAKE_PAGE, QUESTION } from "./fake_log.ts";

const ENV = { WISPKEY_PASSWORD: "correct horse battery staple" };

function used(seq: number, changes: Partial<AuditRow> = {}): AuditRow {
  return {
    seq,
    at: NOW,
    event: "CredentialUsed",
    credential: "openai",
    host: "api.openai.com",
    path: "/v1",
    method: "GET",
    authenticated: true,
    ...changes,
  };
}

Deno.test("log passes every filter on", async () => {
  const ran = await run([
    ...["log", "--caller", "claude", "--host", "API.test", "--event", "CredentialDenied", "--denied"],
    ...["--since", "2h", "--until", "2026-01-31T10:00Z", "--json"],
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.vault.calls.at(-1)?.params, {
    last: 50,
    caller: "claude",
    host: "api.test",
    event: "CredentialDenied",
    denied: true,
    since: NOW - 2 * 3_600_000,
    until: Date.UTC(2026, 0, 31, 10),
  });
  assert.equal((await run(["log", "--event", "CredentialUse"])).code, 2);
  assert.equal((await run(["log", "--csv", "--ndjson"])).code, 2);
});

Deno.test("moments are days, times of day or so long ago, and nothing else", () => {
  assert.equal(parseMoment("30m", "since", 10_000_000, 0), 10_000_000 - 1_800_000);
  assert.equal(parseMoment("1970-01-02", "until", 0, 5), 86_400_005);
  assert.equal(parseMoment("1970-01-01T00:01:02.5Z", "since", 0, 5), 62_500);
  for (const bad of ["yesterday", "1h30m", "2026-02-30", "2026-02-30T00:00Z", "2026-01-01T25:00Z", ""]) {
    assert.throws(() => parseMoment(bad, "since", 0, 0), bad);
  }
});

Deno.test("log prints a JSON object a line, or CSV with a heading", async () => {
  const vault = new FakeVault();
  vault.rows = [used(1), used(2, { path: "/a,b" })];
  const lines = (await run(["log", "--ndjson"], { vault })).stdout.trim().split("\n");
  assert.deepEqual(lines.map((line) => JSON.parse(line).id), [2, 1]);
  const csv = (await run(["log", "--csv"], { vault })).stdout.split("\r\n");
  assert.equal(csv[0], CSV_COLUMNS.join(","));
  assert.match(csv[1] ?? "", /^2,2026-01-31T12:34:56.000Z,CredentialUsed,openai,.*,"\/a,b",GET,/);
});

Deno.test("the columns of CSV are the members of the JSON form", async () => {
  const vault = new FakeVault();
  vault.rows = [used(1)];
  const [entry] = json(await run(["log", "--json"], { vault })).entries;
  assert.deepEqual(Object.keys(entry).sort(), [...CSV_COLUMNS].sort());
});

Deno.test("no text of anyone's becomes a formula, a second cell or a control character in CSV", () => {
  for (const evil of ["=1+1", " =cmd|' /C calc'!A0", "+1", "-1", "@x", "\uff1d1", "'=1", '"=1']) {
    assert.match(csvCell(evil), /^"?'/, JSON.stringify(evil));
  }
  assert.equal(csvCell("plain"), "plain");
  assert.equal(csvCell('a"b,c'), '"a""b,c"');
  assert.deepEqual([csvCell(null), csvCell(-5), csvCell(true)], ["", "-5", "true"]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const cell = csvCell(text);
    assert.ok(!/[\r\n\p{Cc}]/u.test(cell));
    const quoted = /^"(?:[^"]|"")*"$/.test(cell);
    assert.ok(quoted || !/[",]/.test(cell));
    assert.ok(!/^["\s]*[=+\-@]/.test(cell));
  }));
});

Deno.test("log stats counts uses and refusals by credential, host and day", async () => {
  const vault = new FakeVault();
  vault.rows = [
    used(1),
    used(2, { credential: "github", host: "api.github.com" }),
    used(3),
    used(4, { event: "CredentialDenied", denied: true, at: NOW - 86_400_000 }),
    used(5, { event: "ResponseScrubbed" }),
  ];
  const counted = json(await run(["log", "stats", "--json"], { vault }));
  assert.deepEqual(counted.credentials, [
    { name: "openai", uses: 2, denied: 1 },
    { name: "github", uses: 1, denied: 0 },
  ]);
  assert.deepEqual(counted.days.map((day: { name: string }) => day.name), ["2026-01-30", "2026-01-31"]);
  assert.match(
    (await run(["log", "stats"], { vault, stdoutTerminal: true })).stdout,
    /openai\s+2\s+1\s+█{30}\n/,
  );
  assert.match((await run(["log", "stats"], { vault })).stdout, /openai\s+2\s+1\n/, "no bars in a pipe");
});

Deno.test("log verify says what is wrong and ends with 1, log prune asks first", async () => {
  const good = await run(["log", "verify"]);
  assert.equal(good.code, 0);
  assert.match(good.stdout, /as it was written: 7 rows,.*\nWritten while locked.*: 1 row\./);
  assert.equal((await run(["log", "prune"])).code, 2);
  const refused = await run(["log", "prune", "--keep", "5"], { env: ENV, confirm: false });
  assert.notEqual(refused.code, 0);
  assert.ok(!refused.vault.calls.some(({ name }) => name === "audit.prune"));
});

Deno.test("approving shows the question, escaped, and binds the answer to what was shown", async () => {
  const ran = await run(["approvals", "approve", QUESTION.id, "--for", "10m", "--this-path"], { env: ENV });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /the agent's own words\): POST https:\/\/api\.openai\.com\/v1\\u\{1b\}/);
  const call = ran.vault.calls.find(({ name }) => name === "approvals.approve");
  assert.equal(call?.proven, true);
  assert.deepEqual(call?.params, {
    id: QUESTION.id,
    digest: await approvalDigest(QUESTION),
    forMs: 600_000,
    session: false,
    thisPath: true,
  });
  for (const args of [["--this-path"], ["--for", "13h"], ["--for", "1"], ["--for", "1m", "--session"]]) {
    assert.equal(
      (await run(["approvals", "approve", QUESTION.id, ...args], { env: ENV })).code,
      2,
      args.join(" "),
    );
  }
  assert.equal((await run(["approvals", "deny", "ffffffffffff"])).code, 4);
});

Deno.test("log, log --csv and log stats go through the log page by page", async () => {
  const vault = new FakeVault();
  vault.rows = Array.from({ length: 2 * FAKE_PAGE + 10 }, (_, i) => used(i + 1, { at: NOW + i }));
  const count = vault.rows.length;
  const args = ["log", "--last", "1000000"];
  assert.equal(json(await run([...args, "--json"], { vault })).entries.length, count);
  for (const daemon of ["unlocked", "none"] as const) {
    vault.daemon = daemon;
    const lines = (await run([...args, "--ndjson"], { vault })).stdout.trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => JSON.parse(line).id), vault.rows.map(({ seq }) => seq).reverse());
  }
  assert.equal(json(await run(["log", "stats", "--json"], { vault })).credentials[0].uses, count);
  const few = ["log", "--last", String(FAKE_PAGE + 1), "--csv"];
  assert.equal((await run(few, { vault })).stdout.trimEnd().split("\r\n").length, FAKE_PAGE + 2);
});
