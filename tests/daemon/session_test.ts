import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_SESSION_MS, Session } from "../../src/daemon/session.ts";
import { ManualClock } from "../platform/manual_clock.ts";

const MINUTE = 60_000;

function session(idleMs = 30 * MINUTE) {
  const clock = new ManualClock();
  const reasons: string[] = [];
  return {
    clock,
    reasons,
    session: new Session({ idleMs, clock, onLock: (reason) => reasons.push(reason) }),
  };
}

Deno.test("the key is dropped after the time without use, exactly once", () => {
  const { clock, reasons, session: s } = session();
  clock.advance(30 * MINUTE - 1);
  assert.equal(s.check(), true);
  clock.advance(1);
  assert.equal(s.check(), false);
  assert.equal(s.check(), false);
  assert.equal(s.touch(), false);
  assert.deepEqual(reasons, ["idle"]);
});

Deno.test("each use begins the time anew", () => {
  const { clock, reasons, session: s } = session();
  for (let use = 0; use < 20; use++) {
    clock.advance(29 * MINUTE);
    assert.equal(s.touch(), true);
  }
  assert.deepEqual(reasons, []);
});

Deno.test("a use that comes too late does not bring the key back", () => {
  const { clock, reasons, session: s } = session();
  clock.advance(31 * MINUTE);
  assert.equal(s.touch(), false);
  assert.deepEqual(reasons, ["idle"]);
});

Deno.test("after twelve hours the key is dropped however much it is used", () => {
  const { clock, reasons, session: s } = session();
  while (s.touch()) clock.advance(MINUTE);
  assert.deepEqual(reasons, ["age"]);
  assert.equal(clock.monotonic(), MAX_SESSION_MS);
});

Deno.test("0 means never, and lifts the limit on age too", () => {
  const { clock, reasons, session: s } = session(0);
  clock.advance(100 * MAX_SESSION_MS);
  assert.equal(s.check(), true);
  assert.equal(s.touch(), true);
  assert.equal(s.locksAt, null);
  s.start();
  assert.deepEqual(reasons, []);
});

Deno.test("the machine's sleep counts", () => {
  const { clock, reasons, session: s } = session();
  clock.advance(MINUTE);
  clock.jump(29 * MINUTE);
  assert.equal(s.touch(), false);
  assert.deepEqual(reasons, ["idle"]);
});

Deno.test("a clock that is set back wins nothing, not even together with sleep", () => {
  const { clock, session: s } = session();
  clock.jump(-365 * 24 * 60 * MINUTE);
  clock.advance(29 * MINUTE);
  assert.equal(s.check(), true);
  clock.jump(-365 * 24 * 60 * MINUTE);
  clock.advance(MINUTE);
  assert.equal(s.check(), false);
});

Deno.test("whatever the clocks do, the key is dropped no later than awake time says", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("advance" as const), ms: fc.nat(20 * MINUTE) }),
    fc.record({ kind: fc.constant("jump" as const), ms: fc.integer({ min: -1e9, max: 1e9 }) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
    const { clock, session: s } = session();
    for (const { kind, ms } of steps) {
      clock[kind](ms);
      if (!s.check()) return;
    }
    assert.ok(clock.monotonic() < 30 * MINUTE);
  }));
});

Deno.test("it tells when it will lock", () => {
  const { clock, session: s } = session();
  assert.equal(s.locksAt, clock.now() + 30 * MINUTE);
  clock.advance(10 * MINUTE);
  s.touch();
  assert.equal(s.locksAt, clock.now() + 30 * MINUTE);
  clock.advance(10 * MINUTE);
  assert.equal(s.locksAt, clock.now() + 20 * MINUTE);
  s.check();
  assert.equal(s.locksAt, clock.now() + 20 * MINUTE);
  s.end();
  assert.equal(s.locksAt, null);
});

Deno.test("started, it drops the key by itself", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const s = new Session({ idleMs: 20, onLock: resolve });
  s.start();
  assert.equal(await promise, "idle");
});

Deno.test("ended, it drops nothing any more and leaves no timer", () => {
  const { clock, reasons, session: s } = session(MINUTE);
  s.start();
  s.end();
  clock.advance(2 * MINUTE);
  assert.equal(s.check(), false);
  assert.deepEqual(reasons, []);
});
