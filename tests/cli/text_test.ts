import assert from "node:assert/strict";
import fc from "fast-check";
import { splitList } from "../../src/cli/arguments.ts";
import { commandLine } from "../../src/cli/quote.ts";
import { shellQuote } from "../../src/core/shell_quote.ts";
import { editDistance, nearest } from "../../src/cli/suggest.ts";
import { formatTable } from "../../src/cli/table.ts";
import { longTime, parseDay, rfc3339, shortTime } from "../../src/cli/time.ts";
import { displayWidth, padEnd, truncate, wrapText } from "../../src/cli/width.ts";
import { printableBytes } from "../../src/cli/credential/printable.ts";
import { UsageError } from "../../src/core/errors.ts";
import { NOW } from "./fake.ts";

Deno.test("lists are cut at commas, their pieces trimmed, the empty ones dropped", () => {
  assert.deepEqual(splitList(" a, ,b,,c d ,"), ["a", "b", "c d"]);
  assert.deepEqual(splitList(""), []);
  const piece = fc.string().map((text) => text.replaceAll(",", "").trim()).filter((text) => text !== "");
  fc.assert(fc.property(fc.array(piece), fc.constantFrom(",", " , ", ",,", ", ,"), (pieces, separator) => {
    assert.deepEqual(splitList(pieces.join(separator)), pieces);
  }));
});

Deno.test("plain words are not quoted, others so that a shell reads them back", () => {
  assert.equal(shellQuote("api.openai.com"), "api.openai.com");
  assert.equal(shellQuote(""), "''");
  assert.equal(shellQuote("*"), "'*'");
  assert.equal(shellQuote("it's"), "'it'\\''s'");
  assert.equal(
    commandLine("wispkey", "edit", "my key", "--hosts", "a,b"),
    "wispkey edit 'my key' --hosts a,b",
  );
});

Deno.test("bash reads every quoted command line back word by word", async () => {
  const word = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\0", ""));
  const lines = fc.sample(fc.array(word, { minLength: 1, maxLength: 4 }), 60);
  const script = lines.map((words) => `printf '%s\\0' ${commandLine(...words)} ${shellQuote("\x01")}`).join(
    "\n",
  );
  const bash = new Deno.Command("bash", { args: ["-c", script], stdout: "piped" });
  const { stdout, success } = await bash.output();
  assert.ok(success);
  const expected = lines.map((words) => [...words, "\x01"].map((each) => `${each}\0`).join("")).join("");
  assert.equal(new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout), expected);
});

Deno.test("the distance of two words counts insertions, deletions, changes and swaps", () => {
  assert.equal(editDistance("", "abc"), 3);
  assert.equal(editDistance("valeu", "value"), 1);
  assert.equal(editDistance("kitten", "sitting"), 3);
  fc.assert(fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
    const distance = editDistance(a, b);
    assert.equal(distance, editDistance(b, a));
    assert.equal(distance === 0, a === b);
    assert.ok(distance >= Math.abs(a.length - b.length) && distance <= Math.max(a.length, b.length));
  }));
});

Deno.test("the nearest word is found only if one is near", () => {
  const words = ["status", "stop", "serve", "remove", "rotate"];
  assert.equal(nearest("staus", words), "status");
  assert.equal(nearest("STATUS", words), "status");
  assert.equal(nearest("rem", words), "remove");
  assert.equal(nearest("xyzzy", words), undefined);
  assert.equal(nearest("s", words), undefined);
  assert.equal(nearest("s".repeat(100_000), words), undefined);
});

Deno.test("wide characters take two columns, marks none", () => {
  for (
    const [text, width] of [
      ["", 0],
      ["abc", 3],
      ["é", 1],
      ["e\u0301", 1],
      ["日本語", 6],
      ["한글", 4],
      ["ｆｕｌｌ", 8],
      ["👍", 2],
      ["👩‍👩‍👧", 2],
      ["❤️", 2],
      ["\u200d", 0],
      ["naïve", 5],
    ] as const
  ) {
    assert.equal(displayWidth(text), width, text);
  }
});

Deno.test("cutting keeps within the width and never splits a character", () => {
  assert.equal(truncate("abcdef", 6), "abcdef");
  assert.equal(truncate("abcdef", 5), "abcd…");
  assert.equal(truncate("日本語", 4), "日…");
  assert.equal(truncate("👩‍👩‍👧👩‍👩‍👧", 3), "👩‍👩‍👧…");
  const text = fc.string({ unit: "grapheme" }).filter((each) => !/\p{Cc}/u.test(each));
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 30 }), (text, width) => {
    const cut = truncate(text, width);
    assert.ok(displayWidth(cut) <= width, `${cut} is wider than ${width}`);
    assert.ok(text.startsWith(cut.replace(/…$/, "")) || cut === text);
    assert.ok(cut.isWellFormed() || !text.isWellFormed());
  }));
});

Deno.test("filling up counts columns", () => {
  assert.equal(padEnd("日", 4) + "|", "日  |");
  assert.equal(padEnd("long", 2), "long");
});

Deno.test("columns of a table line up, whatever the script", () => {
  const lines = formatTable(
    [{ title: "NAME" }, { title: "TYPE" }],
    [["日本", "a"], ["plain", "b"]],
    undefined,
  );
  assert.deepEqual(lines, ["NAME   TYPE", "日本   a", "plain  b"]);
});

Deno.test("a table that is too wide for the terminal is cut in the columns that may shrink", () => {
  const columns = [{ title: "NAME" }, { title: "DESCRIPTION", shrinks: true }, { title: "CREATED" }];
  const rows = [["a-name", "d".repeat(200), "2026-01-31 12:34"]];
  const [heading = "", line = ""] = formatTable(columns, rows, 60);
  assert.equal(displayWidth(line), 60);
  assert.match(line, /^a-name {2}d+… {2}2026-01-31 12:34$/);
  assert.ok(heading.length <= 60);
  assert.equal(formatTable(columns, rows, undefined)[1]?.length, 6 + 2 + 200 + 2 + 16);
  // Where nothing may shrink any further the table stays too wide, and whole.
  assert.match(formatTable(columns, rows, 5)[1] ?? "", /a-name {2}d{9}… {2}2026/);
});

Deno.test("a column says down to what width it shrinks", () => {
  const columns = [{ title: "NAME", shrinks: 24 }, { title: "DESCRIPTION", shrinks: true }];
  const [, line = ""] = formatTable(columns, [["n".repeat(60), "d".repeat(60)]], 40);
  assert.match(line, /^n{23}… {2}d{13}…$/);
  assert.match(formatTable(columns, [["n".repeat(60), "d".repeat(60)]], 5)[1] ?? "", /^n{23}… {2}d{9}…$/);
});

Deno.test("a cell that wraps goes on below and loses nothing", () => {
  const columns = [{ title: "NAME" }, { title: "MAY GO TO", shrinks: true, wraps: true }, { title: "X" }];
  const rows = [["k", "api.one.test, api.two.test", "x"], ["l", "longer-than-the-column.test", "y"]];
  assert.deepEqual(formatTable(columns, rows, 23), [
    "NAME  MAY GO TO       X",
    "k     api.one.test,   x",
    "      api.two.test",
    "l     longer-than-    y",
    "      the-column.",
    "      test",
  ]);
  assert.equal(formatTable(columns, rows, undefined).length, 3, "in a pipe a row is a line");
});

Deno.test("wrapped lines keep within the width, and every character", () => {
  const text = fc.string({ unit: "grapheme" }).filter((each) => !/\p{Cc}/u.test(each));
  fc.assert(fc.property(text, fc.integer({ min: 2, max: 30 }), (text, width) => {
    const lines = wrapText(text, width);
    for (const line of lines) assert.ok(displayWidth(line) <= width, `${line} is wider than ${width}`);
    assert.equal(lines.join("").replaceAll(" ", ""), text.replaceAll(" ", ""));
  }));
});

Deno.test("what others wrote cannot command the terminal through a table", () => {
  const [, line = ""] = formatTable([{ title: "A" }], [["\u001b[31mred\u202e\nnext"]], undefined);
  assert.ok(!/[\p{Cc}\u202e]/u.test(line), line);
  assert.match(line, /\\u\{1b\}\[31mred/);
});

Deno.test("times are UTC in each of their forms", () => {
  assert.equal(rfc3339(NOW), "2026-01-31T12:34:56.000Z");
  assert.equal(rfc3339(null), null);
  assert.equal(shortTime(NOW), "2026-01-31 12:34");
  assert.equal(longTime(NOW), "2026-01-31 12:34:56 UTC");
});

Deno.test("days are read only in their one form and only if they exist", () => {
  assert.equal(parseDay("2026-01-31", "since"), Date.UTC(2026, 0, 31));
  assert.equal(parseDay("2024-02-29", "since"), Date.UTC(2024, 1, 29));
  for (
    const text of [
      "2026-02-29",
      "2026-13-01",
      "2026-00-10",
      "31.01.2026",
      "2026-1-31",
      "yesterday",
      "",
      "2026-01-31T00:00",
    ]
  ) {
    assert.throws(() => parseDay(text, "since"), (error) => {
      assert.ok(error instanceof UsageError && error.code === "invalid_date");
      assert.match(error.message, /--since/);
      return true;
    }, text);
  }
});

Deno.test("a revealed value cannot command the terminal, and text in any script stays as it is", () => {
  const show = (text: string) => new TextDecoder().decode(printableBytes(new TextEncoder().encode(text)));
  for (const text of ["sk-abc", "a\tb\nc", "pässwörd", "日本語", "👍", "’…“", "\u00a0"]) {
    assert.equal(show(text), text);
  }
  assert.equal(show("\u001b[31m"), "\\x1b[31m");
  assert.equal(show("a\r\u007f\u0000"), "a\\x0d\\x7f\\x00");
  assert.equal(show("\u009b31m"), "Â\\x9b31m".replace("Â", "\ufffd"));
  const bare = printableBytes(Uint8Array.of(0x9b, 0x41, 0xff));
  assert.deepEqual([...bare.slice(0, 5)], [...new TextEncoder().encode("\\x9bA")]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = printableBytes(new TextEncoder().encode(text));
    assert.ok(!shown.some((byte) => (byte < 0x20 && byte !== 9 && byte !== 10) || byte === 0x7f));
  }));
});
