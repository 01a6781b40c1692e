import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { LEAST_MATCHED, matchValues } from "../../src/daemon/environment_matcher.ts";
import { GuessBudget } from "../../src/daemon/guess_budget.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { assertCode, assertRejects, draft, tamper, withVault } from "../vault/support.ts";

const SECRET = "sk-live-0123456789abcdef";
const free = () => GuessBudget.unlimited();
const all = () => true;

Deno.test("a value that is a stored secret is answered with its token, and no other value with anything", () =>
  withVault(async (vault) => {
    const { token } = vault.credentials.add(draft(vault, "openai"), utf8(SECRET));
    const values = ["/usr/bin:/bin", SECRET, SECRET.toUpperCase(), SECRET.slice(1), `${SECRET}x`].map(utf8);
    assert.deepEqual(await matchValues(vault, values, free(), all), [
      { index: 1, kind: "token", credential: "openai", token },
    ]);
    assert.deepEqual(await matchValues(vault, [], free(), all), []);
  }));

Deno.test("the secret of a credential out of scope is answered as a secret, without its token", () =>
  withVault(async (vault) => {
    vault.credentials.add(draft(vault, "other"), utf8(SECRET));
    assert.deepEqual(await matchValues(vault, [utf8(SECRET)], free(), () => false), [
      { index: 0, kind: "secret", credential: "other" },
    ]);
  }));

Deno.test("of two credentials with one secret the one in scope gives its token, in whatever order they come", () =>
  withVault(async (vault) => {
    for (const name of ["a", "b", "c"]) vault.credentials.add(draft(vault, name), utf8(SECRET));
    const [match] = await matchValues(
      vault,
      [utf8(SECRET)],
      free(),
      ({ credential }) => credential.name === "b",
    );
    assert.equal(match?.kind, "token");
    assert.equal(match?.credential, "b");
  }));

Deno.test("a secret inside a larger value is found where separators set it off", () =>
  withVault(async (vault) => {
    vault.credentials.add(draft(vault, "k"), utf8(SECRET));
    vault.credentials.add(draft(vault, "base64"), utf8("ab/cd+ef==gh/ij+kl=="));
    const kinds = async (text: string) =>
      (await matchValues(vault, [utf8(text)], free(), all)).map(({ kind }) => kind);
    for (
      const text of [
        `Authorization: Bearer ${SECRET}`,
        `postgres://user:${SECRET}@db.example/app?x=1`,
        `{"key":"${SECRET}"}`,
        `A=${SECRET};B=2`,
        `first line\n${SECRET}\nlast line`,
        `token "ab/cd+ef==gh/ij+kl=="`,
      ]
    ) assert.deepEqual(await kinds(text), ["secret"], text);
    assert.deepEqual(await kinds(`x${SECRET}`), [], "a part of a longer word is no secret");
  }));

Deno.test("a secret read from a file is found without the file's line end, a password without its user", () =>
  withVault(async (vault) => {
    vault.credentials.add(draft(vault, "file"), utf8(`${SECRET}\r\n`));
    vault.credentials.add(
      draft(vault, "basic", { type: "basic_auth" }),
      utf8("someone:a-long-enough:password"),
    );
    const values = [SECRET, "a-long-enough:password", "someone:a-long-enough:password"].map(utf8);
    const names = (await matchValues(vault, values, free(), all)).map(({ credential }) => credential);
    assert.deepEqual(names, ["file", "basic", "basic"]);
  }));

Deno.test("short values are never compared: the answer would confirm a guess", () =>
  withVault(async (vault) => {
    const short = "a".repeat(LEAST_MATCHED - 1);
    vault.credentials.add(draft(vault, "short"), utf8(short));
    vault.credentials.add(draft(vault, "pin", { type: "basic_auth" }), utf8("a-user-with-a-long-name:1234"));
    assert.deepEqual(await matchValues(vault, [utf8(short), utf8("1234")], free(), all), []);
  }));

Deno.test("every word counts against the budget, which fills again with time", async () => {
  await withVault(async (vault) => {
    let now = 0;
    const budget = new GuessBudget({ perMinute: 100, now: () => now });
    const guesses = (count: number) => utf8(Array.from({ length: count }, () => "x".repeat(20)).join(" "));
    await matchValues(vault, [guesses(40)], budget, all);
    await assertRejects(matchValues(vault, [guesses(60)], budget, all), "too_many_guesses");
    now = 30_000;
    await matchValues(vault, [guesses(60)], budget, all);
  });
  const budget = new GuessBudget({ perMinute: 10, now: () => 0 });
  budget.take(10);
  assertCode(() => budget.take(1), "too_many_guesses");
});

Deno.test("what is refused was not cut into words before, and large values count by their size", async () => {
  const noVault = { credentials: { all: () => assert.fail("nothing is compared") } } as unknown as Vault;
  for (const piece of ["a ", `${"x".repeat(LEAST_MATCHED)} `]) {
    const budget = new GuessBudget();
    let looked = 0;
    // Every look at a byte is counted, in place of the time that the daemon would stand still.
    const value = new Proxy(utf8(piece.repeat(2 ** 22 / piece.length)), {
      get: (bytes, name) => {
        looked++;
        const found = Reflect.get(bytes, name, bytes);
        return typeof found === "function" ? found.bind(bytes) : found;
      },
    });
    await assertRejects(matchValues(noVault, [value, value], budget, all), "too_many_guesses");
    assert.ok(looked < 100, `${looked} looks`);
  }
  const words = utf8(`${"x".repeat(LEAST_MATCHED)} `.repeat(1_000));
  const budget = new GuessBudget({ perMinute: 500, now: () => 0 });
  await assertRejects(matchValues(noVault, [words], budget, all), "too_many_guesses");
  assert.equal(budget.left, 500 - Math.ceil(words.length / 256), "only its size was counted");
});

Deno.test("a row that was changed behind our back is passed over", () =>
  withVault(async (vault, directory) => {
    vault.credentials.add(draft(vault, "k"), utf8(SECRET));
    tamper(directory, "UPDATE credentials SET hosts = '[\"evil.test\"]'");
    assert.deepEqual(await matchValues(vault, [utf8(SECRET)], free(), all), []);
  }));

Deno.test("who tries value after value is stopped for the day and written down once, right or wrong, and old values are still compared", () =>
  withVault(async (vault) => {
    vault.credentials.add(draft(vault, "weak"), utf8("correct-password-0950"));
    const budget = new GuessBudget({ perMinute: Infinity, newPerDay: 900, now: () => 0 });
    const guess = (i: number) =>
      matchValues(vault, [utf8(`correct-password-${String(i).padStart(4, "0")}`)], budget, all);
    const old = ["correct-password-0001", "an-ordinary-word-of-every-turn"].map(utf8);
    await matchValues(vault, old, budget, all);
    let refused = 0;
    for (let i = 0; i < 1_000; i++) {
      const found = await guess(i).catch((error) => {
        assert.equal(error.code, "guesses_exhausted");
        refused++;
        return [];
      });
      assert.deepEqual(found, []);
    }
    assert.ok(refused > 90 && refused < 120, String(refused));
    for (let turn = 0; turn < 2_000; turn++) assert.deepEqual(await matchValues(vault, old, budget, all), []);
    const rows = vault.audit.query({ event: "GuessesRefused" });
    assert.deepEqual(rows.map(({ denied }) => denied), [true]);
  }));
