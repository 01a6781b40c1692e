import assert from "node:assert/strict";
import { Cancellation, DeadlineClock } from "../../../src/proxy/http/mod.ts";

/** Keeps the test alive, which the unreferenced interval of a clock does not. */
async function alive<T>(work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {}, 60_000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("a deadline fires once, never early, and not if it was met", async () => {
  const clock = new DeadlineClock(5);
  const fired = Promise.withResolvers<number>();
  const start = performance.now();
  using late = clock.create(() => fired.resolve(performance.now() - start));
  using met = clock.create(() => assert.fail("fired"));
  met.arm(1);
  met.disarm();
  late.arm(30);
  assert.ok(await alive(fired.promise) >= 30);
  assert.equal(late.expired, true);
  assert.equal(met.expired, false);
});

Deno.test("a deadline that is armed again counts anew", async () => {
  const clock = new DeadlineClock(2);
  const fired = Promise.withResolvers<void>();
  using deadline = clock.create(() => fired.resolve());
  using other = clock.create(() => {
    assert.equal(deadline.expired, false);
    deadline.arm(1);
  });
  deadline.arm(1_000_000);
  other.arm(1);
  await alive(fired.promise);
});

Deno.test("a clock without deadlines leaves no timer behind", () => {
  // The sanitizer of this test is the assertion.
  const clock = new DeadlineClock(1);
  const first = clock.create(() => {});
  const second = clock.create(() => {});
  first[Symbol.dispose]();
  second[Symbol.dispose]();
  clock.create(() => {})[Symbol.dispose]();
});

Deno.test("a cancellation tells everybody once, latecomers too", () => {
  const cancellation = new Cancellation();
  const told: string[] = [];
  const forgotten = () => told.push("forgotten");
  cancellation.subscribe((reason) => told.push("a " + reason.message));
  cancellation.subscribe(forgotten);
  cancellation.unsubscribe(forgotten);
  const signal = cancellation.signal;
  cancellation.cancel(new Error("one"));
  cancellation.cancel(new Error("two"));
  cancellation.subscribe((reason) => told.push("b " + reason.message));
  assert.deepEqual(told, ["a one", "b one"]);
  assert.equal(signal.aborted, true);
  assert.equal(cancellation.reason?.message, "one");
});

Deno.test("a signal asked for after the fact is aborted already", () => {
  const cancellation = new Cancellation();
  cancellation.cancel(new Error("gone"));
  assert.equal(cancellation.signal.aborted, true);
  assert.equal(cancellation.signal.reason.message, "gone");
});
