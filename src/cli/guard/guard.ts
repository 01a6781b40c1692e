/**
 * `wispkey guard`, when it comes by the ordinary way: `main.ts` usually takes it before the command line is read.
 *
 * @module
 */

import type { ExitCode } from "../../core/errors.ts";
import { guardMain } from "../../guard/main.ts";
import type { Verb } from "../spec.ts";

/** `guard`. */
export const guardCommand: Verb<string[]> = {
  parse(args) {
    const client = args.text("client");
    return [
      ...(client === undefined ? [] : ["--client", client]),
      ...(args.flag("fail-closed") ? ["--fail-closed"] : []),
    ];
  },
  async run(options) {
    return await guardMain(options) as ExitCode;
  },
};
