import assert from "node:assert/strict";
import { MAX_NONCES, NONCE_BYTES, NONCE_LIFE_MS, Nonces } from "../../src/daemon/nonces.ts";
import { ManualClock } from "../platform/manual_clock.ts";

Deno.test("a nonce is good once", () => {
  const nonces = new Nonces(new ManualClock());
  const nonce = nonces.issue();
  assert.equal(nonce.length, NONCE_BYTES);
  assert.equal(nonces.take(nonce), true);
  assert.equal(nonces.take(nonce), false);
});

Deno.test("a nonce that was never issued, or to another connection, is good for nothing", () => {
  const nonces = new Nonces(new ManualClock());
  nonces.issue();
  assert.equal(nonces.take(new Uint8Array(NONCE_BYTES)), false);
  assert.equal(nonces.take(new Uint8Array(0)), false);
  assert.equal(nonces.take(new Nonces(new ManualClock()).issue()), false);
});

Deno.test("a nonce is good to the end of its minute and not after, wall time having no say", () => {
  const clock = new ManualClock();
  const nonces = new Nonces(clock);
  const [first, second] = [nonces.issue(), nonces.issue()];
  clock.jump(-10 * NONCE_LIFE_MS);
  clock.advance(NONCE_LIFE_MS);
  assert.equal(nonces.take(first), true);
  clock.advance(1);
  assert.equal(nonces.take(second), false);
});

Deno.test("one more than may be held ends the oldest", () => {
  const nonces = new Nonces(new ManualClock());
  const issued = Array.from({ length: MAX_NONCES + 1 }, () => nonces.issue());
  assert.deepEqual(issued.map((nonce) => nonces.take(nonce)), [false, ...Array(MAX_NONCES).fill(true)]);
});
