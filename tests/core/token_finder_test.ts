import assert from "node:assert/strict";
import fc from "fast-check";
import { findTokens, isTokenShaped, redactTokens } from "../../src/core/token_finder.ts";

function lookupOf(...tokens: string[]) {
  const lengths = [...new Set(tokens.map((token) => token.length))].sort((a, b) => b - a);
  return {
    tokenLengths: lengths,
    find: (token: string) => tokens.includes(token) ? { kind: "live", token } : { kind: "unknown", token },
  };
}

const texts = (text: string, ...tokens: string[]): string[] =>
  findTokens(text, lookupOf(...tokens)).map(({ start, end }) => text.slice(start, end));

Deno.test("tokens are found exactly, wherever they stand", () => {
  const a = "wk_a_0123456789abcdef";
  assert.deepEqual(texts(a, a), [a]);
  assert.deepEqual(texts(`x${a}`, a), [a]);
  assert.deepEqual(texts(`${a}x_9`, a), [a]);
  assert.deepEqual(texts(`${a}${a}`, a), [a, a]);
  assert.deepEqual(texts(`wk_${a}`, a), [a]);
  assert.deepEqual(texts(`wk_wk_wk_${a}wk_`, a), [a]);
  assert.deepEqual(texts("nothing wk_ here wk_b", a), []);
  assert.deepEqual(texts(a.toUpperCase(), a), []);
  assert.deepEqual(texts(a.slice(0, -1), a), []);
});

Deno.test("a token that is the beginning of another never stands in for it", () => {
  const short = "wk_key_aaaaaaaa";
  const long = "wk_key_aaaaaaaabbbbbbbb";
  assert.deepEqual(texts(long, short, long), [long]);
  assert.deepEqual(texts(short, short, long), [short]);
  assert.deepEqual(texts(`${long}cc`, short, long), [long]);
  assert.deepEqual(texts(`${short}cc`, short, long), [short]);
});

Deno.test("property: no occurrence is missed among noise, and every answer is exact", () => {
  const token = fc.stringMatching(/^wk_[a-b0-1_]{1,6}$/);
  const noise = fc.stringMatching(/^[ .:a-bw_k0]{0,6}$/);
  fc.assert(
    fc.property(
      fc.array(token, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(noise, fc.nat(3)), { maxLength: 5 }),
      (tokens, parts) => {
        const text = parts.map(([before, i]) => before + tokens[i % tokens.length]).join("");
        const lookup = lookupOf(...tokens);
        const found = findTokens(text, lookup);
        const covered = new Set<number>();
        for (const { start, end, match } of found) {
          assert.equal(match.token, text.slice(start, end));
          assert.ok(tokens.includes(match.token));
          for (let i = start; i < end; i++) {
            assert.ok(!covered.has(i), "answers overlap");
            covered.add(i);
          }
        }
        // Every occurrence of any token touches something that was found.
        for (const wanted of tokens) {
          for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
            assert.ok(
              Array.from({ length: wanted.length }, (_, i) => at + i).some((i) => covered.has(i)),
              `${wanted} in ${text}`,
            );
          }
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("a hostile text of many beginnings is searched in bounded work", () => {
  let asked = 0;
  const lookup = { tokenLengths: [30, 24], find: (_: string) => (asked++, { kind: "unknown" }) };
  findTokens("wk_".repeat(10_000), lookup);
  assert.ok(asked <= 3 * 10_000, `${asked} lookups`);
});

Deno.test("token-shaped text is told apart, and cut down for messages", () => {
  assert.ok(isTokenShaped("wk_x") && isTokenShaped("wk_openai_prod_a7x9m2k4"));
  assert.ok(
    !isTokenShaped("wk_") && !isTokenShaped("wk_x-y") && !isTokenShaped("xwk_y") && !isTokenShaped("wk_X"),
  );
  assert.equal(redactTokens("/a/wk_secret_1/b"), "/a/wk_…/b");
  assert.equal(redactTokens("/a/b"), "/a/b");
});
