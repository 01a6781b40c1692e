/**
 * What the `config` verbs share.
 *
 * @module
 */

import { UsageError } from "../../core/errors.ts";
import { isSettingKey, type SettingKey, SETTINGS, type SettingValues } from "../../core/settings.ts";

/** A setting as it is printed. */
export interface SettingJson {
  /** Its name. */
  key: SettingKey;
  /** The value in force. */
  value: number;
  /** What holds if nothing is set. */
  default: number;
  /** Unit of both. */
  unit: string;
  /** What it does. */
  summary: string;
}

/** Describes one setting. */
export function settingJson(key: SettingKey, values: SettingValues): SettingJson {
  const { default: standard, unit, summary } = SETTINGS[key];
  return { key, value: values[key], default: standard, unit, summary };
}

/**
 * Name of a setting as it was typed.
 *
 * @throws {UsageError} `unknown_setting`; the parser has checked it already against the table.
 */
export function settingKey(text: string): SettingKey {
  if (isSettingKey(text)) return text;
  throw new UsageError("unknown setting: there is none of that name", {
    code: "unknown_setting",
    hint: "wispkey config list",
  });
}
