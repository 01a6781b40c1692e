import assert from "node:assert/strict";
import fc from "fast-check";
import { actText, sortedJson } from "../../src/core/act.ts";
import { utf8 } from "../../src/core/bytes.ts";

Deno.test("an act is described by operation, parameters and the payload's SHA-256", async () => {
  assert.equal(
    await actText("credential.reveal", { project: "default", name: "k" }, utf8("abc")),
    '{"op":"credential.reveal","params":{"name":"k","project":"default"},' +
      '"payload":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}',
  );
});

Deno.test("the order in which members were set does not matter, that of lists does", () => {
  assert.equal(sortedJson({ b: 1, a: { d: 2, c: 3 } }), sortedJson({ a: { c: 3, d: 2 }, b: 1 }));
  assert.notEqual(sortedJson([1, 2]), sortedJson([2, 1]));
});

Deno.test("equal values have one text, and the text reads back as the value", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const wire: unknown = JSON.parse(JSON.stringify(value));
    assert.equal(sortedJson(value), sortedJson(wire));
    assert.deepEqual(JSON.parse(sortedJson(wire)), wire);
  }));
});

Deno.test("different acts have different texts", async () => {
  const act = fc.tuple(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), fc.uint8Array());
  await fc.assert(fc.asyncProperty(act, act, async (a, b) => {
    const same = sortedJson(a[0]) === sortedJson(b[0]) && sortedJson(a[1]) === sortedJson(b[1]) &&
      a[2].join() === b[2].join();
    assert.equal(await actText(...a) === await actText(...b), same);
  }));
});

Deno.test("a member called __proto__ is a member like any other", () => {
  const odd: unknown = JSON.parse('{"z":1,"__proto__":{"hosts":["*"]}}');
  assert.equal(sortedJson(odd), '{"__proto__":{"hosts":["*"]},"z":1}');
});
