import assert from "node:assert/strict";
import fc from "fast-check";
import { formParts } from "../../src/core/multipart.ts";
import { FUZZ_CASES } from "./fuzz.ts";

const BOUNDARY = "----x7";

function body(...parts: [fields: string, content: string][]): string {
  return parts.map(([fields, content]) => `--${BOUNDARY}\r\n${fields}\r\n\r\n${content}\r\n`).join("") +
    `--${BOUNDARY}--\r\n`;
}

const named = (name: string) => `Content-Disposition: form-data; name="${name}"`;

Deno.test("fields, files and what is neither are told apart", () => {
  const text = body(
    [named("a"), "1"],
    [`${named("f")}; filename="x.txt"\r\nContent-Type: text/plain`, "file"],
    [`${named("g")}; filename*=UTF-8''x`, "file"],
    [`${named("e")}\r\nContent-Transfer-Encoding: base64`, "AAAA"],
    [`${named("ok")}\r\nContent-Transfer-Encoding: 8bit`, ""],
    ["content-disposition : form-data", "nameless"],
    [`${named("x")}\r\n${named("y")}`, "twice"],
    [named("Ã©"), "utf-8"],
  );
  const parts = formParts(text, BOUNDARY);
  assert.deepEqual(parts?.map(({ name, isFile, start, end }) => [name, isFile, text.slice(start, end)]), [
    ["a", false, "1"],
    ["f", true, "file"],
    ["g", true, "file"],
    ["e", true, "AAAA"],
    ["ok", false, ""],
    [null, false, "nameless"],
    [null, false, "twice"],
    ["é", false, "utf-8"],
  ]);
});

Deno.test("a body that could be read in two ways has no parts", () => {
  const good = body([named("a"), "1"]);
  assert.notEqual(formParts(good, BOUNDARY), null);
  const wrong = [
    "",
    `preamble\r\n${good}`,
    good.replaceAll("\r\n", "\n"),
    good.slice(0, -6),
    good.replace(BOUNDARY, `${BOUNDARY} `),
    `--${BOUNDARY}\r\n${named("a")}\r\n--${BOUNDARY}\r\n${named("b")}\r\n\r\n1\r\n--${BOUNDARY}--`,
  ];
  for (const text of wrong) assert.equal(formParts(text, BOUNDARY), null, JSON.stringify(text));
});

Deno.test("a name that another program could read as another is none", () => {
  const disposition = (text: string) => `Content-Disposition: ${text}`;
  for (
    const fields of [
      disposition('form-data; name="a"; name="title"'),
      disposition("form-data; name=\"a\"; name*=utf-8''title"),
      disposition('form-data; name="a\\b"'),
      disposition('form-data; name="a"; x="; name=title"'),
      disposition('form-data; x=name="title"; name="a"'),
      disposition('form-data; name="a'),
      disposition('attachment; name="a"'),
      disposition('x; name="a"'),
      disposition("form-data"),
    ]
  ) assert.equal(formParts(body([fields, "x"]), BOUNDARY)?.[0]?.name, null, fields);
  assert.equal(formParts(body([`${named("a")}\n${named("title")}`, "x"]), BOUNDARY), null);
});

Deno.test("a delimiter that only some programs see makes it no form", () => {
  for (const line of ["\n", "\r"]) {
    const hidden = `x${line}--${BOUNDARY}${line}${named("title")}${line}${line}y`;
    assert.equal(formParts(body([named("a"), hidden]), BOUNDARY), null);
  }
});

Deno.test("property: what a form encoder writes is read back, field by field", () => {
  const content = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)) })
    .filter((text) => !text.includes(BOUNDARY));
  const fields = fc.array(fc.tuple(fc.stringMatching(/^[a-z0-9_[\]]{1,8}$/), content), { maxLength: 5 });
  fc.assert(
    fc.property(fields, (fields) => {
      const text = body(...fields.map(([name, value]): [string, string] => [named(name), value]));
      const parts = formParts(text, BOUNDARY);
      assert.deepEqual(parts?.map(({ name, start, end }) => [name, text.slice(start, end)]), fields);
    }),
    { numRuns: FUZZ_CASES },
  );
});
