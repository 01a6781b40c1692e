import assert from "node:assert/strict";
import { MAX_NOTIFICATION, NOTIFICATION_PROGRAMS, notify } from "../../src/platform/notification.ts";

const windows = Deno.build.os === "windows";

/** The `linux` way with a program of our own, which writes down what it was given. */
async function heard(title: string, text: string): Promise<{ shown: boolean; args: string[]; env: string }> {
  const directory = await Deno.makeTempDir({ prefix: "wk-notify-" });
  try {
    const script =
      `#!/bin/sh\nprintf '%s\\0' "$@" > '${directory}/args'\n/usr/bin/env > '${directory}/env'\n`;
    await Deno.writeTextFile(`${directory}/notify-send`, script, { mode: 0o700 });
    const { linux } = NOTIFICATION_PROGRAMS;
    assert(linux);
    const shown = await notify(title, text, { ...linux, directories: [directory] });
    return {
      shown,
      args: (await Deno.readTextFile(`${directory}/args`)).split("\0").slice(0, -1),
      env: await Deno.readTextFile(`${directory}/env`),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test({
  name: "a notification's texts are escaped and cut, options and markup in them are text",
  ignore: windows,
  fn: async () => {
    const { shown, args } = await heard("--urgency=critical", `<b>&\u001b[31m${"x".repeat(500)}`);
    assert.equal(shown, true);
    assert.deepEqual(args.slice(0, 3), ["--app-name=WispKey", "--", "--urgency=critical"]);
    const [, , , body = ""] = args;
    assert.match(body, /^&lt;b&gt;&amp;\\u\{1b\}\[31mx+…$/);
    assert.ok(body.length <= MAX_NOTIFICATION + 10);
  },
});

Deno.test({
  name: "the program that shows it gets the desktop's variables and none of ours",
  ignore: windows,
  fn: async () => {
    Deno.env.set("WK_NOTIFY_HIDDEN", "secret");
    try {
      const { env } = await heard("title", "text");
      assert.ok(!env.includes("WK_NOTIFY_HIDDEN"));
      assert.ok(!/^(PATH=\/.*wk-|WISPKEY_|LD_)/m.test(env), env);
    } finally {
      Deno.env.delete("WK_NOTIFY_HIDDEN");
    }
  },
});

Deno.test("where there is no such program there is no notification", async () => {
  const { linux } = NOTIFICATION_PROGRAMS;
  assert(linux);
  assert.equal(await notify("title", "text", { ...linux, directories: ["/nowhere"] }), false);
});

Deno.test("for osascript and PowerShell texts are data, never code", () => {
  const evil = `"; do shell script "id" '); Start-Process x #`;
  const mac = NOTIFICATION_PROGRAMS.darwin?.args("title", evil) ?? [];
  assert.deepEqual(mac.slice(-2), ["title", evil]);
  assert.ok(!mac.slice(0, -2).some((each) => each.includes("shell")));
  const encoded = NOTIFICATION_PROGRAMS.windows?.args("title", evil).at(-1) ?? "";
  const script = new TextDecoder("utf-16le").decode(Uint8Array.fromBase64(encoded));
  assert.ok(script.includes(new TextEncoder().encode(evil).toBase64()));
  assert.ok(!script.includes("Start-Process"));
  // Its path is spelled with single backslashes, or Windows knows no such program.
  assert.match(
    script,
    /CreateToastNotifier\('\{[0-9A-F-]{36}\}\\WindowsPowerShell\\v1\.0\\powershell\.exe'\)/,
  );
});
