/**
 * Certificates by host, ready for use, as many as are worth keeping.
 *
 * @module
 */

import { createSecureContext, type SecureContext } from "node:tls";
import type { CertificatePort } from "../ports.ts";

/** Hosts whose certificates are kept; the one used longest ago goes first. */
const MAX_HOSTS = 256;

interface Entry {
  readonly context: SecureContext;
  readonly renewAt: number;
}

/** Makes each host's certificate once and keeps it. */
export class LeafCache {
  readonly #certificates: CertificatePort;
  readonly #maxHosts: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Promise<Entry>>();
  #authority: string | null = null;

  /** Empty. */
  constructor(certificates: CertificatePort, maxHosts: number = MAX_HOSTS, now: () => number = Date.now) {
    this.#certificates = certificates;
    this.#maxHosts = maxHosts;
    this.#now = now;
  }

  /** Number of hosts whose certificates are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * What serves TLS as a host: a name in lower case, or an address without brackets.
   *
   * @throws what {@linkcode CertificatePort.leafFor} throws.
   */
  async contextFor(host: string): Promise<SecureContext> {
    const { authority } = this.#certificates;
    if (authority !== this.#authority) {
      this.#entries.clear();
      this.#authority = authority;
    }
    const known = this.#entries.get(host);
    if (known !== undefined) {
      const { context, renewAt } = await known;
      if (this.#now() < renewAt) {
        this.#keep(host, known);
        return context;
      }
    }
    const made = this.#make(host);
    this.#keep(host, made);
    try {
      return (await made).context;
    } catch (error) {
      if (this.#entries.get(host) === made) this.#entries.delete(host);
      throw error;
    }
  }

  /** Puts an entry at the end, the place of the one used last. */
  #keep(host: string, entry: Promise<Entry>): void {
    this.#entries.delete(host);
    this.#entries.set(host, entry);
    if (this.#entries.size <= this.#maxHosts) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }

  async #make(host: string): Promise<Entry> {
    const { certificate, key, renewAt } = await this.#certificates.leafFor(host);
    return { context: createSecureContext({ cert: certificate, key }), renewAt };
  }
}
