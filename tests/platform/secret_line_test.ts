import assert from "node:assert/strict";
import fc from "fast-check";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { type KeyOutcome, SecretLine } from "../../src/platform/secret_line.ts";

/** Types bytes until something other than `more` comes of it. */
function type(text: string | Uint8Array, maxBytes = 100): { outcome: KeyOutcome; line: Uint8Array } {
  const line = new SecretLine(maxBytes);
  for (const byte of typeof text === "string" ? utf8(text) : text) {
    const outcome = line.key(byte);
    if (outcome !== "more") return { outcome, line: line.take() };
  }
  return { outcome: "more", line: line.take() };
}

Deno.test("Enter ends the line, as carriage return or line feed", () => {
  assert.deepEqual(type("abc\rx"), { outcome: "done", line: utf8("abc") });
  assert.deepEqual(type("abc\nx"), { outcome: "done", line: utf8("abc") });
  assert.deepEqual(type("\r"), { outcome: "done", line: new Uint8Array(0) });
});

Deno.test("backspace takes away one character, however many bytes it has", () => {
  assert.equal(fromUtf8(type("aäb€c\u{1f600}\x7f\x7f\x7f\r").line), "aäb");
  assert.equal(fromUtf8(type("ä\x08b\r").line), "b");
  assert.equal(fromUtf8(type("\x7f\x7fok\r").line), "ok");
});

Deno.test("Ctrl-U takes away the line, Ctrl-C and Ctrl-D on an empty line stop, Ctrl-D elsewhere ends it", () => {
  assert.equal(fromUtf8(type("wrong\x15right\r").line), "right");
  assert.equal(type("abc\x03").outcome, "interrupt");
  assert.equal(type("\x04").outcome, "interrupt");
  assert.deepEqual(type("abc\x04"), { outcome: "done", line: utf8("abc") });
});

Deno.test("arrow and function keys leave no trace", () => {
  for (const key of ["\x1b[A", "\x1b[1;5C", "\x1bOP", "\x1b[3~", "\x1bx"]) {
    assert.equal(fromUtf8(type(`a${key}b\r`).line), "ab", JSON.stringify(key));
  }
  assert.equal(type("a\x1b[\x03").outcome, "interrupt");
  assert.equal(type("a\x1b\r").outcome, "done");
});

Deno.test("a line of the largest length is taken, one byte more is not", () => {
  assert.equal(type("x".repeat(100) + "\r").line.length, 100);
  assert.equal(type("x".repeat(101)).outcome, "too_long");
});

Deno.test("any text without control characters comes out as it was typed", () => {
  const text = fc.string({ unit: "binary" }).filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(fc.property(text, (text) => {
    assert.deepEqual(type(`${text}\r`, 10_000), { outcome: "done", line: utf8(text) });
  }));
});

Deno.test("typing and taking it all back leaves an empty line", () => {
  const text = fc.string({ unit: "grapheme" }).filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(fc.property(text, (text) => {
    const erase = "\x7f".repeat([...text].length);
    assert.deepEqual(type(`${text}${erase}\r`, 10_000).line, new Uint8Array(0));
  }));
});

Deno.test("bytes that are no UTF-8 are kept as they are", () => {
  const bytes = new Uint8Array([0xff, 0xfe, 0x80, 0xc3]);
  assert.deepEqual(type(new Uint8Array([...bytes, 0x0d])).line, bytes);
});

Deno.test("what was taken or wiped is gone", () => {
  const line = new SecretLine(10);
  for (const byte of utf8("secret")) line.key(byte);
  line.wipe();
  assert.equal(line.take().length, 0);
});
