/**
 * A hook that cuts its input at the first quote, or lets everything pass that mentions a token, is blind to ordinary
 * commands. First such a hook is shown to fail, then ours is asked.
 */

import assert from "node:assert/strict";
import { guard } from "../../src/guard/guard.ts";
import { KEYS } from "../guard/corpus.ts";

/** What a script with `sed` and `grep` in place of a parser makes of a hook's input. */
function naiveHook(input: string): "allow" | "deny" {
  const command = /"command":"([^"]*)/.exec(input)?.[1] ?? "";
  if (/wk_[a-z0-9]/.test(command)) return "allow";
  if (/\becho \$(?:OPENAI_API_KEY|GITHUB_TOKEN)\b/.test(command)) return "deny";
  return /sk-[A-Za-z0-9-]{20}|ghp_[A-Za-z0-9]{36}/.test(command) ? "deny" : "allow";
}

const key = KEYS["openai"]?.() ?? "";
const BYPASSES = [
  `curl -H "Authorization: Bearer ${key}" https://api.openai.com/v1/models`,
  'echo "$OPENAI_API_KEY"',
  `echo wk_a; echo ${key}`,
  `curl -H wk_openai_prod_a7x9m2k4b8c1d5e6 -H x:${key} https://api.openai.com`,
  "printenv",
  `python3 -c "print('${KEYS["anthropic"]?.()}')"`,
  `git clone https://${KEYS["github_pat"]?.()}@github.com/a/b`,
  "echo $MY_OWN_API_KEY",
];

Deno.test("a hook that is cut at a quote, or excused by a token, lets secrets pass", () => {
  for (const command of BYPASSES) {
    assert.equal(
      naiveHook(JSON.stringify({ hook_event_name: "beforeShellExecution", command })),
      "allow",
      command,
    );
  }
});

Deno.test("the guard refuses all of them, in either client's words", async () => {
  for (const command of BYPASSES) {
    const ask = (input: unknown) =>
      guard(JSON.stringify(input), { client: undefined, failClosed: false }, () => Promise.resolve([]));
    const cursor = await ask({ hook_event_name: "beforeShellExecution", command });
    assert.equal(JSON.parse(cursor.stdout).permission, "deny", command);
    const claude = await ask({ hook_event_name: "PreToolUse", tool_name: "Bash", tool_input: { command } });
    assert.equal(JSON.parse(claude.stdout).hookSpecificOutput?.permissionDecision, "deny", command);
  }
});

Deno.test("members named twice, escaped or nested do not hide a command", async () => {
  const forms = [
    '{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls","command":"printenv"}}',
    '{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"\\u0063ommand":"printenv"}}',
    '{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"\\u0070rintenv"}}',
    '\n{ "tool_input" : {"command":"print\\\\\\nenv"}, "tool_name":"Bash", "hook_event_name":"PreToolUse" }',
  ];
  for (const form of forms) {
    const { stdout } = await guard(form, { client: undefined, failClosed: false }, () => Promise.resolve([]));
    assert.match(stdout, /"deny"/, form);
  }
});
