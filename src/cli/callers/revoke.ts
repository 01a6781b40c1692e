/**
 * `wispkey callers revoke`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `callers revoke`. */
export interface RevokeOptions {
  /** Name or id. */
  caller: string;
}

/** Ends callers. */
export const revokeCaller: Verb<RevokeOptions> = {
  parse(args) {
    return { caller: args.positional(0) };
  },

  async run({ caller }, io) {
    const count = await revoke(io, caller);
    const who = count === 1 ? "1 caller" : `${count} callers`;
    await io.output.result({ ok: true, caller, revoked: count }, [`Revoked ${who}: ${escapeText(caller)}.`]);
    return ExitCode.done;
  },
};

/** A locked daemon does it as well; without one the vault forgets the caller, which a later daemon would know again. */
async function revoke(io: CliIo, caller: string): Promise<number> {
  const act = async (vault: VaultClient): Promise<number> =>
    (await vault.call("caller.revoke", { caller, ended: false })).result.count;
  const daemon = await io.backend.connect();
  if (daemon === null) return await withVault(io, "revoke a caller", act);
  try {
    return await act(daemon);
  } finally {
    daemon.close();
  }
}
