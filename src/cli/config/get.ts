/**
 * `wispkey config get`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { parseSettingKey, type SettingKey } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingLines } from "./setting.ts";

/** Shows one setting. */
export const configGet: Verb<{ key: SettingKey }> = {
  parse(args) {
    return { key: parseSettingKey(args.positional(0)) };
  },

  async run({ key }, io) {
    return await withVault(io, `read ${key}`, async (vault) => {
      const { values } = (await vault.call("config.list", {})).result;
      await io.output.result(await settingJson(key, values), await settingLines(key, values));
      return ExitCode.done;
    });
  },
};
