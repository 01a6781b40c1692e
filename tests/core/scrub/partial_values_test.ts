import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { partialValues } from "../../../src/core/scrub/partial_values.ts";
import { latin1, scrubText, setOf, TOKEN } from "./support.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const KEY = "sk-proj-q7Rz0LmX2vB9tYc4Wn8KdE3fHs6JgA1uPo5i";
const pieces = (value: string) => partialValues(utf8(value)).map(latin1);

Deno.test("any part of a key that is long enough is found, wherever the host cuts it", () => {
  for (const key of [KEY, KEY.slice(0, 24), `${KEY}${KEY.split("").reverse().join("")}`]) {
    const set = setOf([key]);
    const found = key.length < 48 ? 23 : 31;
    for (let length = Math.min(found, key.length); length <= key.length; length++) {
      for (let at = 0; at + length <= key.length; at++) {
        const part = key.slice(at, at + length);
        const out = scrubText(set, `begin ${part}… cut`);
        assert.ok(out.includes(TOKEN), `nothing of ${part}`);
        const left = out.replace("begin ", "").replace("… cut", "").replaceAll(TOKEN, " ").split(" ");
        assert.ok(left.every((rest) => rest.length < (key.length < 48 ? 16 : 24)), out);
      }
    }
    set.release();
  }
});

Deno.test("an echo that is cut at the end of a buffer does not bring the beginning of a random key through", () => {
  const letter = fc.constantFrom(...LETTERS);
  fc.assert(
    fc.property(
      fc.array(letter, { minLength: 40, maxLength: 120 }).map((all) => all.join("")),
      fc.nat(),
      (key, cut) => {
        const shown = key.slice(0, 31 + cut % (key.length - 30));
        const set = setOf([key]);
        const out = scrubText(set, `{"key":"${shown}"}`);
        // A piece with fewer than four changes is as good as never drawn by such an alphabet.
        assert.ok(!out.includes(shown), out);
        set.release();
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("what values have in common with other texts is no piece", () => {
  assert.deepEqual(pieces("https://hooks.example.com/services/incoming/webhook"), []);
  assert.deepEqual(pieces("correct horse battery staple again"), []);
  assert.deepEqual(pieces("12345678901234567890123456789012"), []);
  assert.deepEqual(pieces(KEY.slice(0, 23)), []);
  assert.deepEqual(pieces(`{"type":"service_account","n":"a1B2c3D4e5F6g7H8"}`.slice(0, 30)), []);
});

Deno.test("of a web token only the signature is looked for, so that other tokens of its issuer pass", () => {
  const head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZSIsInJlZiI6ImExYjJjM2Q0In0";
  const signature = "q7Rz0LmX2vB9tYc4Wn8KdE3fHs6JgA1uPo5iQw2E4rT";
  assert.ok(pieces(`${head}.${signature}`).every((piece) => signature.includes(piece)));
  assert.ok(pieces(`${head}.${signature}`).length > 1);
  const set = setOf([`${head}.${signature}`]);
  const other = `${head}.Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty9Ui8Op7As6`;
  assert.equal(scrubText(set, other), other);
  set.release();
});

Deno.test("of a pair the password has pieces, and the user has none", () => {
  const user = "Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2";
  const set = setOf([`${user}:${KEY}`], { isPair: true });
  assert.equal(scrubText(set, `hello ${user}`), `hello ${user}`);
  assert.ok(scrubText(set, `cut ${KEY.slice(0, 30)}`).includes(TOKEN));
  set.release();
});
