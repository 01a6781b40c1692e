import assert from "node:assert/strict";
import fc from "fast-check";
import { sightBodyTokens } from "../../src/core/body_sightings.ts";
import { ParameterFinder } from "../../src/core/parameters.ts";
import { MAX_SIGHTINGS } from "../../src/core/sightings.ts";

const TOKEN = "wk_k_0123456789abcdef";
const lookup = {
  tokenLengths: [TOKEN.length],
  find: (token: string) => ({ kind: token === TOKEN ? "live" : "unknown" }),
};

Deno.test("parameters are told as the standard splits them, for any marks in any order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("&", "=", ";", "a", "b+", "%41", TOKEN), { maxLength: 40 }),
      (parts) => {
        const text = parts.join("");
        const finder = new ParameterFinder(text, 0);
        for (let at = text.indexOf(TOKEN); at >= 0; at = text.indexOf(TOKEN, at + TOKEN.length)) {
          const end = at + TOKEN.length;
          const before = text.slice(text.lastIndexOf("&", at) + 1, at);
          const equals = before.indexOf("=");
          const after = text.slice(end);
          const expected = equals < 0 || before.includes(";") ? null : {
            // The runtime's own reading of the name, which stops at the first `=`.
            name: [...new URLSearchParams(`${before}x`).keys()][0] ?? "",
            whole: equals === before.length - 1 && (after === "" || after.startsWith("&")),
          };
          assert.deepEqual(finder.at(at, end), expected, text);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});

/** Text that counts how many characters are searched through, by wrapping what is asked of it. */
function countingText(text: string): { text: string; steps: () => number } {
  let steps = 0;
  const counted = Object.assign(Object(text), {
    indexOf: (mark: string, from: number) => {
      const at = text.indexOf(mark, from);
      steps += (at < 0 ? text.length : at) - from + 1;
      return at;
    },
  });
  return { text: counted, steps: () => steps };
}

Deno.test("any number of parameters and tokens in one text costs a few passes over it", () => {
  for (
    const whole of [
      `a=${`${TOKEN},`.repeat(5_000)}`,
      `a=${TOKEN}&`.repeat(5_000),
      `${"&".repeat(100_000)}a=${TOKEN}`,
      `${TOKEN}&`.repeat(5_000),
    ]
  ) {
    const { text, steps } = countingText(whole);
    const finder = new ParameterFinder(text, 0);
    for (let at = whole.indexOf(TOKEN); at >= 0; at = whole.indexOf(TOKEN, at + 1)) {
      finder.at(at, at + TOKEN.length);
    }
    assert.ok(steps() < whole.length * 4 + 10, `${steps()} steps for ${whole.length} characters`);
  }
});

Deno.test("of a body with very many tokens one more than is allowed is reported", () => {
  const kinds = [
    { kind: "urlencoded" },
    { kind: "text" },
    { kind: "json", isSure: true },
    { kind: "multipart", boundary: "b" },
  ] as const;
  for (const format of kinds) {
    const found = sightBodyTokens(`a=${TOKEN}&`.repeat(2_000), format, lookup);
    assert.equal(found.length, MAX_SIGHTINGS + 1, format.kind);
  }
});
