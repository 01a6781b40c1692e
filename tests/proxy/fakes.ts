/**
 * An open vault and a log in memory, for tests of the proxy: real tokens, real bytes, no database.
 *
 * @module
 */

import { HitLimit } from "../../src/proxy/scrub/hit_limit.ts";
import type { AuditEntry } from "../../src/core/audit.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { CredentialType, Place } from "../../src/core/credential.ts";
import { DeniedError } from "../../src/core/errors.ts";
import { type MatchableTarget, matchesOrigin, parseHostList } from "../../src/core/host_pattern.ts";
import type { ScrubSet } from "../../src/core/scrub/mod.ts";
import { isBodyPlace } from "../../src/core/place.ts";
import { NO_NEEDS, NO_OBJECTION } from "../../src/core/policy/verdict.ts";
import { mintToken } from "../../src/core/token.ts";
import { ScrubSets } from "../../src/daemon/scrub_sets.ts";
import { type Caller, EVERYONE_PLAIN } from "../../src/proxy/callers.ts";
import { RequestContext, type StepServices } from "../../src/proxy/context.ts";
import { HeaderList } from "../../src/proxy/http/headers.ts";
import type { AuditPort, Keyring, PolicyPort, ProxyCredential, TokenMatch } from "../../src/proxy/ports.ts";

/** What a test says of a credential; everything has a default. */
export interface FakeCredential {
  name?: string;
  project?: string;
  type?: CredentialType;
  place?: Place | null;
  hosts?: string;
  value?: string | Uint8Array;
  token?: string;
}

/** A keyring whose credentials a test adds. */
export class FakeKeyring implements Keyring {
  locked = false;
  /** Whether responses are searched for secrets; a naive proxy does not. */
  scrubs = true;
  /** Names in the order of their use. */
  readonly uses: string[] = [];
  /** Every secret that was handed out, to see whether it was wiped. */
  readonly handedOut: Uint8Array[] = [];
  readonly tampered = new Set<string>();
  readonly #live = new Map<string, { credential: ProxyCredential; value: Uint8Array }>();
  readonly #retired = new Map<string, TokenMatch>();

  add(given: FakeCredential): ProxyCredential {
    const name = given.name ?? `key-${this.#live.size}`;
    const credential: ProxyCredential = {
      id: crypto.randomUUID(),
      name,
      project: given.project ?? "default",
      type: given.type ?? "bearer_token",
      place: given.place ?? null,
      hosts: parseHostList(given.hosts ?? "", { allowPublicSuffix: true }),
      token: given.token ?? mintToken(name),
      tokenFingerprint: "0123456789abcdef",
    };
    const value = given.value ?? "s3cret-value";
    this.#live.set(credential.token, { credential, value: typeof value === "string" ? utf8(value) : value });
    return credential;
  }

  retire(token: string, credentialName: string, reason: "rotated" | "removed"): void {
    this.#retired.set(token, { kind: "retired", credentialName, reason });
  }

  get tokenLengths(): readonly number[] {
    if (this.locked) return [];
    return [...new Set([...this.#live.keys()].map((token) => token.length))].sort((a, b) => b - a);
  }

  get bodyCredentials(): readonly ProxyCredential[] {
    if (this.locked) return [];
    return [...this.#live.values()].map(({ credential }) => credential).filter(({ place }) =>
      isBodyPlace(place)
    );
  }

  isLive(token: string): boolean {
    return !this.locked && this.#live.has(token);
  }

  find(token: string): TokenMatch {
    if (this.locked) return { kind: "unknown" };
    const live = this.#live.get(token);
    if (live !== undefined) return { kind: "live", credential: live.credential };
    return this.#retired.get(token) ?? { kind: "unknown" };
  }

  openValue(credential: ProxyCredential): Uint8Array<ArrayBuffer> {
    if (this.tampered.has(credential.name)) {
      throw new DeniedError(`cannot use '${credential.name}': it was changed behind our back`, {
        code: "credential_tampered",
        hint: "wispkey doctor",
      });
    }
    const value = this.#live.get(credential.token)?.value;
    if (value === undefined) throw new Error("no such credential");
    const copy = new Uint8Array(value);
    this.handedOut.push(copy);
    return copy;
  }

  scrubSet(target: MatchableTarget, carried: readonly ProxyCredential[]): ScrubSet<ProxyCredential> | null {
    if (this.locked || !this.scrubs) return null;
    const sets = new ScrubSets({
      credentials: () => [...this.#live.values()].map(({ credential }) => credential),
      open: (credential) => new Uint8Array(this.#live.get(credential.token)!.value),
    });
    const set = sets.take(target, carried);
    sets.clear();
    return set;
  }

  credentialFor(
    target: Pick<MatchableTarget, "scheme" | "host" | "port">,
    caller: Caller,
  ): ProxyCredential | null {
    if (this.locked) return null;
    for (const { credential } of this.#live.values()) {
      if (caller.credentials !== null && !caller.credentials.includes(credential.name)) continue;
      if (credential.hosts.some((pattern) => matchesOrigin(pattern, target))) return credential;
    }
    return null;
  }

  used(credential: ProxyCredential): void {
    this.uses.push(credential.name);
  }

  /** The credentials that a caller names, and no others. */
  scopedTo({ credentials }: Caller): Keyring {
    const isInside = ({ name }: ProxyCredential): boolean => credentials?.includes(name) !== false;
    return {
      locked: this.locked,
      tokenLengths: this.tokenLengths,
      bodyCredentials: this.bodyCredentials.filter(isInside),
      isLive: (token) => this.isLive(token),
      find: (token) => {
        const match = this.find(token);
        return match.kind === "live" && !isInside(match.credential) ? { kind: "unknown" } : match;
      },
      openValue: (credential) => this.openValue(credential),
      scrubSet: (target, carried) => this.scrubSet(target, carried),
      credentialFor: (target, caller) => this.credentialFor(target, caller),
      used: (credential) => this.used(credential),
      scopedTo: (caller) => this.scopedTo(caller),
    };
  }
}

/** A log in an array; its numbers are positions from 1. */
export class FakeAudit implements AuditPort {
  readonly rows: AuditEntry[] = [];
  broken = false;

  async intent(entry: AuditEntry): Promise<number> {
    await Promise.resolve();
    if (this.broken) throw new Error("disk full");
    return this.rows.push(entry);
  }

  note(entry: AuditEntry): void {
    this.rows.push(entry);
  }
}

/** Policies that object to nothing. */
export const NO_POLICIES: PolicyPort = {
  bodyNeeds: () => NO_NEEDS,
  judge: () => NO_OBJECTION,
};

/** Services of the steps over the two. */
export function fakeServices(port = 7700): StepServices & { keyring: FakeKeyring; audit: FakeAudit } {
  return {
    keyring: new FakeKeyring(),
    audit: new FakeAudit(),
    policy: NO_POLICIES,
    health: () => ({ locked: false }),
    listener: { port },
    callers: EVERYONE_PLAIN,
    asksCaller: false,
    scrubHits: new HitLimit(),
  };
}

/** The context of a request as the parser would give it. */
export function contextOf(
  method: string,
  target: string,
  headers: [string, string][] = [["Host", "127.0.0.1:7700"]],
): RequestContext {
  return new RequestContext({ method, target, version: "1.1", headers: new HeaderList(headers) });
}
