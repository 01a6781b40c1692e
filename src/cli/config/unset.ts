/**
 * `wispkey config unset`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { parseSettingKey, type SettingKey } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingText } from "./setting.ts";

/** Puts one setting back to its default. */
export const configUnset: Verb<{ key: SettingKey }> = {
  parse(args) {
    return { key: parseSettingKey(args.positional(0)) };
  },

  async run({ key }, io) {
    return await withVault(io, `unset ${key}`, async (vault) => {
      const { values } = (await vault.call("config.unset", { key })).result;
      const setting = await settingJson(key, values);
      const line = `${key} is ${settingText(key, values)} again.`;
      await io.output.result({ ok: true, setting }, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
