import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { concat, utf8 } from "../../src/core/bytes.ts";
import {
  type ChainHead,
  type ChainRow,
  firstLink,
  LINK_LENGTH,
  linkInput,
  verifyChain,
} from "../../src/core/audit_chain.ts";

const mac = (message: Uint8Array) => new Uint8Array(createHmac("sha256", "key").update(message).digest());
const hash = (message: Uint8Array) => new Uint8Array(createHash("sha256").update(message).digest());

/** A log of the given rows: true = authenticated, false = written while locked. */
function log(authenticated: readonly boolean[]): { rows: ChainRow[]; head: ChainHead } {
  let link: Uint8Array = firstLink();
  let head: ChainHead = { seq: 0, link };
  const rows = authenticated.map((withMac, i): ChainRow => {
    const seq = i + 1;
    const at = 1_000 + i;
    const record = `{"event":"CredentialUsed","credential":"k${i}"}`;
    link = (withMac ? mac : hash)(linkInput(link, seq, at, record));
    if (withMac) head = { seq, link };
    return { seq, at, record, mac: withMac ? link : null };
  });
  return { rows, head };
}

const start: ChainHead = { seq: 0, link: firstLink() };
const verify = (rows: readonly ChainRow[], head: ChainHead, from: ChainHead = start) =>
  verifyChain(rows, { start: from, head }, mac, hash);
const check = ({ rows, head }: { rows: ChainRow[]; head: ChainHead }) => verify(rows, head);
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
  const verdict = verify([], { seq: 1, link: new Uint8Array(32) });
  assert(!verdict.ok && verdict.badSeq === 1);
});

Deno.test("a changed byte in any row up to the head is found, at that row or the next authenticated one", () => {
  fc.assert(fc.property(shape, fc.nat(), fc.nat(), (authenticated, which, where) => {
    const chain = log([...authenticated, true]);
    const index = which % chain.rows.length;
    const row = chain.rows[index];
    assert(row);
    const place = where % row.record.length;
    const record = `${row.record.slice(0, place)}\u00e4${row.record.slice(place + 1)}`;
    chain.rows[index] = where % 3 === 0 ? { ...row, at: row.at + 1 } : { ...row, record };
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
  const cut = verify(chain.rows.slice(0, 2), chain.head);
  assert(!cut.ok && cut.badSeq === 3 && /cut off/.test(cut.reason));
  const filled = chain.rows.with(2, { ...chain.rows[2]!, mac: null });
  assert(!verify(filled, chain.head).ok);
});

Deno.test("rows after the head may lack a MAC or carry a good one, but no other", () => {
  const chain = log([true, false, true, true]);
  const behind: ChainHead = { seq: 1, link: chain.rows[0]!.mac! };
  assert(verify(chain.rows, behind).ok);
  const forged = chain.rows.with(2, { ...chain.rows[2]!, mac: new Uint8Array(32) });
  const verdict = verify(forged, behind);
  assert(!verdict.ok && verdict.badSeq === 3);
});

Deno.test("rows of another key do not verify", () => {
  const chain = log([true, true]);
  const other = (message: Uint8Array) =>
    new Uint8Array(createHmac("sha256", "other").update(message).digest());
  const verdict = verifyChain(chain.rows, { start, head: chain.head }, other, hash);
  assert(!verdict.ok && verdict.badSeq === 1);
});

Deno.test("number, time, record and the link before are each part of what a link is made of", () => {
  const inputs = [
    linkInput(firstLink(), 1, 2, "{}").toHex(),
    linkInput(firstLink(), 2, 1, "{}").toHex(),
    linkInput(firstLink(), 1, 2 ** 40, "{}").toHex(),
    linkInput(firstLink(), 1, 2, "{} ").toHex(),
    linkInput(new Uint8Array(LINK_LENGTH).fill(1), 1, 2, "{}").toHex(),
  ];
  assert.equal(new Set(inputs).size, inputs.length);
});

Deno.test("a link's input is its parts one after the other, for any number, time and record", () => {
  const whole = fc.maxSafeNat();
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      whole,
      whole,
      fc.string({ unit: "binary" }),
      (
        previous,
        seq,
        at,
        record,
      ) => {
        const numbers = new Uint8Array(16);
        new DataView(numbers.buffer).setBigUint64(0, BigInt(seq));
        new DataView(numbers.buffer).setBigUint64(8, BigInt(at));
        assert.deepEqual(
          linkInput(previous, seq, at, record).slice(),
          concat(previous, numbers, utf8(record)),
        );
      },
    ),
    { examples: [[new Uint8Array(32), 1, 2, "x".repeat(100_000)]] },
  );
});
