/**
 * `wispkey ca trust` and `wispkey ca untrust`: the system's own list of authorities, changed only when asked.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import {
  addAnchor,
  browserHint,
  removeAnchor,
  THIS_SYSTEM,
  type TrustSystem,
} from "../../platform/trust_store.ts";
import { confirmed } from "../confirm.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { authorityJson, requireAuthority } from "./view.ts";

const parse = (): undefined => undefined;

/** `ca trust` on a system. */
export function trustOn(system: TrustSystem): Verb<undefined> {
  return {
    parse,
    async run(_options, io) {
      const what = "trust the local authority";
      return await withVault(io, what, async (vault) => {
        // From the vault, not from a file that somebody else may have written.
        const ca = await requireAuthority(vault, what);
        const question =
          `Every program of this system will trust '${ca.name}' (SHA-256 ${ca.fingerprint}). Go on?`;
        await confirmed(io, question, what);
        await addAnchor(ca, system);
        const lines = io.output.quiet ? [] : [`The system trusts '${ca.name}'.`];
        await io.output.result({ ok: true, ca: authorityJson(ca) }, lines);
        await io.output.note(
          "To undo it: wispkey ca untrust\nBrowsers that keep a list of their own: " +
            browserHint(ca, ca.certificatePath),
        );
        return ExitCode.done;
      });
    },
  };
}

/** `ca untrust` on a system. */
export function untrustOn(system: TrustSystem): Verb<undefined> {
  return {
    parse,
    async run(_options, io) {
      const what = "take the local authority out of the system's list";
      return await withVault(io, what, async (vault) => {
        const ca = await requireAuthority(vault, what);
        const removed = await removeAnchor(ca, system);
        const line = removed ? "The system trusts it no more." : "It was not in the system's list.";
        await io.output.result({ ok: true, removed }, io.output.quiet ? [] : [line]);
        return ExitCode.done;
      });
    },
  };
}

/** Adds the authority to this system's list. */
export const caTrust: Verb<undefined> = trustOn(THIS_SYSTEM);
/** Takes it out again. */
export const caUntrust: Verb<undefined> = untrustOn(THIS_SYSTEM);
