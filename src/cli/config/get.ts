/**
 * `wispkey config get`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import type { SettingKey } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingKey } from "./setting.ts";

/** Shows one setting. */
export const configGet: Verb<{ key: SettingKey }> = {
  parse(args) {
    return { key: settingKey(args.positional(0)) };
  },

  async run({ key }, io) {
    return await withVault(io, `read ${key}`, async (vault) => {
      const { result } = await vault.call("config.list", {});
      await io.output.result(settingJson(key, result.values), [String(result.values[key])]);
      return ExitCode.done;
    });
  },
};
