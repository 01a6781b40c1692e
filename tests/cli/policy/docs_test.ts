import assert from "node:assert/strict";
import { mistakeText, type PolicyMistake } from "../../../src/core/policy/mistake.ts";
import { parsePolicies } from "../../../src/core/policy/parse.ts";
import { POLICY_KEYS } from "../../../src/core/policy/read_policy.ts";
import { parseRecording } from "../../../src/core/policy/recorded.ts";
import { replay } from "../../../src/core/policy/replay.ts";

const TEXT = Deno.readTextFileSync(new URL("../../../docs/policies.md", import.meta.url));
const [POLICIES = "", REQUESTS = ""] = [...TEXT.matchAll(/^```toml\n(.*?)^```$/gms)].map(([, text]) => text);

function said(mistakes: readonly PolicyMistake[]): string {
  return mistakes.map((mistake) => mistakeText("docs", mistake)).join("\n");
}

Deno.test("the example of the documentation is a right policy file, and its requests pass its test", () => {
  const policies = parsePolicies(POLICIES);
  const requests = parseRecording(REQUESTS);
  assert.ok(policies.ok, policies.ok ? "" : said(policies.mistakes));
  assert.ok(requests.ok, requests.ok ? "" : said(requests.mistakes));
  assert.equal(policies.policies.length, 5);
  const replayed = replay([{ name: "docs", policies: policies.policies }], requests.requests, 0);
  assert.deepEqual(replayed.map(({ ok }) => ok), [true, true]);
});

Deno.test("the documentation names every key of a policy", () => {
  for (const key of POLICY_KEYS) assert.ok(TEXT.includes(`\`${key}\``), key);
});
