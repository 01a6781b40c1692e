/**
 * The settings of a vault: one table with type, default and range, so that `config`, the daemon and the docs agree.
 * They are sealed in the vault and changed with the password only, because each touches trust or limits.
 *
 * @module
 */

import { UsageError } from "./errors.ts";

interface NumberSetting {
  /** Kind of value. */
  kind: "number";
  /** Value when nothing was set. */
  default: number;
  /** Least allowed value. */
  min: number;
  /** Greatest allowed value. */
  max: number;
  /** Unit, for people. */
  unit: string;
  /** One line for `config list` and the help. */
  summary: string;
}

/** Every setting by its key. */
export const SETTINGS = {
  "session.timeout": {
    kind: "number",
    default: 30,
    min: 0,
    max: 525_600,
    unit: "minutes",
    summary: "lock after so long without use; 0 = never",
  },
  "proxy.max_connections": {
    kind: "number",
    default: 16_384,
    min: 1,
    max: 65_536,
    unit: "connections",
    summary: "client connections held at once",
  },
  "proxy.header_timeout": {
    kind: "number",
    default: 30,
    min: 1,
    max: 3_600,
    unit: "seconds",
    summary: "a request's head must arrive within this time",
  },
  "proxy.idle_timeout": {
    kind: "number",
    default: 120,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "a kept connection without a request is closed",
  },
  "proxy.connect_timeout": {
    kind: "number",
    default: 10,
    min: 1,
    max: 600,
    unit: "seconds",
    summary: "dialling a host, name lookup and TLS included",
  },
  "proxy.response_timeout": {
    kind: "number",
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "from the end of the request to the head of the response",
  },
  "proxy.body_timeout": {
    kind: "number",
    default: 600,
    min: 1,
    max: 86_400,
    unit: "seconds",
    summary: "a body that does not move is cut off",
  },
} as const satisfies Record<string, NumberSetting>;

/** Name of a setting. */
export type SettingKey = keyof typeof SETTINGS;

/** Values of all settings. */
export type SettingValues = { [K in SettingKey]: number };

/** Whether a text names a setting. */
export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** The values that hold when nothing was set. */
export function defaultSettings(): SettingValues {
  const values = {} as SettingValues;
  for (const key of Object.keys(SETTINGS) as SettingKey[]) values[key] = SETTINGS[key].default;
  return values;
}

/**
 * Reads a setting's value as a person typed it.
 *
 * @throws {UsageError} `unknown_setting` or `invalid_setting`.
 */
export function parseSetting(key: string, text: string): { key: SettingKey; value: number } {
  if (!isSettingKey(key)) {
    throw new UsageError(`cannot set '${key}': there is no such setting`, {
      code: "unknown_setting",
      hint: "wispkey config list",
    });
  }
  const setting = SETTINGS[key];
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= setting.min && value <= setting.max)) {
    throw new UsageError(
      `cannot set ${key} to '${text}': it takes a whole number from ${setting.min} to ${setting.max} (${setting.unit})`,
      { code: "invalid_setting", hint: `wispkey config set ${key} ${setting.default}` },
    );
  }
  return { key, value };
}
