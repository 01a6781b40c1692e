import assert from "node:assert/strict";
import { checkShape, type Shape } from "../../../src/daemon/operations/shape.ts";
import { VAULT_OPERATIONS } from "../../../src/daemon/operations/mod.ts";

const shape: Shape = {
  name: "string",
  project: "string|null",
  hosts: "string[]",
  "last?": "count",
  patch: { "type?": "type", "place?": "place" },
};
const good = { name: "k", project: null, hosts: ["a.test"], patch: {} };

Deno.test("parameters that fit pass, with and without what may be absent", () => {
  checkShape("op", shape, good);
  checkShape("op", shape, { ...good, last: 3, project: "p", patch: { type: "api_key", place: null } });
  for (
    const place of [
      { in: "header", name: "X-Api-Key" },
      { in: "query", name: "key" },
      { in: "basic", part: "user" },
      { in: "body_json", pointer: "/a/0" },
      { in: "form", field: "secret" },
      { in: "body" },
    ]
  ) checkShape("op", shape, { ...good, patch: { place } });
});

const bad: [string, unknown, RegExp][] = [
  ["nothing", undefined, /the parameters/],
  ["a list", [], /the parameters/],
  ["a missing field", { ...good, name: undefined }, /'name'/],
  ["a number for a text", { ...good, name: 7 }, /'name'/],
  ["an object for a text", { ...good, name: { toString: "x" } }, /'name'/],
  ["a list with a number", { ...good, hosts: ["a", 1] }, /'hosts'/],
  ["a negative count", { ...good, last: -1 }, /'last'/],
  ["a fraction", { ...good, last: 1.5 }, /'last'/],
  ["an unknown field", { ...good, __proto: 1 }, /unknown '__proto'/],
  ["an unknown type", { ...good, patch: { type: "root" } }, /'type'/],
  ["a header name with a line break", {
    ...good,
    patch: { place: { in: "header", name: "X\r\nHost" } },
  }, /'place'/],
  ["a header the proxy writes itself", {
    ...good,
    patch: { place: { in: "header", name: "Host" } },
  }, /'place'/],
  ["a pointer that is none", {
    ...good,
    patch: { place: { in: "body_json", pointer: "a" } },
  }, /'place'/],
  ["a place with more than it needs", {
    ...good,
    patch: { place: { in: "query", name: "k", x: 1 } },
  }, /'place'/],
  ["a patch that is no object", { ...good, patch: null }, /the parameters/],
];
for (const [what, params, message] of bad) {
  Deno.test(`parameters with ${what} are refused`, () => {
    assert.throws(() => checkShape("op", shape, params), { code: "bad_parameters", message });
  });
}

Deno.test("every operation says what its parameters look like, and refuses others", () => {
  for (const [name, operation] of Object.entries(VAULT_OPERATIONS)) {
    assert.throws(() => checkShape(name, operation.shape, { "not a field": 1 }), {
      code: "bad_parameters",
      hint: /newer than the running daemon/,
    });
  }
});
