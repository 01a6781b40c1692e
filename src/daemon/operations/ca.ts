/**
 * Operations on the local certificate authority. Making the first one gives nobody anything: no client trusts it until it is
 * told to. Making another in its place takes the password.
 *
 * @module
 */

import type { AuditEvent } from "../../core/audit.ts";
import { wipe } from "../../core/bytes.ts";
import { vaultFiles } from "../../platform/paths.ts";
import type { Vault } from "../../vault/mod.ts";
import type { AuthorityView } from "../api.ts";
import { describeAuthority, makeAuthority } from "../authority/issuer.ts";
import { hasAuthority, readAuthority, writeAuthority } from "../authority/stored.ts";
import { writeTrustFiles } from "../authority/trust_files.ts";
import { effectiveSettings } from "./settings.ts";
import type { Operation, OperationContext } from "./types.ts";

/** `ca.init`: the authority there is, or a new one if there is none or its time is over. */
export const initAuthority: Operation<"ca.init"> = {
  shape: {},
  need: "key",
  async run(context) {
    const existing = await view(context.vault);
    // One whose time is over is trusted by nobody any more: another in its place is as good as a first one.
    const isOver = existing !== null && existing.notAfter < Date.now();
    if (existing !== null && !isOver) return { result: { ca: existing, created: false } };
    return { result: { ca: await create(context, isOver ? "CaRenewed" : "CaCreated"), created: true } };
  },
};

/** `ca.show`: the authority there is. */
export const showAuthority: Operation<"ca.show"> = {
  shape: {},
  need: "key",
  async run({ vault }) {
    return { result: { ca: await view(vault) } };
  },
};

/** `ca.renew`: another one, with another key. */
export const renewAuthority: Operation<"ca.renew"> = {
  shape: {},
  need: "password",
  async run(context) {
    return { result: { ca: await create(context, "CaRenewed") } };
  },
};

async function create(context: OperationContext, event: AuditEvent): Promise<AuthorityView> {
  const pair = await makeAuthority(Date.now());
  try {
    // Another call may have made one while this one waited for its key.
    const isLate = event === "CaCreated" && hasAuthority(context.vault);
    const { fingerprint } = describeAuthority(pair.certificate);
    if (!isLate) writeAuthority(context.vault, pair, { event, reason: `SHA-256 ${fingerprint}` });
  } finally {
    wipe(pair.privateKey);
  }
  context.authorityChanged();
  const made = await view(context.vault);
  if (made === null) throw new Error("the authority is gone right after it was made");
  return made;
}

async function view(vault: Vault): Promise<AuthorityView | null> {
  const pair = readAuthority(vault);
  if (pair === undefined) return null;
  wipe(pair.privateKey);
  const { directory } = vault;
  const info = describeAuthority(pair.certificate);
  const extra = effectiveSettings(vault)["proxy.extra_ca"];
  await writeTrustFiles({ directory, certificate: info.certificate, extra });
  const { caCertificate, caBundle } = vaultFiles(directory);
  return { ...info, certificatePath: caCertificate, bundlePath: caBundle };
}
