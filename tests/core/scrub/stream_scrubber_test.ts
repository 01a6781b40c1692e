import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { HOLD_BACK, scrubBytes, StreamScrubber } from "../../../src/core/scrub/mod.ts";
import { FUZZ_CASES } from "../fuzz.ts";
import { gives, spell, SPELLINGS } from "./spellings.ts";
import { cut, latin1, push, scrubbed, scrubText, setOf, TOKEN } from "./support.ts";

const SECRET = `s3cr/t+<&>"'é=${"k".repeat(3)} value`;

for (const name of Object.keys(SPELLINGS)) {
  Deno.test(`a secret is found ${name}, cut anywhere`, () => {
    const set = setOf([SECRET]);
    const bytes = concat(utf8("before: "), spell(name, SECRET), utf8(" :after"));
    assert.equal(gives(latin1(bytes), SECRET) !== undefined, true, "the naive text gives it away");
    for (let at = 0; at <= bytes.length; at++) {
      const out = scrubbed(set, [bytes.slice(0, at), bytes.slice(at)]);
      assert.equal(gives(out, SECRET), undefined, `cut at ${at}: ${out}`);
      assert.ok(out.startsWith("before: ") && out.endsWith(" :after"), out);
    }
  });
}

Deno.test("property: no chunking of any spelling lets a secret through, and all else stays as it is", () => {
  const text = fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 })
    .filter((value) =>
      new TextEncoder().encode(value).length >= 8 && value.trim() === value && !value.includes("\n")
    );
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...Object.keys(SPELLINGS)), fc.nat(12)), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (secrets, parts, offsets) => {
        const set = setOf(secrets);
        const pieces = parts.flatMap(([which, name, gap]) => [
          spell(name, secrets[which % secrets.length]!),
          utf8("~".repeat(gap)),
        ]);
        const out = scrubbed(set, cut(concat(...pieces), offsets));
        for (const secret of secrets) assert.equal(gives(out, secret), undefined, out);
        assert.equal(out, scrubbed(set, [concat(...pieces)]), "the same however it is cut");
        assert.equal(out, scrubbed(set, cut(concat(...pieces), offsets), "in place"), "and where it lies");
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: large pieces give the same as the whole, wherever they are cut", () => {
  const secrets = ["correct-horse-battery-staple", "4711", "horse-battery-and-more-of-it"];
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...secrets, "correct-horse-batt", "\n", "4711 ", "x4711") },
          fc.nat(1_500).map((length) => "~".repeat(length)),
        ),
        { maxLength: 20 },
      ),
      fc.array(fc.nat(), { maxLength: 4 }),
      (parts, offsets) => {
        const set = setOf(secrets);
        const bytes = utf8(parts.join(""));
        const whole = scrubbed(set, [bytes]);
        assert.equal(scrubbed(set, cut(bytes, offsets)), whole);
        assert.equal(scrubbed(set, cut(bytes, offsets), "large"), whole, "its borders copied");
        assert.equal(scrubbed(set, cut(bytes, offsets), "in place"), whole, "searched where it lies");
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: searched where they lie, pieces hold back as many bytes as if they were copied", () => {
  const secret = "correct-horse-battery-staple";
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(secret, secret.slice(0, 20), "\n", "~".repeat(90), "~".repeat(300)), {
        maxLength: 30,
      }),
      fc.array(fc.nat(), { maxLength: 6 }),
      (parts, offsets) => {
        const set = setOf([secret]);
        const copying = new StreamScrubber(set);
        const others = [["large", new StreamScrubber(set)], ["in place", new StreamScrubber(set)]] as const;
        for (const piece of cut(utf8(parts.join("")), offsets)) {
          const expected = latin1(copying.push(piece));
          for (const [way, scrubber] of others) assert.equal(push(scrubber, piece, way), expected, way);
        }
        const rest = latin1(copying.end());
        for (const [way, scrubber] of others) {
          assert.equal(latin1(scrubber.end()), rest, way);
          assert.deepEqual(scrubber.found, copying.found, way);
        }
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("ways of giving pieces may change from one to the next", () => {
  const secret = "correct-horse-battery-staple";
  const text = `${"~".repeat(700)}${secret}`.repeat(12);
  const scrubber = new StreamScrubber(setOf([secret]));
  const out = cut(utf8(text), [90, 1_000, 1_450, 2_900, 3_333, 3_400, 5_000, 7_100]).map((piece, i) =>
    push(scrubber, piece, (["in place", "copied", "large"] as const)[i % 3]!)
  );
  assert.equal(out.join("") + latin1(scrubber.end()), text.replaceAll(secret, TOKEN));
});

Deno.test("a piece in which nothing is replaced is given where it lies, behind what waited before it", () => {
  const scrubber = new StreamScrubber(setOf(["correct-horse-battery-staple"]));
  const buffer = new Uint8Array(HOLD_BACK + 5_000).fill(0x7e);
  scrubber.push(utf8("a".repeat(1_000)));
  const given = scrubber.pushInPlace(buffer.subarray(HOLD_BACK));
  assert.equal(given.buffer, buffer.buffer);
  assert.equal(given.byteOffset, 0);
  assert.equal(latin1(given), "a".repeat(HOLD_BACK) + "~".repeat(5_000 - HOLD_BACK));
});

Deno.test("a scrubber that is given up forgets what waits, and leaves alone what it gave last", () => {
  const scrubber = new StreamScrubber(setOf(["correct-horse-battery-staple"]));
  const text = `${"~".repeat(500)}correct-horse-battery-staple${"~".repeat(500)}correct-horse-batt`;
  const buffer = concat(new Uint8Array(HOLD_BACK), utf8(text));
  const given = scrubber.pushInPlace(buffer.subarray(HOLD_BACK));
  const before = latin1(given);
  assert.ok(before.includes(TOKEN));
  scrubber.wipe();
  assert.equal(latin1(given), before);
  assert.equal(latin1(scrubber.end()), "\0".repeat(HOLD_BACK));
});

Deno.test("property: bytes that hold no secret come out as they went in", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 2_000 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (bytes, offsets) => {
        const set = setOf(["correct-horse-battery-staple", "another-secret-that-is-long"]);
        assert.equal(scrubbed(set, cut(bytes, offsets)), latin1(bytes));
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("how much is held back depends on no content: the same number of bytes, whatever has begun", () => {
  const set = setOf(["correct-horse-battery-staple"]);
  for (const text of ["x".repeat(1_000), "correct-horse-batt".repeat(60), "correct-horse-battery-stapl"]) {
    const scrubber = new StreamScrubber(set);
    let given = 0;
    for (const [i, byte] of utf8(text).entries()) {
      given += scrubber.push(Uint8Array.of(byte)).length;
      assert.equal(i + 1 - given, Math.min(i + 1, HOLD_BACK));
    }
  }
});

Deno.test("a whole line is let go at once, unless a secret has lines itself; then an empty line is", () => {
  const oneLine = new StreamScrubber(setOf(["correct-horse-battery-staple"]));
  assert.equal(latin1(oneLine.push(utf8('data: {"a":1}\n'))), 'data: {"a":1}\n');
  assert.equal(latin1(oneLine.push(utf8("\ndata: corr"))), "\n");
  assert.equal(latin1(oneLine.push(utf8("ect-horse-battery-staple\n\n"))), `data: ${TOKEN}\n\n`);

  const lines = new StreamScrubber(setOf(["first line of it\nsecond line of it"]));
  assert.equal(latin1(lines.push(utf8("data: first line of it\n"))), "");
  assert.equal(latin1(lines.push(utf8("second line of it\n\n"))), `data: ${TOKEN}\n\n`);
  assert.equal(latin1(lines.push(utf8("event\r\n\r\n"))), "event\r\n\r\n");

  const blank = new StreamScrubber(setOf(["one paragraph\n\nand another"]));
  assert.equal(latin1(blank.push(utf8("one paragraph\n\n"))), "");
  assert.equal(latin1(blank.push(utf8("and another"))) + latin1(blank.end()), TOKEN);
});

Deno.test("matches that overlap leave nothing of either; matches side by side give a token each", () => {
  const set = setOf(["abcdefgh12345678", "12345678ijklmnop"]);
  assert.equal(scrubText(set, "<abcdefgh12345678ijklmnop>"), `<${TOKEN}>`);
  assert.equal(scrubText(set, "<abcdefgh1234567812345678ijklmnop>"), `<${TOKEN}${TOKEN}>`);
  const repeated = setOf(["abababab"]);
  assert.equal(scrubText(repeated, "<abababababab>"), `<${TOKEN}>`);
});

Deno.test("of a long secret any part of 127 bytes is found, and the whole gives one token", () => {
  const body = Array.from(
    { length: 24 },
    (_, i) => crypto.randomUUID().replaceAll("-", "") + i.toString(16).padStart(32, "f"),
  );
  const pem = `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}\n-----END PRIVATE KEY-----\n`;
  const set = setOf([pem]);
  assert.equal(scrubText(set, `key:${pem};`), `key:${TOKEN};`);
  assert.equal(scrubText(set, `{"k":${JSON.stringify(pem)}}`), `{"k":"${TOKEN}"}`);
  for (const at of [0, 1, 63, 64, 500, pem.length - 127]) {
    assert.ok(scrubText(set, `<${pem.slice(at, at + 127)}>`).includes(TOKEN), `from ${at}`);
  }
  // Whoever ends lines differently, or joins them.
  assert.ok(!scrubText(set, pem.replaceAll("\n", "\r\n")).includes(body[5]!));
  assert.ok(!scrubText(set, body.join("")).includes(body[5]!));
});

Deno.test("a short secret is found as a whole word only; one byte, or nothing, never", () => {
  const set = setOf(["4711", "x", ""]);
  assert.equal(scrubText(set, 'pin 4711, "4711" 4711'), `pin ${TOKEN}, "${TOKEN}" ${TOKEN}`);
  assert.equal(scrubText(set, "14711 47110 a4711 4711_ x"), "14711 47110 a4711 4711_ x");
  for (let at = 0; at <= 10; at++) {
    assert.equal(
      scrubbed(set, [utf8("(4711) 47112".slice(0, at)), utf8("(4711) 47112".slice(at))]),
      `(${TOKEN}) 47112`,
    );
  }
});

Deno.test("of a pair the Base64 as it is sent is found, and the password alone", () => {
  const set = setOf(["user:pass-word-1"], { isPair: true });
  assert.equal(scrubText(set, "Basic dXNlcjpwYXNzLXdvcmQtMQ==;").includes("dXNlcjpw"), false);
  assert.equal(
    scrubText(set, '{"user":"user","password":"pass-word-1"}'),
    `{"user":"user","password":"${TOKEN}"}`,
  );
  assert.equal(scrubText(setOf(["user:short"], { isPair: true }), "it is short"), "it is short");
});

Deno.test("a secret with a line break at its end is found without it", () => {
  assert.equal(scrubText(setOf(["correct-horse\n"]), "<correct-horse>"), `<${TOKEN}>`);
});

Deno.test("the token stands in the spelling of what it replaces, so that the rest can be read", () => {
  const secret = "correct-horse-battery";
  const set = setOf([secret]);
  for (const before of ["", "a", "ab"]) {
    const text = `${before}${secret}, and more`;
    const decoded = atob(scrubText(set, btoa(text)));
    assert.ok(decoded.includes(TOKEN), decoded);
    assert.ok(decoded.endsWith(" and more"), decoded);
  }
  const wide = Uint8Array.from([...secret].flatMap((c) => [c.charCodeAt(0), 0]));
  assert.equal(scrubbed(set, [wide]), [...TOKEN].map((c) => c + "\0").join(""));
});

Deno.test("what is not found is handed back as the very same bytes; what is, tells its owner", () => {
  const set = setOf(["correct-horse-battery", "another-long-secret"]);
  const found: number[] = [];
  const plain = utf8("nothing here");
  assert.equal(scrubBytes(set, plain, (owner) => found.push(owner)), plain);
  assert.equal(found.length, 0);
  assert.equal(
    latin1(scrubBytes(set, utf8("(another-long-secret)"), (owner) => found.push(owner))),
    `(${TOKEN})`,
  );
  assert.deepEqual(found, [1]);
});

Deno.test("patterns live until the last holder lets go, and are wiped then", () => {
  const set = setOf(["correct-horse-battery"]);
  set.retain();
  set.release();
  assert.equal(scrubText(set, "correct-horse-battery"), TOKEN);
  set.release();
  assert.equal(set.released, true);
  assert.equal(scrubText(set, "correct-horse-battery"), "correct-horse-battery");
  assert.throws(() => set.retain());
});
