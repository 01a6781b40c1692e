import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import type { AuditEntry } from "../../src/core/audit.ts";
import {
  type ChainHead,
  type ChainRow,
  encodeAuditRow,
  firstLink,
  LINK_LENGTH,
  nextLink,
  verifyChain,
} from "../../src/core/audit_chain.ts";

const mac = (message: Uint8Array) => new Uint8Array(createHmac("sha256", "key").update(message).digest());
const hash = (message: Uint8Array) => new Uint8Array(createHash("sha256").update(message).digest());

/** A log of the given rows: true = authenticated, false = written while locked. */
function log(authenticated: readonly boolean[]): { rows: ChainRow[]; head: ChainHead } {
  let link: Uint8Array = firstLink();
  let head: ChainHead = { seq: 0, link };
  const rows = authenticated.map((withMac, i): ChainRow => {
    const bytes = encodeAuditRow(i + 1, 1_000 + i, { event: "CredentialUsed", credential: `k${i}` });
    link = nextLink(link, bytes, withMac ? mac : hash);
    if (withMac) head = { seq: i + 1, link };
    return { seq: i + 1, bytes, mac: withMac ? link : null };
  });
  return { rows, head };
}

const check = ({ rows, head }: { rows: ChainRow[]; head: ChainHead }) => verifyChain(rows, head, mac, hash);
const shape = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });

Deno.test("an untouched log verifies, with its unauthenticated rows counted", () => {
  fc.assert(fc.property(shape, (authenticated) => {
    const verdict = check(log(authenticated));
    assert(verdict.ok);
    assert.equal(verdict.rows, authenticated.length);
    assert.equal(verdict.unauthenticated, authenticated.filter((withMac) => !withMac).length);
    assert.equal(verdict.link.length, LINK_LENGTH);
  }));
});

Deno.test("an empty log verifies against an empty head only", () => {
  assert(check(log([])).ok);
  const verdict = verifyChain([], { seq: 1, link: new Uint8Array(32) }, mac, hash);
  assert(!verdict.ok && verdict.badSeq === 1);
});

Deno.test("a changed byte in any row up to the head is found, at that row or the next authenticated one", () => {
  fc.assert(fc.property(shape, fc.nat(), fc.nat(), (authenticated, which, where) => {
    const chain = log([...authenticated, true]);
    const index = which % chain.rows.length;
    const row = chain.rows[index];
    assert(row);
    const bytes = row.bytes.slice();
    const at = where % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    chain.rows[index] = { ...row, bytes };
    const verdict = check(chain);
    assert(!verdict.ok);
    const next = chain.rows.findIndex((other, i) => i >= index && other.mac !== null) + 1;
    assert.equal(verdict.badSeq, next);
  }));
});

Deno.test("a removed row is found at its number", () => {
  fc.assert(fc.property(shape, fc.nat(), (authenticated, which) => {
    const chain = log([...authenticated, true]);
    const index = which % chain.rows.length;
    chain.rows.splice(index, 1);
    const verdict = check(chain);
    assert(!verdict.ok);
    assert.equal(verdict.badSeq, index + 1);
  }));
});

Deno.test("rows closed up over a removed one are found", () => {
  const chain = log([true, true, true, true]);
  chain.rows.splice(1, 1);
  chain.rows = chain.rows.map((row, i) => ({ ...row, seq: i + 1 }));
  const verdict = check(chain);
  assert(!verdict.ok && verdict.badSeq === 2);
});

Deno.test("a cut end is found, and so is one that was cut and filled with unauthenticated rows", () => {
  const chain = log([true, true, true]);
  const cut = verifyChain(chain.rows.slice(0, 2), chain.head, mac, hash);
  assert(!cut.ok && cut.badSeq === 3 && /cut off/.test(cut.reason));
  const filled = chain.rows.with(2, { ...chain.rows[2]!, mac: null });
  assert(!verifyChain(filled, chain.head, mac, hash).ok);
});

Deno.test("rows after the head may lack a MAC but may not carry one", () => {
  const chain = log([true, false, false]);
  assert(check(chain).ok);
  const forged = chain.rows.with(2, { ...chain.rows[2]!, mac: new Uint8Array(32) });
  const verdict = verifyChain(forged, chain.head, mac, hash);
  assert(!verdict.ok && verdict.badSeq === 3);
});

Deno.test("rows of another key do not verify", () => {
  const chain = log([true, true]);
  const other = (message: Uint8Array) =>
    new Uint8Array(createHmac("sha256", "other").update(message).digest());
  const verdict = verifyChain(chain.rows, chain.head, other, hash);
  assert(!verdict.ok && verdict.badSeq === 1);
});

Deno.test("every field of an entry is part of its bytes, and absent is not empty", () => {
  const whole: Required<AuditEntry> = {
    event: "CredentialUseFinished",
    credential: "k",
    project: "p",
    tokenFingerprint: "0123456789abcdef",
    caller: "agent",
    host: "h",
    path: "/",
    method: "GET",
    status: 200,
    denied: false,
    reason: "r",
    refersTo: 1,
    bytesOut: 2,
    bytesIn: 3,
    durationMs: 4,
  };
  const seen = new Set([encodeAuditRow(1, 2, whole).toHex(), encodeAuditRow(2, 1, whole).toHex()]);
  for (const [field, value] of Object.entries(whole)) {
    if (field !== "event") seen.add(encodeAuditRow(1, 2, { ...whole, [field]: undefined }).toHex());
    const other = typeof value === "string" ? "" : typeof value === "number" ? value + 100 : true;
    seen.add(encodeAuditRow(1, 2, { ...whole, [field]: other } as AuditEntry).toHex());
  }
  assert.equal(seen.size, 2 + 14 + 15);
});
