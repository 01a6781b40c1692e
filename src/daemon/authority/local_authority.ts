/**
 * The local certificate authority of a daemon: certificates for as long as the vault is open.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { logger } from "../../platform/logging.ts";
import type { CertificatePort, LeafCertificate } from "../../proxy/ports.ts";
import type { Vault } from "../../vault/mod.ts";
import { MaskedSecret } from "../masked_secret.ts";
import { type AuthorityInfo, describeAuthority, Issuer } from "./issuer.ts";
import { readAuthority } from "./stored.ts";

const log = logger("daemon");

interface Loaded {
  readonly info: AuthorityInfo;
  readonly key: MaskedSecret;
  issuer: Promise<Issuer> | undefined;
}

/** The {@linkcode CertificatePort} of a daemon. */
export class LocalAuthority implements CertificatePort {
  readonly #vault: Vault;
  readonly #now: () => number;
  #loaded: Loaded | undefined;

  /** Reads the authority of an open vault, if it has one. */
  constructor(vault: Vault, now: () => number = Date.now) {
    this.#vault = vault;
    this.#now = now;
    this.reload();
  }

  /** What may be told of it; null if there is none. */
  get info(): AuthorityInfo | null {
    return this.#loaded?.info ?? null;
  }

  /** See {@linkcode CertificatePort.authority}. */
  get authority(): string | null {
    const info = this.#loaded?.info;
    if (info === undefined || this.#vault.locked) return null;
    const now = this.#now();
    return now < info.notBefore || now > info.notAfter ? null : info.fingerprint;
  }

  /** See {@linkcode CertificatePort.leafFor}. */
  async leafFor(host: string): Promise<LeafCertificate> {
    const loaded = this.#loaded;
    if (loaded === undefined || this.authority === null) {
      throw new FailedError(`cannot make a certificate for ${host}: there is no authority to sign it`, {
        code: "ca_unavailable",
        hint: "wispkey ca init",
      });
    }
    const issuer = await (loaded.issuer ??= open(loaded));
    return await issuer.leafFor(host, this.#now());
  }

  /** Reads it anew; one that was changed behind our back is not used. */
  reload(): void {
    this.clear();
    if (this.#vault.locked) return;
    try {
      const pair = readAuthority(this.#vault);
      if (pair === undefined) return;
      this.#loaded = {
        info: describeAuthority(pair.certificate),
        key: new MaskedSecret(pair.privateKey),
        issuer: undefined,
      };
      wipe(pair.privateKey);
    } catch (error) {
      log.error("cannot use the local certificate authority; tunnels stay closed to us", { error });
    }
  }

  /** Forgets it, when the key is dropped. */
  clear(): void {
    this.#loaded?.key.wipe();
    this.#loaded = undefined;
  }
}

async function open({ info, key }: Loaded): Promise<Issuer> {
  const privateKey = key.open();
  try {
    return await Issuer.create(info, privateKey);
  } finally {
    wipe(privateKey);
  }
}
