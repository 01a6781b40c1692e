/**
 * `wispkey config list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { type SettingKey, settingOf, SETTINGS } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, shownValue } from "./setting.ts";

const COLUMNS = [
  { title: "KEY" },
  { title: "VALUE" },
  { title: "DEFAULT" },
  { title: "UNIT" },
  { title: "MEANING", shrinks: true, wraps: true },
];

/** Shows all settings. */
export const configList: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    return await withVault(io, "list the settings", async (vault) => {
      const { result } = await vault.call("config.list", {});
      const isSet = (key: SettingKey) => result.set.includes(key);
      const keys = Object.keys(SETTINGS) as SettingKey[];
      const settings = await Promise.all(
        keys.map(async (key) => ({ ...await settingJson(key, result.values), set: isSet(key) })),
      );
      const rows = keys.map((key) => {
        const { unit, summary } = settingOf(key);
        const value = `${shownValue(key, result.values)}${isSet(key) ? " *" : ""}`;
        return [key, value, shownDefault(key), unit, summary];
      });
      await io.output.result({ settings }, io.output.table(COLUMNS, rows));
      if (result.set.length > 0) await io.output.note("* was set here");
      return ExitCode.done;
    });
  },
};

function shownDefault<K extends SettingKey>(key: K): string {
  const setting = settingOf(key);
  return setting.show(setting.default);
}
