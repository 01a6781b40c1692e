/**
 * `wispkey config list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { SETTINGS } from "../../core/settings.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingKey } from "./setting.ts";

const COLUMNS = [
  { title: "KEY" },
  { title: "VALUE" },
  { title: "DEFAULT" },
  { title: "UNIT" },
  { title: "MEANING", shrinks: true },
];

/** Shows all settings. */
export const configList: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    return await withVault(io, "list the settings", async (vault) => {
      const { result } = await vault.call("config.list", {});
      const settings = Object.keys(SETTINGS).map((name) => {
        const key = settingKey(name);
        return { ...settingJson(key, result.values), set: result.set.includes(key) };
      });
      const rows = settings.map((
        s,
      ) => [s.key, `${s.value}${s.set ? " *" : ""}`, `${s.default}`, s.unit, s.summary]);
      await io.output.result({ settings }, io.output.table(COLUMNS, rows));
      if (result.set.length > 0) await io.output.note("* was set here");
      return ExitCode.done;
    });
  },
};
