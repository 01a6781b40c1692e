import assert from "node:assert/strict";
import { ignoredTests, parseClosingLine } from "../../scripts/test/report.ts";

Deno.test("the closing line is read with and without steps, ignored tests, filters and colours", () => {
  assert.deepEqual(parseClosingLine("x\n\nok | 4 passed (1 step) | 0 failed (10ms)\n"), {
    passed: 4,
    failed: 0,
    ignored: 0,
  });
  assert.deepEqual(parseClosingLine("FAILED | 1 passed (1 step) | 2 failed (1 step) | 1 ignored (10ms)\n"), {
    passed: 1,
    failed: 2,
    ignored: 1,
  });
  assert.deepEqual(parseClosingLine("ok | 12 passed | 0 failed | 3 ignored (1 step) | 7 filtered out (1s)"), {
    passed: 12,
    failed: 0,
    ignored: 3,
  });
  assert.deepEqual(
    parseClosingLine("\x1b[0m\x1b[32mok\x1b[0m | 3 passed | 0 failed \x1b[0m\x1b[38;5;245m(5ms)\x1b[0m"),
    { passed: 3, failed: 0, ignored: 0 },
  );
});

Deno.test("output without a closing line gives no counts, so that a crash cannot look like success", () => {
  assert.equal(parseClosingLine(""), null);
  assert.equal(parseClosingLine("error: Module not found\n"), null);
  assert.equal(parseClosingLine("a test says: ok | many passed | none failed"), null);
});

Deno.test("ignored tests are named as they were written", () => {
  const junit = `<testsuite name="a"><testcase name="one" classname="a">
        </testcase>
        <testcase name="two &amp; &lt;three&gt; &quot;q&quot;" classname="a">
            <skipped/>
        </testcase>
        <testcase name="four" classname="a"><failure message="x">skipped, it says</failure></testcase></testsuite>`;
  assert.deepEqual(ignoredTests(junit), ['two & <three> "q"']);
  assert.deepEqual(ignoredTests("<testsuites></testsuites>"), []);
});
