import assert from "node:assert/strict";
import { isSameScope, policyNotes } from "../../../src/core/policy/notes.ts";
import { policiesOf, policy } from "./support.ts";

const SUBJECTS = [
  { id: "1", name: "openai", project: "default" },
  { id: "2", name: "github", project: "work" },
];

function texts(lines: string[], bound: string[] = []): string[] {
  const policies = policiesOf(policy(...lines, "deny = true"));
  return policyNotes(policies, SUBJECTS, ["default", "work"], new Map([["p", new Set(bound)]])).map((
    { text },
  ) => text);
}

Deno.test("names that nothing has are told, of credentials and of projects; stars and fallbacks are not looked for", () => {
  assert.deepEqual(texts(['credential = ["openai", "x*", "WISPKEY_FALLBACK_ACME", "opnai"]']), [
    "names the credential 'opnai', which does not exist",
  ]);
  assert.deepEqual(texts(['project = ["work", "home"]']), ["names the project 'home', which does not exist"]);
  assert.deepEqual(texts(['credential = "github"', 'project = "default"']), [
    "names the credential 'github', which is in none of its projects",
  ]);
  assert.deepEqual(texts([]), []);
});

Deno.test("what is bound under another name is told; what is gone is not", () => {
  assert.deepEqual(texts(['credential = "openai"'], ["1", "2", "3"]), [
    "still holds for 'github' (work), which it was applied to under another name",
  ]);
});

Deno.test("two policies are about the same if they say so in whatever order", () => {
  const of = (text: string) => policiesOf(policy(text, "deny = true"))[0]!;
  assert.ok(isSameScope(of('credential = ["a", "b"]'), of('credential = ["b", "a"]')));
  assert.ok(!isSameScope(of('credential = ["a", "b"]'), of('credential = "a"')));
  assert.ok(!isSameScope(of('credential = "a"'), of('project = "a"')));
});
