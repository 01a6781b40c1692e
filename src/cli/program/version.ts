/**
 * `wispkey version`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { VERSION } from "../../core/version.ts";
import type { Verb } from "../spec.ts";

/** Shows the version, in JSON with runtime and platform. */
export const version: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const json = {
      version: VERSION,
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      platform: `${Deno.build.os}-${Deno.build.arch}`,
    };
    await io.output.result(json, [`wispkey ${VERSION}`]);
    return ExitCode.done;
  },
};
