/**
 * `wispkey config set`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { parseSetting, type SettingKey } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson } from "./setting.ts";

/** Changes one setting. */
export const configSet: Verb<{ key: SettingKey; value: number }> = {
  parse(args) {
    return parseSetting(args.positional(0), args.positional(1));
  },

  async run({ key, value }, io) {
    return await withVault(io, `set ${key} to ${value}`, async (vault) => {
      const { result } = await vault.call("config.set", { key, value });
      const setting = settingJson(key, result.values);
      // The session's time is fixed when its daemon starts, the limits of the proxy are read at each request.
      const from = key === "session.timeout" ? "from the next unlock on" : "now";
      const line = `${key} is ${setting.value} ${setting.unit} ${from}.`;
      await io.output.result({ ok: true, setting }, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
