import assert from "node:assert/strict";
import type { SettingKey } from "../../src/core/settings.ts";
import { assertCode, reopen, tamper, withVault } from "./support.ts";

Deno.test("what was set reads back, what was not is absent, unset goes back", async () => {
  await withVault(async (vault, directory) => {
    assert.deepEqual(vault.settings.all(), {});
    vault.settings.set("session.timeout", 5);
    vault.settings.set("proxy.idle_timeout", 60);
    vault.settings.set("session.timeout", 0);
    const again = await reopen(directory);
    assert.deepEqual(again.settings.all(), { "session.timeout": 0, "proxy.idle_timeout": 60 });
    again.settings.unset("session.timeout");
    again.settings.unset("session.timeout");
    again.close();
    assert.deepEqual(vault.settings.all(), { "proxy.idle_timeout": 60 });
    assert.equal(vault.verify().ok, true);
    assert.deepEqual(
      vault.audit.query().filter((row) => row.event === "SettingChanged").map((row) => row.reason),
      [
        "session.timeout = 5",
        "proxy.idle_timeout = 60",
        "session.timeout = 0",
        "session.timeout unset",
        "session.timeout unset",
      ],
    );
  });
});

Deno.test("values outside their range and unknown keys are refused", async () => {
  await withVault((vault) => {
    assertCode(() => vault.settings.set("session.timeout", -1), "invalid_setting");
    assertCode(() => vault.settings.set("session.timeout", 1.5), "invalid_setting");
    assertCode(() => vault.settings.set("no.such" as SettingKey, 1), "unknown_setting");
    assert.deepEqual(vault.settings.all(), {});
  });
});

const EDITS: Readonly<Record<string, string>> = {
  "a changed value": "UPDATE settings SET value = '525600' WHERE key = 'session.timeout'",
  "a changed key": "UPDATE settings SET key = 'proxy.body_timeout' WHERE key = 'session.timeout'",
  "exchanged values":
    "UPDATE settings SET value = CASE key WHEN 'session.timeout' THEN '60' ELSE '5' END WHERE key <> 'proxy.connect_timeout'",
  "a removed setting": "DELETE FROM settings WHERE key = 'session.timeout'",
  "all settings removed": "DELETE FROM settings",
  "a planted setting": "INSERT INTO settings VALUES ('proxy.body_timeout', '1', zeroblob(32))",
};
for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`${what} is refused instead of the default being taken, until its owner settles it`, async () => {
    await withVault((vault, directory) => {
      vault.settings.set("session.timeout", 5);
      vault.settings.set("proxy.idle_timeout", 60);
      tamper(directory, sql);
      assertCode(() => vault.settings.all(), "setting_tampered");
      assert.equal(vault.verify().ok, false);
      for (const key of ["session.timeout", "proxy.idle_timeout", "proxy.body_timeout"] as const) {
        vault.settings.unset(key);
      }
      vault.settings.set("session.timeout", 5);
      assert.deepEqual(vault.settings.all(), { "session.timeout": 5 });
      assert.equal(vault.verify().ok, true);
    });
  });
}

Deno.test("an old value put back is noticed", async () => {
  await withVault((vault, directory) => {
    vault.settings.set("session.timeout", 0);
    tamper(directory, "CREATE TABLE copy AS SELECT * FROM settings");
    vault.settings.set("session.timeout", 5);
    tamper(directory, "INSERT OR REPLACE INTO settings SELECT * FROM copy");
    assertCode(() => vault.settings.all(), "setting_tampered");
  });
});

const UPSTREAM = "http://user:pa55word@proxy.test:3128";

Deno.test("each kind of setting reads back as it was set", async () => {
  await withVault(async (vault, directory) => {
    vault.settings.set("proxy.upstream", UPSTREAM);
    vault.settings.set("proxy.no_proxy", ["localhost", "10.0.0.0/8"]);
    vault.settings.set("proxy.require_caller", true);
    const again = await reopen(directory);
    assert.deepEqual(again.settings.all(), {
      "proxy.no_proxy": ["localhost", "10.0.0.0/8"],
      "proxy.require_caller": true,
      "proxy.upstream": UPSTREAM,
    });
    again.close();
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("the upstream proxy's password stands in no file and no row of the log", async () => {
  await withVault((vault, directory) => {
    vault.settings.set("proxy.upstream", UPSTREAM);
    assert.deepEqual(
      vault.audit.query().filter((row) => row.event === "SettingChanged").map((row) => row.reason),
      ["proxy.upstream = http://***@proxy.test:3128"],
    );
    for (const entry of Deno.readDirSync(directory)) {
      if (!entry.isFile) continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(`${directory}/${entry.name}`));
      assert.ok(!text.includes("pa55word"), entry.name);
    }
  });
});

Deno.test("a secret setting that was put in clear, or under another key, is refused", async () => {
  await withVault((vault, directory) => {
    vault.settings.set("proxy.upstream", UPSTREAM);
    tamper(directory, "UPDATE settings SET value = 'http://evil.test:1' WHERE key = 'proxy.upstream'");
    assertCode(() => vault.settings.all(), "setting_tampered");
  });
});
