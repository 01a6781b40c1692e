import assert from "node:assert/strict";
import { isAsShown, shownOf } from "../../src/core/shown.ts";

const shown = {
  id: "one",
  type: "api_key",
  place: { in: "header", name: "X-Key" },
  hosts: ["a.test", "b.test"],
} as const;

Deno.test("a credential is as shown only if nothing that decides where its secret goes differs", () => {
  const same = { ...shown, hosts: [...shown.hosts] };
  assert.ok(isAsShown(same, { ...shown, place: { ...shown.place }, hosts: [...shown.hosts] }));
  for (
    const other of [
      { id: "two" },
      { type: "custom_header" as const },
      { place: null },
      { place: { in: "header" as const, name: "X-Other" } },
      { hosts: ["a.test"] },
      { hosts: ["b.test", "a.test"] },
      { hosts: ["a.test", "b.test", "c.test"] },
    ]
  ) {
    assert.ok(!isAsShown({ ...same, ...other }, same), JSON.stringify(other));
  }
});

Deno.test("what is shown holds neither token nor name", () => {
  const credential = { ...shown, hosts: [...shown.hosts], name: "k", token: "wk_k_x" };
  assert.deepEqual(Object.keys(shownOf(credential)).sort(), ["hosts", "id", "place", "type"]);
});
