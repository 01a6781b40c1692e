/**
 * Operations on settings. Reading is free; each setting touches trust or limits, so changing one takes the password.
 * What is secret in a setting never leaves the daemon.
 *
 * @module
 */

import { fromUtf8 } from "../../core/bytes.ts";
import { UsageError } from "../../core/errors.ts";
import {
  defaultSettings,
  parseSetting,
  type SettingKey,
  type SettingValues,
  shownSettings,
} from "../../core/settings.ts";
import { describeCertificates } from "../../platform/certificates.ts";
import type { Vault } from "../../vault/mod.ts";
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
    result: {
      values: shownSettings(effectiveSettings(vault)),
      set: Object.keys(vault.settings.all()) as SettingKey[],
    },
  }),
};

/** `config.set`: one value, which is the payload because it may hold a secret. */
export const setSetting: Operation<"config.set"> = {
  shape: { key: "setting" },
  need: "password",
  run({ vault, settingsChanged }, { key }, payload) {
    storeSetting(vault, key, textOf(payload));
    settingsChanged();
    return { result: { values: shownSettings(effectiveSettings(vault)) } };
  },
};

/** `config.unset`: back to the default. */
export const unsetSetting: Operation<"config.unset"> = {
  shape: { key: "setting" },
  need: "password",
  run({ vault, settingsChanged }, { key }) {
    vault.settings.unset(key);
    settingsChanged();
    return { result: { values: shownSettings(effectiveSettings(vault)) } };
  },
};

/** The command line has checked the text already, another caller may not have. */
function storeSetting<K extends SettingKey>(vault: Vault, key: K, text: string): void {
  const value = parseSetting(key, text);
  if (key === "proxy.extra_ca") describeCertificates(value as SettingValues["proxy.extra_ca"]);
  vault.settings.set(key, value);
}

function textOf(payload: Uint8Array): string {
  try {
    return fromUtf8(payload);
  } catch (error) {
    throw new UsageError("cannot set it: the value is not UTF-8", { code: "invalid_setting", cause: error });
  }
}
