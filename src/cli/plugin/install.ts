/**
 * `wispkey plugin install`.
 *
 * @module
 */

import type { Verb } from "../spec.ts";
import { planInstall } from "./change.ts";
import { changeFiles, parsePluginOptions, type PluginOptions } from "./command.ts";

/** `plugin install`. */
export const installPlugin: Verb<PluginOptions> = {
  parse: parsePluginOptions,
  run: (options, io) =>
    changeFiles(
      options,
      io,
      planInstall,
      ({ title }) => `Restart ${title} for it to take effect; keep the vault unlocked.`,
    ),
};
