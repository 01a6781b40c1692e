import assert from "node:assert/strict";
import fc from "fast-check";
import { appendItem, nodeAt, removeItems, removeMember, setMember } from "../../../src/core/jsonc/edit.ts";
import { parseJsonc, valueOf } from "../../../src/core/jsonc/parse.ts";

const value = (text: string) => {
  const node = parseJsonc(text);
  return node === null ? undefined : valueOf(node);
};

Deno.test("what JSON.parse reads is read the same", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 3 }), (json, indent) => {
    // Members named `__proto__` differ between the two by design of the language.
    const text = JSON.stringify(json, null, indent);
    fc.pre(!text.includes("__proto__"));
    assert.deepEqual(value(text), JSON.parse(text));
  }));
});

Deno.test("comments and trailing commas are read, and other mistakes refused with their line", () => {
  assert.deepEqual(value('// a\n{ /* b */ "a": [1, 2,], // c\n "b": "//no", }'), { a: [1, 2], b: "//no" });
  assert.equal(value("  // nothing\n"), undefined);
  for (const text of ["{", "[1", '{"a" 1}', "{a: 1}", "[1 2]", "01", "{} {}", '"\n"', "[,]", "nul", "'a'"]) {
    assert.throws(() => parseJsonc(text), SyntaxError, text);
  }
  assert.throws(() => parseJsonc('{\n"a": 1,\n"b" 2}'), /line 3/);
  assert.throws(() => parseJsonc("[".repeat(5000)), /too deeply/);
});

Deno.test("a member put in and taken out leaves the text as it was, byte for byte", () => {
  for (
    const text of [
      '{\n  "a": 1\n}\n',
      '{\n  "a": 1,\n}\n',
      '{\n\t"a": { "b": [1, 2] }, // note\n\t/* more */ "c": null // last\n\t// end\n}',
      '{"a":1}',
      '{ "a": 1, }',
      '{\r\n    "a": 1\r\n}\r\n',
      '\ufeff{\n  "a": 1\n}',
      "{}",
      '{\n  "servers": {\n    "x": {}\n  },\n  "z": 1\n}',
      '{\n  "servers": {\n    "x": {} // x\n    , "y": 2\n  }\n}',
    ]
  ) {
    const path = text.includes("servers") ? ["servers", "wispkey"] : ["wispkey"];
    const added = setMember(text, path, { command: "w", args: [1] });
    assert.deepEqual(nodeAt(added, path) && valueOf(nodeAt(added, path) ?? assert.fail()), {
      command: "w",
      args: [1],
    });
    assert.equal(removeMember(added, path), text, added);
  }
});

Deno.test("items put in and taken out leave the text as it was", () => {
  for (
    const text of [
      '{\n  "a": [\n    1, // one\n    2 // two\n  ]\n}',
      '{"a": [1]}',
      '{"a": [1,]}',
      '{ "a": [] }',
    ]
  ) {
    const added = appendItem(text, ["a"], { ours: true });
    assert.equal(removeItems(added, ["a"], ({ kind }) => kind === "object"), text, added);
  }
});

Deno.test("any document keeps everything else when a member is set and removed", () => {
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      fc.integer(),
      fc.string(),
      fc.dictionary(key, tie("node"), { noNullPrototype: true }),
      fc.array(tie("node")),
    ),
  })).node;
  fc.assert(
    fc.property(
      fc.dictionary(key, tree, { noNullPrototype: true }),
      fc.constantFrom(0, 2, "\t"),
      fc.boolean(),
      (json, indent, comments) => {
        const plain = JSON.stringify(json, null, indent);
        const text = comments && indent !== 0
          ? plain.replaceAll(/([\]}\d])(,?)\n/g, "$1$2 // note\n")
          : plain;
        const path = ["OURS", "wispkey"];
        const added = setMember(text, path, { a: [1] });
        assert.deepEqual(value(added), { ...json, OURS: { wispkey: { a: [1] } } });
        assert.equal(removeMember(added, ["OURS"]), text);
      },
    ),
  );
});

Deno.test("a value is replaced in its place, and what is no container is left alone", () => {
  assert.equal(
    setMember('{\n  "a": 1, // x\n  "b": 2\n}', ["a"], [1]),
    '{\n  "a": [\n    1\n  ], // x\n  "b": 2\n}',
  );
  assert.throws(() => setMember('{"a": 1}', ["a", "b"], 1), TypeError);
  assert.throws(() => appendItem('{"a": {}}', ["a"], 1), TypeError);
  assert.throws(() => setMember("[1]", ["a"], 1), TypeError);
  assert.equal(removeMember('{"a":1}', ["b", "c"]), '{"a":1}');
});
