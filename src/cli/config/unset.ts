/**
 * `wispkey config unset`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import type { SettingKey } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingKey } from "./setting.ts";

/** Puts one setting back to its default. */
export const configUnset: Verb<{ key: SettingKey }> = {
  parse(args) {
    return { key: settingKey(args.positional(0)) };
  },

  async run({ key }, io) {
    return await withVault(io, `unset ${key}`, async (vault) => {
      const { result } = await vault.call("config.unset", { key });
      const setting = settingJson(key, result.values);
      const line = `${key} is ${setting.value} ${setting.unit} again.`;
      await io.output.result({ ok: true, setting }, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
