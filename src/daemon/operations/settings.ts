/**
 * Operations on settings. Reading is free; each setting touches trust or limits, so changing one takes the password.
 *
 * @module
 */

import { defaultSettings, type SettingKey, type SettingValues } from "../../core/settings.ts";
import type { Vault } from "../../vault/mod.ts";
import { checkSettingRange } from "./shape.ts";
import type { Operation } from "./types.ts";

/** The values in force: what was set, else the defaults. */
export function effectiveSettings(vault: Vault): SettingValues {
  return { ...defaultSettings(), ...vault.settings.all() };
}

/** `config.list`: values in force, and which of them were set. */
export const listSettings: Operation<"config.list"> = {
  shape: {},
  need: "key",
  run: ({ vault }) => ({
    result: { values: effectiveSettings(vault), set: Object.keys(vault.settings.all()) as SettingKey[] },
  }),
};

/** `config.set`: one value. */
export const setSetting: Operation<"config.set"> = {
  shape: { key: "setting", value: "count" },
  need: "password",
  run({ vault, settingsChanged }, { key, value }) {
    checkSettingRange(key, value);
    vault.settings.set(key, value);
    settingsChanged();
    return { result: { values: effectiveSettings(vault) } };
  },
};

/** `config.unset`: back to the default. */
export const unsetSetting: Operation<"config.unset"> = {
  shape: { key: "setting" },
  need: "password",
  run({ vault, settingsChanged }, { key }) {
    vault.settings.unset(key);
    settingsChanged();
    return { result: { values: effectiveSettings(vault) } };
  },
};
