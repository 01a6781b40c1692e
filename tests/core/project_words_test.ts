import assert from "node:assert/strict";
import { inProject } from "../../src/core/project_words.ts";

Deno.test("a printed command names the project, except the one that is meant anyway, and quotes it", () => {
  assert.equal(inProject("default"), "");
  assert.equal(inProject("acme"), " --project acme");
  assert.equal(inProject("$(reboot) it's"), ` --project '$(reboot) it'\\''s'`);
});
