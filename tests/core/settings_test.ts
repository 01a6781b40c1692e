import assert from "node:assert/strict";
import fc from "fast-check";
import {
  defaultSettings,
  isSettingKey,
  parseSetting,
  parseSettingKey,
  type SettingKey,
  settingOf,
  SETTINGS,
  shownSettings,
} from "../../src/core/settings.ts";

const KEYS = Object.keys(SETTINGS) as SettingKey[];

Deno.test("every default, and every example but the file's, is a value of its setting and reads back from its text", () => {
  const check = <K extends SettingKey>(key: K) => {
    const setting = settingOf(key);
    assert.deepEqual(parseSetting(key, setting.format(setting.default)), setting.default);
    assert.deepEqual(defaultSettings()[key], setting.default);
    assert.ok(setting.fromFile || setting.parse(setting.example) !== null, key);
    assert.ok(setting.summary !== "" && setting.takes !== "");
  };
  for (const key of KEYS) check(key);
});

Deno.test("a value's text reads back as the same value, whatever was typed", () => {
  const words = fc.constantFrom(
    "*",
    "a.test",
    "*.b.test",
    "10.0.0.0/8",
    "::1",
    "on",
    "17",
    "http://p:q@x.test",
    "",
    "-1",
  );
  fc.assert(fc.property(fc.constantFrom(...KEYS), fc.array(words, { maxLength: 4 }), (key, parts) => {
    const setting = settingOf(key);
    const value = setting.parse(parts.join(","));
    if (value !== null) assert.deepEqual(setting.parse(setting.format(value)), value);
  }));
});

Deno.test("a wrong value is refused with what would be right, and a secret one is not repeated", () => {
  const refusal = (key: SettingKey, text: string) => {
    try {
      parseSetting(key, text);
    } catch (error) {
      return error as { message: string; hint: string; code: string };
    }
    throw new Error(`${key} took ${text}`);
  };
  assert.equal(refusal("proxy.require_caller", "maybe").hint, "wispkey config set proxy.require_caller true");
  assert.match(refusal("proxy.allow_private", "*").message, /ranges/);
  assert.match(refusal("proxy.no_proxy", "a..b").message, /'a\.\.b'/);
  assert.ok(!refusal("proxy.upstream", "ftp://u:pa55word@x").message.includes("pa55word"));
  assert.ok(refusal("proxy.no_proxy", "/".repeat(10_000)).message.length < 300);
  assert.equal(
    refusal("proxy.no_proxy", Array.from({ length: 257 }, (_, i) => `h${i}.test`).join()).code,
    "invalid_setting",
  );
  assert.ok(!isSettingKey("__proto__") && !isSettingKey("toString"));
  assert.throws(() => parseSettingKey("__proto__"), { code: "unknown_setting" });
});

Deno.test("what is shown of all values holds no password", () => {
  const values = { ...defaultSettings(), "proxy.upstream": "http://me:pa55word@p.test:3128" };
  const shown = shownSettings(values);
  assert.equal(shown["proxy.upstream"], "http://***@p.test:3128");
  assert.ok(!JSON.stringify(shown).includes("pa55word"));
  assert.equal(shownSettings(defaultSettings())["proxy.upstream"], "");
});
