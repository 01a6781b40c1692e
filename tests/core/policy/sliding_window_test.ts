import assert from "node:assert/strict";
import fc from "fast-check";
import { type CountedUse, MAX_RUNS, SlidingWindow } from "../../../src/core/policy/sliding_window.ts";
import { FUZZ_CASES } from "../fuzz.ts";

/** Asks and counts, as a judge does. */
function tryUse(window: SlidingWindow, now: number): CountedUse | null {
  return window.waitMs(now) > 0 ? null : window.count(now);
}

Deno.test("so many uses pass as the limit says, and the next one when the first has left the window", () => {
  const window = new SlidingWindow(3, 1000);
  assert.deepEqual([0, 10, 20, 30].map((now) => tryUse(window, now) !== null), [true, true, true, false]);
  assert.equal(window.waitMs(30), 970);
  assert.equal(window.waitMs(999), 1);
  assert.equal(window.waitMs(1000), 0);
  assert.ok(tryUse(window, 1000));
  assert.equal(window.waitMs(1000), 10);
});

Deno.test("denied uses are not counted, so asking again and again does not put the next one off", () => {
  const window = new SlidingWindow(1, 1000);
  assert.ok(tryUse(window, 0));
  for (let now = 1; now < 1000; now++) assert.equal(tryUse(window, now), null);
  assert.ok(tryUse(window, 1000));
});

Deno.test("a use that is taken back makes room, once", () => {
  const window = new SlidingWindow(2, 1000);
  const first = tryUse(window, 0);
  assert.ok(first && tryUse(window, 0));
  assert.equal(tryUse(window, 1), null);
  window.uncount(first);
  assert.equal(window.used(1), 1);
  assert.ok(tryUse(window, 1));
  assert.equal(tryUse(window, 2), null);
});

Deno.test("a use that has left the window may be taken back without harm", () => {
  const window = new SlidingWindow(1, 1000);
  const use = tryUse(window, 0);
  assert.ok(use && tryUse(window, 5000));
  window.uncount(use);
  assert.equal(window.used(5000), 1);
});

Deno.test("a clock that is set back frees nothing", () => {
  const window = new SlidingWindow(1, 1000);
  assert.ok(tryUse(window, 10_000));
  assert.equal(tryUse(window, 0), null);
  assert.equal(window.waitMs(0), 1000);
  assert.equal(tryUse(window, 10_999), null);
  assert.ok(tryUse(window, 11_000));
});

Deno.test("windows behave as a list of all times would, for limits that are counted exactly", () => {
  const steps = fc.array(fc.tuple(fc.nat(400), fc.boolean()), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), steps, (limit, steps) => {
      const window = new SlidingWindow(limit, 1000);
      let times: number[] = [];
      let now = 0;
      for (const [pause, takesBack] of steps) {
        now += pause;
        times = times.filter((time) => time > now - 1000);
        const wait = times.length < limit ? 0 : times[times.length - limit]! + 1000 - now;
        assert.equal(window.waitMs(now), wait);
        if (wait > 0) continue;
        const use = window.count(now);
        if (takesBack) window.uncount(use);
        else times.push(now);
        assert.equal(window.used(now), times.length);
      }
    }),
    { numRuns: Math.ceil(FUZZ_CASES / 5) },
  );
});

Deno.test("large limits take constant memory, and never let more pass than they say", () => {
  const limit = 20_000;
  const windowMs = 60_000;
  const window = new SlidingWindow(limit, windowMs);
  const passed: number[] = [];
  for (let now = 0; now < 3 * windowMs; now += 2) if (tryUse(window, now)) passed.push(now);
  assert.ok(window.size <= MAX_RUNS + 1, `${window.size} runs`);
  for (let i = limit; i < passed.length; i++) assert.ok(passed[i]! - passed[i - limit]! >= windowMs);
  // A place is free at most one run later than it could be.
  assert.ok(passed[limit]! <= windowMs + Math.ceil(windowMs / MAX_RUNS) + 2);
});

Deno.test("more uses than the limit, as the log may tell of them, are held as the newest ones", () => {
  const window = new SlidingWindow(2, 1000);
  for (const now of [0, 100, 200, 300]) window.count(now);
  assert.equal(window.size, 2);
  assert.equal(window.waitMs(300), 900);
});

Deno.test("of two windows that know different uses a third is as strict as both at any later time, and no stricter where one knows all", () => {
  const times = fc.array(fc.nat(1_500), { maxLength: 12 });
  const window = (limit: number, all: readonly number[]) => {
    const made = new SlidingWindow(limit, 1000);
    for (const now of all.toSorted((a, b) => a - b)) made.count(now);
    return made;
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), times, times, (limit, left, right) => {
      const both = SlidingWindow.strictest(window(limit, left), window(limit, right));
      const same = SlidingWindow.strictest(window(limit, left), window(limit, left.slice(0, -1)));
      for (let now = 1_500; now < 2_600; now += 50) {
        const waits = [left, right].map((all) => window(limit, all).waitMs(now));
        assert.ok(both.waitMs(now) >= Math.max(...waits));
        if (left.every((time, i) => i === 0 || time >= (left[i - 1] ?? 0))) {
          assert.equal(same.waitMs(now), window(limit, left).waitMs(now));
        }
      }
      assert.ok(both.used(1_500) <= limit);
    }),
    { numRuns: Math.ceil(FUZZ_CASES / 10) },
  );
});

Deno.test("joined windows of large limits take constant memory", () => {
  const [a, b] = [new SlidingWindow(20_000, 60_000), new SlidingWindow(20_000, 60_000)];
  for (let now = 0; now < 60_000; now += 3) a.count(now);
  for (let now = 1; now < 60_000; now += 4) b.count(now);
  const both = SlidingWindow.strictest(a, b);
  assert.ok(both.size <= 2 * MAX_RUNS, `${both.size} runs`);
  assert.ok(both.waitMs(60_000) >= Math.max(a.waitMs(60_000), b.waitMs(60_000)));
});
