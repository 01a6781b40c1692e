/**
 * `wispkey plugin uninstall`.
 *
 * @module
 */

import type { Verb } from "../spec.ts";
import { planUninstall } from "./change.ts";
import { changeFiles, parsePluginOptions, type PluginOptions } from "./command.ts";

/** `plugin uninstall`. */
export const uninstallPlugin: Verb<PluginOptions> = {
  parse: parsePluginOptions,
  run: (options, io) =>
    changeFiles(options, io, planUninstall, ({ title }) => `Restart ${title} for it to take effect.`),
};
