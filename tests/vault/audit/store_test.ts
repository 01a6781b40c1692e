import assert from "node:assert/strict";
import fc from "fast-check";
import { AUDIT_EVENTS, type AuditEntry } from "../../../src/core/audit.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import type { Vault } from "../../../src/vault/mod.ts";
import { MAX_AUDIT_TEXT } from "../../../src/vault/audit/record.ts";
import { readAuditPage } from "../../../src/vault/mod.ts";
import { assertCode, draft, peek, reopen, tamper, withVault } from "../support.ts";

const USED: AuditEntry = {
  event: "CredentialUsed",
  credential: "k",
  host: "a.example",
  path: "/v1",
  method: "GET",
};

function times(count: number, entry: AuditEntry = USED): AuditEntry[] {
  return Array.from({ length: count }, () => entry);
}

function badSeq(vault: Vault): number | undefined {
  return vault.verify().badAuditSeq;
}

Deno.test("rows are numbered without gaps and read back as written", async () => {
  await withVault((vault) => {
    const entry: Required<AuditEntry> = {
      event: "CredentialUseFinished",
      credential: "k",
      project: "default",
      tokenFingerprint: "0123456789abcdef",
      caller: "agent",
      host: "a.example:8443",
      path: "/v1/chat",
      method: "POST",
      status: 200,
      denied: false,
      reason: "because",
      policy: "office-hours",
      requestId: "req_0123456789abcdef01",
      refersTo: 1,
      bytesOut: 10,
      bytesIn: 2 ** 40,
      durationMs: 12,
    };
    const first = vault.audit.count();
    assert.deepEqual(vault.audit.append([entry, USED], 123_456), [first + 1, first + 2]);
    assert.deepEqual(vault.audit.append([], 1), []);
    const [two, one] = vault.audit.query({ last: 2 });
    assert.deepEqual(one, { ...entry, seq: first + 1, at: 123_456, authenticated: true });
    assert.deepEqual(two, { ...USED, seq: first + 2, at: 123_456, authenticated: true });
    assert.equal(vault.audit.head().seq, first + 2);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("any text in an entry is kept so that the chain still verifies", async () => {
  await withVault((vault) => {
    const text = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom(...AUDIT_EVENTS),
        text,
        text,
        fc.double(),
        (event, reason, path, durationMs) => {
          const entry: AuditEntry = { event, durationMs };
          if (reason !== undefined) entry.reason = reason;
          if (path !== undefined) entry.path = path;
          vault.audit.append([entry], 1);
        },
      ),
      { numRuns: 60, examples: [["VaultLocked", "a\0b", "\ud800", 0.4]] },
    );
    vault.audit.append([{ event: "VaultLocked", reason: "x".repeat(100_000) }], 1);
    assert.equal(vault.audit.query({ last: 1 })[0]?.reason?.length, MAX_AUDIT_TEXT + 1);
    assert.equal(badSeq(vault), undefined);
  });
});

Deno.test("filters choose by credential, time, number and count", async () => {
  await withVault((vault) => {
    const start = vault.audit.count();
    for (let i = 1; i <= 6; i++) {
      vault.audit.append([{ ...USED, credential: i % 2 ? "odd" : "even" }], i * 100);
    }
    const seqs = (filter: Parameters<Vault["audit"]["query"]>[0]) =>
      vault.audit.query({ afterSeq: start, ...filter }).map((row) => row.seq - start);
    assert.deepEqual(seqs({}), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(seqs({ credential: "odd" }), [1, 3, 5]);
    assert.deepEqual(seqs({ since: 300, until: 500 }), [3, 4]);
    assert.deepEqual(seqs({ last: 2 }), [6, 5]);
    assert.deepEqual(seqs({ last: 2, credential: "even" }), [6, 4]);
    assert.deepEqual(seqs({ afterSeq: start + 4 }), [5, 6]);
    assert.deepEqual(seqs({ last: 0 }), []);
    assert.deepEqual(seqs({ credential: "k' OR 1=1 --" }), []);
  });
});

Deno.test("rows written while locked carry no MAC, and later rows cover them", async () => {
  await withVault(async (vault, directory) => {
    vault.audit.append([USED], 1);
    vault.dropKeys();
    const locked = vault.audit.append(times(3), 2);
    vault.close();
    assert.deepEqual((await readAuditPage(directory, { last: 3 })).rows.map((row) => row.authenticated), [
      false,
      false,
      false,
    ]);
    const again = await reopen(directory);
    try {
      assert.equal(again.verify().ok, true);
      assert.equal(again.verify().unauthenticatedRows, 3);
      const [seq] = again.audit.append([USED], 3);
      assert.equal(seq, (locked.at(-1) ?? 0) + 1);
      assert.equal(again.verify().ok, true);
      tamper(
        directory,
        "UPDATE audit SET record = json_set(record, '$.host', 'evil') WHERE seq = ?",
        locked[1] ?? 0,
      );
      assert.equal(badSeq(again), seq);
    } finally {
      again.close();
    }
  });
});

const EDITS: Readonly<Record<string, string>> = {
  "another host": "record = json_set(record, '$.host', 'b.example')",
  "another time": "at = at + 1",
  "a time before all time": "at = -1",
  "another event": "record = json_set(record, '$.event', 'VaultLocked')",
  "an unknown event": "record = json_set(record, '$.event', 'Nothing')",
  "a denial added": "record = json_set(record, '$.denied', json('true'))",
  "a field emptied": "record = json_remove(record, '$.credential')",
  "a blank added": "record = record || ' '",
  "a record that is no JSON": "record = 'x'",
  "another MAC": "mac = zeroblob(32)",
  "no MAC": "mac = NULL",
  "a status beyond numbers": "record = json_set(record, '$.status', 1152921504606846976)",
};
for (const [what, assignment] of Object.entries(EDITS)) {
  Deno.test(`a row of the log with ${what} is found`, async () => {
    await withVault((vault, directory) => {
      const seqs = vault.audit.append(times(6), 1);
      const bad = seqs[2] ?? 0;
      tamper(directory, `UPDATE audit SET ${assignment} WHERE seq = ?`, bad);
      // Without its MAC a row passes for one that was written while locked; the next one gives it away.
      assert.equal(badSeq(vault), what === "no MAC" ? bad + 1 : bad);
      assert.equal(vault.audit.query({ afterSeq: bad - 1 })[0]?.seq, bad, "it can still be read");
    });
  });
}

Deno.test("removed, cut off and inserted rows are found", async () => {
  const cases: [string, (seqs: number[]) => number][] = [
    ["DELETE FROM audit WHERE seq = $seq", (seqs) => seqs[2] ?? 0],
    ["DELETE FROM audit WHERE seq >= $seq", (seqs) => seqs[4] ?? 0],
    [
      `INSERT INTO audit (seq, at, record, mac)
       SELECT max(seq) + 1, 1, '{"event":"VaultLocked"}', zeroblob(32) FROM audit WHERE $seq > 0`,
      (seqs) => (seqs.at(-1) ?? 0) + 1,
    ],
  ];
  for (const [sql, badOf] of cases) {
    await withVault((vault, directory) => {
      const seqs = vault.audit.append(times(6), 1);
      tamper(directory, sql.replace("$seq", String(badOf(seqs))));
      assert.equal(badSeq(vault), badOf(seqs), sql);
      const end = Number(peek(directory, "SELECT max(seq) AS seq FROM audit")[0]?.seq);
      // What changed at the end is noticed at once; a row missing before is left for the check.
      if (end === seqs.at(-1)) vault.audit.append([USED], 2);
      else assertCode(() => vault.audit.append([USED], 2), "audit_tampered");
      assert.equal(badSeq(vault), badOf(seqs), `${sql}: going on must not hide it`);
    });
  }
});

Deno.test("a log cut back together with its head is refused by the process that saw more", async () => {
  await withVault((vault, directory) => {
    vault.audit.append([USED], 1);
    const head = peek(directory, "SELECT * FROM audit_head")[0];
    vault.audit.append(times(5), 2);
    tamper(directory, "DELETE FROM audit WHERE seq > ?", Number(head?.seq));
    tamper(
      directory,
      "UPDATE audit_head SET seq = ?, link = ?, mac = ?",
      Number(head?.seq),
      head?.link as Uint8Array,
      head?.mac as Uint8Array,
    );
    assertCode(() => vault.audit.append([USED], 3), "audit_tampered");
    assertCode(() => vault.credentials.add(draft(vault, "k"), utf8("v")), "audit_tampered");
    assert.equal(vault.credentials.count(), 0, "no row, no change");
    assert.equal(badSeq(vault), Number(head?.seq) + 1);
  });
});

Deno.test("a log cut back to before the last change is found by a process that saw nothing", async () => {
  await withVault(async (vault, directory) => {
    const head = peek(directory, "SELECT * FROM audit_head")[0];
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    vault.close();
    tamper(directory, "DELETE FROM audit WHERE seq > ?", Number(head?.seq));
    tamper(
      directory,
      "UPDATE audit_head SET seq = ?, link = ?, mac = ?",
      Number(head?.seq),
      head?.link as Uint8Array,
      head?.mac as Uint8Array,
    );
    const again = await reopen(directory);
    try {
      assert.equal(badSeq(again), Number(head?.seq) + 1);
      const [seq] = again.audit.append([USED], 3);
      const rows = again.audit.query({ last: 2 });
      assert.equal(rows[1]?.event, "VaultChangedOutside");
      assert.equal(rows[0]?.seq, seq);
      assert.equal(again.verify().ok, false, "the gap stays to be seen");
    } finally {
      again.close();
    }
  });
});

Deno.test("a log without its head does not keep the owner out, but says so for good", async () => {
  for (
    const sql of [
      "DELETE FROM audit_head",
      "UPDATE audit_head SET mac = zeroblob(32)",
      "UPDATE audit_head SET link = x''",
    ]
  ) {
    await withVault(async (vault, directory) => {
      vault.audit.append(times(3), 1);
      vault.close();
      tamper(directory, sql);
      const again = await reopen(directory);
      again.audit.append([USED], 2);
      again.audit.append([USED], 3);
      again.close();
      const later = await reopen(directory);
      try {
        assert.equal(later.verify().ok, false, sql);
        assert(later.audit.query().some((row) => row.event === "VaultChangedOutside"), sql);
      } finally {
        later.close();
      }
    });
  }
});

Deno.test("rows of a transaction that failed leave no trace in what is remembered", async () => {
  await withVault((vault, directory) => {
    vault.audit.append([USED], 1);
    tamper(
      directory,
      "CREATE TRIGGER refuse BEFORE INSERT ON audit WHEN NEW.reason = 'no' BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    assert.throws(() => vault.audit.append([USED, { ...USED, reason: "no" }], 2));
    tamper(directory, "DROP TRIGGER refuse");
    vault.audit.append([USED], 3);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("two open vaults append to one log in turn", async () => {
  await withVault(async (vault, directory) => {
    const other = await reopen(directory);
    try {
      for (let i = 0; i < 10; i++) {
        vault.audit.append(times(2), i);
        other.audit.append(times(3), i);
      }
      other.lock();
      other.audit.append(times(2), 11);
      vault.audit.append([USED], 12);
      const report = vault.verify();
      assert.equal(report.ok, true);
      assert.equal(report.unauthenticatedRows, 2);
    } finally {
      other.close();
    }
  });
});
