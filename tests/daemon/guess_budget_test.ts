import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { GuessBudget, MATCHES_A_MINUTE, NEW_A_DAY } from "../../src/daemon/guess_budget.ts";
import { assertCode } from "../vault/support.ts";

const words = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => utf8(`word number ${from + i}`));

Deno.test("so many words a minute, and the bucket fills again evenly", () => {
  let now = 0;
  const budget = new GuessBudget({ perMinute: 60, now: () => now });
  budget.take(60);
  assertCode(() => budget.take(1), "too_many_guesses");
  now += 5_000;
  budget.take(5);
  assertCode(() => budget.take(1), "too_many_guesses");
  assert.equal(budget.left, 0);
});

Deno.test("so many different words a day; those of before are free, and a refusal takes nothing", () => {
  let now = 0;
  const budget = new GuessBudget({ newPerDay: 100, now: () => now });
  for (let i = 0; i < 50; i++) budget.takeNew(words(100));
  const refused = assertCode(() => budget.takeNew([...words(100), ...words(5, 1_000)]), "guesses_exhausted");
  assert.equal(refused.hint, "wispkey unlock");
  budget.takeNew(words(100));
  now += 86_400_000 / 20;
  budget.takeNew(words(5, 1_000));
  assertCode(() => budget.takeNew(words(1, 2_000)), "guesses_exhausted");
});

Deno.test("a refusal is told once, and again only after there was room", () => {
  let now = 0;
  const budget = new GuessBudget({ newPerDay: 10, now: () => now });
  budget.takeNew(words(10));
  const told = (from: number) => {
    assertCode(() => budget.takeNew(words(20, from)), "guesses_exhausted");
    return budget.toTell();
  };
  assert.deepEqual([told(100), told(200)], [true, false]);
  now += 86_400_000 / 10;
  budget.takeNew(words(1, 300));
  assert.equal(told(400), false, "still as good as empty");
  now += 86_400_000;
  budget.takeNew(words(1, 500));
  assert.equal(told(600), true);
});

Deno.test("no agent at work uses up what there is: a thousand turns of five hundred new words, the rest of them old", () => {
  const budget = new GuessBudget({ perMinute: Infinity, now: () => 0 });
  const old = words(1_500);
  for (let turn = 0; turn < 1_000; turn++) budget.takeNew([...old, ...words(500, 10_000 + turn * 500)]);
});

Deno.test("a guesser gets no more tries than there are, but for a few in a thousand", () => {
  const budget = new GuessBudget({ perMinute: Infinity, now: () => 0 });
  let tried = 0;
  assertCode(() => {
    for (; tried < 2 * NEW_A_DAY; tried += 1_024) budget.takeNew(words(1_024, tried));
  }, "guesses_exhausted");
  assert.ok(tried >= NEW_A_DAY - 1_024 && tried < NEW_A_DAY * 1.01, String(tried));
  assert.ok(NEW_A_DAY < MATCHES_A_MINUTE * 60, "the day's limit is the narrower one");
});

Deno.test("who has given the password asks as much as there is to ask", () => {
  const budget = GuessBudget.unlimited();
  budget.take(1e9);
  budget.takeNew(words(3));
  assert.equal(budget.left, Infinity);
});
