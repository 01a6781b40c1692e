/**
 * `wispkey ca init`, `show`, `export` and `renew`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { hasAnchor } from "../../platform/trust_store.ts";
import { confirmed } from "../confirm.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { authorityJson, authorityLines, requireAuthority } from "./view.ts";

const parse = (): undefined => undefined;

/** Makes the authority if there is none. */
export const caInit: Verb<undefined> = {
  parse,
  async run(_options, io) {
    return await withVault(io, "make the local authority", async (vault) => {
      const { ca, created } = (await vault.call("ca.init", {})).result;
      const title = created ? "Made the local authority." : "There is a local authority already.";
      const lines = io.output.quiet ? [] : [title, ...authorityLines(ca)];
      await io.output.result({ ok: true, created, ca: authorityJson(ca) }, lines);
      await io.output.note("Programs started by 'wispkey run' trust it; for all others: wispkey ca trust");
      return ExitCode.done;
    });
  },
};

/** Shows it. */
export const caShow: Verb<undefined> = {
  parse,
  async run(_options, io) {
    return await withVault(io, "show the local authority", async (vault) => {
      const ca = await requireAuthority(vault, "show the local authority");
      const trusted = await hasAnchor(ca);
      const told = trusted === null ? "not known here" : trusted ? "yes" : "no (wispkey ca trust)";
      await io.output.result({ ca: { ...authorityJson(ca), trusted_by_system: trusted } }, [
        ...authorityLines(ca),
        `System       trusts it: ${told}`,
      ]);
      return ExitCode.done;
    });
  },
};

/** Prints the certificate. */
export const caExport: Verb<undefined> = {
  parse,
  async run(_options, io) {
    return await withVault(io, "export the local authority", async (vault) => {
      const ca = await requireAuthority(vault, "export the local authority");
      await io.output.result({ certificate: ca.certificate }, [ca.certificate.trimEnd()]);
      return ExitCode.done;
    });
  },
};

/** Makes another in its place. */
export const caRenew: Verb<undefined> = {
  parse,
  async run(_options, io) {
    const what = "renew the local authority";
    return await withVault(io, what, async (vault) => {
      await requireAuthority(vault, what);
      await confirmed(io, "Programs that trust the present authority will refuse the new one. Go on?", what);
      const { ca } = (await vault.call("ca.renew", {})).result;
      const lines = io.output.quiet ? [] : ["Made another local authority.", ...authorityLines(ca)];
      await io.output.result({ ok: true, ca: authorityJson(ca) }, lines);
      await io.output.note("Programs that run must be started anew; the system's list: wispkey ca trust");
      return ExitCode.done;
    });
  },
};
