import assert from "node:assert/strict";
import type { Credential, CredentialPatch } from "../../src/core/credential.ts";
import { needsPassword } from "../../src/core/edit_rules.ts";

const before: Credential = {
  id: "1",
  name: "k",
  description: "old",
  type: "custom_header",
  place: { in: "header", name: "X-Key" },
  hostsConfirmed: true,
  hosts: ["*.a.test", "b.test"],
  tags: ["x"],
  token: "wk_k_0123456789abcdef",
  projectId: "p",
  partitionId: "q",
  createdAt: 1,
  updatedAt: 1,
  lastUsedAt: null,
};

Deno.test("what only describes or narrows needs no password", () => {
  const harmless: CredentialPatch[] = [
    {},
    { description: "new" },
    { tags: [] },
    { hosts: [] },
    { hosts: ["b.test"] },
    { hosts: ["x.a.test", "b.test/v1/**"] },
    { hosts: ["*.a.test", "b.test"] },
    {
      name: "k",
      type: "custom_header",
      place: { in: "header", name: "X-Key" },
      projectId: "p",
      partitionId: "q",
    },
  ];
  for (const patch of harmless) assert.equal(needsPassword(before, patch), false, JSON.stringify(patch));
});

Deno.test("whatever could send the secret anywhere new needs the password", () => {
  const widening: CredentialPatch[] = [
    { name: "k2" },
    { type: "bearer_token" },
    { place: { in: "header", name: "X-Other" } },
    { place: { in: "query", name: "X-Key" } },
    { place: null },
    { place: { in: "body_json", pointer: "/a" } },
    { place: { in: "form", field: "X-Key" } },
    { place: { in: "body" } },
    { projectId: "p2" },
    { partitionId: "q2" },
    { hosts: ["c.test"] },
    { hosts: ["*"] },
    { hosts: ["a.test"] },
    { hosts: ["b.test:*"] },
    { hosts: ["http://b.test"] },
    { hosts: ["b.test", "127.0.0.1:80"] },
    { description: "harmless", hosts: ["*.workers.dev"] },
  ];
  for (const patch of widening) assert.equal(needsPassword(before, patch), true, JSON.stringify(patch));
});

Deno.test("another pointer, field or part is another place", () => {
  const pairs: [Credential["place"], Credential["place"]][] = [
    [{ in: "body_json", pointer: "/a" }, { in: "body_json", pointer: "/b" }],
    [{ in: "form", field: "a" }, { in: "form", field: "b" }],
    [{ in: "basic", part: "user" }, { in: "basic", part: "password" }],
    [{ in: "body_json", pointer: "/a" }, { in: "body" }],
  ];
  for (const [a, b] of pairs) {
    assert.equal(needsPassword({ ...before, place: a }, { place: b }), true);
    assert.equal(needsPassword({ ...before, place: a }, { place: structuredClone(a) }), false);
  }
});
