/**
 * The settings of a vault: one table with kind, default and range, so that `config`, the daemon and the docs agree.
 * They are sealed in the vault and changed with the password only, because each touches trust or limits.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { escapeText } from "./name.ts";
import {
  booleanSetting,
  certificatesSetting,
  MAX_SETTING_LENGTH,
  networkListSetting,
  numberSetting,
  proxyUrlSetting,
  type Setting,
} from "./setting_kinds.ts";
import { shellQuote } from "./shell_quote.ts";

/** Longest text that an error repeats, in characters. */
const MAX_SHOWN_LENGTH = 200;

/** Every setting by its key. */
export const SETTINGS = {
  "session.timeout": numberSetting({
    default: 30,
    min: 0,
    max: 525_600,
    unit: "minutes",
    summary: "lock after so long without use; 0 = never",
  }),
  "proxy.max_connections": numberSetting({
    default: 16_384,
    min: 1,
    max: 65_536,
    unit: "connections",
    summary: "client connections held at once",
  }),
  "proxy.header_timeout": numberSetting({
    default: 30,
    min: 1,
    max: 3_600,
    unit: "seconds",
    summary: "a request's head must arrive within this time",
  }),
  "proxy.idle_timeout": numberSetting({
    default: 120,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "a kept connection without a request is closed",
  }),
  "proxy.connect_timeout": numberSetting({
    default: 10,
    min: 1,
    max: 600,
    unit: "seconds",
    summary: "dialling a host, name lookup and TLS included",
  }),
  "proxy.response_timeout": numberSetting({
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "from the end of the request to the head of the response",
  }),
  "proxy.body_timeout": numberSetting({
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "a body that does not move is cut off",
  }),
  "proxy.upstream": proxyUrlSetting({
    summary: "proxy through which hosts are reached; empty = none",
  }),
  "proxy.no_proxy": networkListSetting({
    summary: "what is reached without that proxy; a name also means what is below it",
    example: "localhost,10.0.0.0/8,example.com",
    anything: true,
  }),
  "proxy.extra_ca": certificatesSetting({
    summary: "authorities trusted besides the usual ones when hosts are reached; the file's content is kept",
  }),
  "proxy.allow_private": networkListSetting({
    summary: "private addresses, ranges and exact names that tokens with a wildcard may reach, too",
    example: "10.0.0.0/8,gitlab.example.com",
    anything: false,
  }),
  "proxy.require_caller": booleanSetting({
    default: false,
    summary: "serve only callers started by wispkey run",
  }),
  "proxy.never_intercept": networkListSetting({
    summary: "hosts whose TLS is never opened; a name also means what is below it",
    example: "bank.example.com",
    anything: true,
  }),
  "proxy.approval_timeout": numberSetting({
    default: 120,
    min: 5,
    max: 3_600,
    unit: "seconds",
    summary: "a request that waits for approval is denied after this time",
  }),
  "log.max_age": numberSetting({
    default: 0,
    min: 0,
    max: 36_500,
    unit: "days",
    summary: "rows of the log are kept for so long; 0 = for ever",
  }),
  "log.max_rows": numberSetting({
    default: 0,
    min: 0,
    max: 1_000_000_000,
    unit: "rows",
    summary: "so many of the newest rows of the log are kept, and all of the last 7 days; 0 = all",
  }),
} as const;

/** Name of a setting. */
export type SettingKey = keyof typeof SETTINGS;

/** Values of all settings. */
export type SettingValues = {
  [K in SettingKey]: typeof SETTINGS[K] extends Setting<infer T> ? T : never;
};

/** Whether a text names a setting. */
export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** A setting with its own type of value, for code that treats all alike. */
export function settingOf<K extends SettingKey>(key: K): Setting<SettingValues[K]> {
  // The two sides are the same for each single key; TypeScript cannot follow that over all of them.
  return SETTINGS[key] as unknown as Setting<SettingValues[K]>;
}

/** The values that hold when nothing was set. */
export function defaultSettings(): SettingValues {
  const values = {} as SettingValues;
  const take = <K extends SettingKey>(key: K) => void (values[key] = settingOf(key).default);
  for (const key of Object.keys(SETTINGS) as SettingKey[]) take(key);
  return values;
}

/** The values as they may be shown to anybody: what is secret in them is left out. */
export function shownSettings(values: SettingValues): SettingValues {
  const upstream = SETTINGS["proxy.upstream"];
  const url = values["proxy.upstream"];
  return { ...values, "proxy.upstream": url === "" ? "" : upstream.show(url) };
}

/**
 * Name of a setting as it was typed.
 *
 * @throws {UsageError} `unknown_setting`
 */
export function parseSettingKey(text: string): SettingKey {
  if (isSettingKey(text)) return text;
  throw new UsageError(`cannot set '${escapeText(text)}': there is no such setting`, {
    code: "unknown_setting",
    hint: "wispkey config list",
  });
}

/**
 * Reads a setting's value as a person typed it, as it is stored, or as a file held it.
 *
 * @throws {UsageError} `invalid_setting`; the message repeats no text that may be secret or long.
 */
export function parseSetting<K extends SettingKey>(key: K, text: string): SettingValues[K] {
  const setting = settingOf(key);
  const value = text.length > MAX_SETTING_LENGTH ? null : setting.parse(text);
  if (value !== null) return value;
  const given = setting.secret || setting.fromFile || text.length > MAX_SHOWN_LENGTH
    ? "what was given"
    : `'${escapeText(text)}'`;
  throw new UsageError(`cannot set ${key} to ${given}: it takes ${setting.takes}`, {
    code: "invalid_setting",
    hint: `wispkey config set ${key} ${shellQuote(setting.example)}`,
  });
}
