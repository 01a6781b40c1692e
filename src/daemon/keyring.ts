/**
 * The open vault's credentials by token, in memory: what a request needs without opening a database.
 * Values stay sealed until the moment they are injected.
 *
 * @module
 */

import { equalInConstantTime } from "../core/bytes.ts";
import type { CredentialType, Place } from "../core/credential.ts";
import { type HostPattern, type MatchableTarget, parseHostPattern } from "../core/host_pattern.ts";
import { slugOfToken } from "../core/fallback.ts";
import { isBodyPlace } from "../core/place.ts";
import type { ScrubSet } from "../core/scrub/mod.ts";
import { logger } from "../platform/logging.ts";
import type { Caller, Keyring, ProxyCredential, TokenMatch } from "../proxy/ports.ts";
import { CallerKeyring, type CallerScope, PLAIN_SCOPE, scopeOfCaller } from "./caller_keyring.ts";
import { FallbackCredential, Fallbacks } from "./fallbacks.ts";
import { MaskedSecret, MAX_MASKED_LENGTH } from "./masked_secret.ts";
import { ReachIndex } from "./reach_index.ts";
import { ScrubSets } from "./scrub_sets.ts";
import type { SealedCredential, Vault } from "../vault/mod.ts";

const log = logger("daemon");

/** Former rows that answers are searched for, until the vault is locked. */
const MAX_FORMER = 256;

/** Last uses are written together after so long, milliseconds. */
const LAST_USED_DELAY_MS = 5_000;

const NONE: readonly never[] = [];

/** Takes the place of what a keyring needs not. */
const NO_FALLBACKS = new Fallbacks([], () => "");

/** The part of a session a keyring needs. */
export interface SessionKeeper {
  /** Whether the key may still be used; drops it if its time is up. */
  check(): boolean;
  /** Notes a use. */
  touch(): boolean;
}

/** A row in memory. Patterns and fingerprint are made at first need: an index of 100,000 rows is read at each unlock. */
class Entry implements ProxyCredential {
  readonly #vault: Vault;
  readonly project: string;
  readonly sealed: SealedCredential;
  #hosts: HostPattern[] | undefined;
  #secret: MaskedSecret | undefined;
  #fingerprint: string | undefined;

  constructor(vault: Vault, sealed: SealedCredential, project: string) {
    this.#vault = vault;
    this.sealed = sealed;
    this.project = project;
  }

  get id(): string {
    return this.sealed.credential.id;
  }
  get name(): string {
    return this.sealed.credential.name;
  }
  get projectId(): string {
    return this.sealed.credential.projectId;
  }
  get type(): CredentialType {
    return this.sealed.credential.type;
  }
  get place(): Place | null {
    return this.sealed.credential.place;
  }
  get token(): string {
    return this.sealed.credential.token;
  }
  get hosts(): readonly HostPattern[] {
    return this.#hosts ??= usablePatterns(this.sealed.credential.hosts);
  }
  get tokenFingerprint(): string {
    return this.#fingerprint ??= this.#vault.tokenFingerprint(this.token);
  }

  /** The secret, in a buffer that the caller wipes. Opened once, then kept masked. */
  openValue(): Uint8Array<ArrayBuffer> {
    if (this.#secret !== undefined) return this.#secret.open();
    const value = this.#vault.credentials.openSealed(this.sealed);
    if (value.length <= MAX_MASKED_LENGTH) this.#secret = new MaskedSecret(value);
    return value;
  }

  /** Forgets the secret. */
  wipe(): void {
    this.#secret?.wipe();
    this.#secret = undefined;
  }
}

/** The {@linkcode Keyring} of a daemon. */
export class VaultKeyring implements Keyring {
  readonly #vault: Vault;
  readonly #session: SessionKeeper;
  readonly #byToken = new Map<string, Entry>();
  readonly #byId = new Map<string, Entry>();
  readonly #lengthCounts = new Map<number, number>();
  readonly #inBodies = new Set<Entry>();
  readonly #lastUsed = new Map<string, number>();
  /** Newest version of each row this process has seen: an older one, put back whole, is refused. */
  readonly #newest = new Map<string, number>();
  /** By the name of a project; null = the scope of plain callers. */
  readonly #scrubSets = new Map<string | null, ScrubSets>();
  readonly #reach = new ReachIndex((caller) => this.#current(scopeOfCaller(caller)));
  readonly #views = new WeakMap<Caller, CallerKeyring>();
  /** Rows as they were before they were changed, removed or spoiled: hosts that had their secrets are searched for them yet. */
  #former: Entry[] = [];
  #lengths: number[] = [];
  #projectNames = new Map<string, string>();
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the vault holds a token of a slug, in scope or not; asked for fallbacks only. */
  readonly #slugs = new Map<string, boolean>();
  readonly #fallbacks: Fallbacks;
  readonly #onFallback: (credential: FallbackCredential) => void;

  /** Project plain callers are bound to, by id; null = all. */
  scope: string | null = null;

  /**
   * Reads all rows of an open vault.
   *
   * @param fallbacks what stands in for credentials that the vault does not hold
   * @param onFallback told of each use of one
   */
  constructor(
    vault: Vault,
    session: SessionKeeper,
    fallbacks: Fallbacks = NO_FALLBACKS,
    onFallback: (credential: FallbackCredential) => void = () => {},
  ) {
    this.#vault = vault;
    this.#session = session;
    this.#fallbacks = fallbacks;
    this.#onFallback = onFallback;
    this.reload();
  }

  /** Whether the key is dropped. */
  get locked(): boolean {
    return !this.#session.check() || this.#vault.locked;
  }

  /** See {@linkcode Keyring.tokenLengths}. */
  get tokenLengths(): readonly number[] {
    return this.#lengths;
  }

  /** See {@linkcode Keyring.bodyCredentials}. */
  get bodyCredentials(): readonly ProxyCredential[] {
    return this.bodyCredentialsOf(PLAIN_SCOPE);
  }

  /** Those of a scope that may stand in a body. */
  bodyCredentialsOf(scope: CallerScope): readonly ProxyCredential[] {
    if (this.#inBodies.size === 0) return NONE;
    return [...this.#inBodies].filter((entry) => this.#covers(scope, entry.projectId, entry.name));
  }

  /** Number of credentials held. */
  get size(): number {
    return this.#byId.size;
  }

  /** All rows as they are held. */
  *rows(): Generator<SealedCredential, void> {
    for (const entry of this.#byId.values()) yield entry.sealed;
  }

  /** All credentials and fallbacks, in scope or not, as policies see them. */
  *subjects(): Generator<ProxyCredential, void> {
    yield* this.#byId.values();
    yield* this.#fallbacks.credentials();
  }

  /** Whether the rows as they were read are exactly those that ought to be there: none removed, none put back. */
  isComplete(): boolean {
    return this.#vault.credentials.complete([...this.rows()]);
  }

  /**
   * Reads everything anew, for instance after another process wrote to the database. A row that is as it was keeps its
   * entry: requests that are held with it go on.
   */
  reload(): void {
    const before = [...this.#byId.values()];
    const known = new Map(this.#byId);
    const former = this.#former;
    this.clear();
    if (this.#vault.locked) return;
    this.#former = former;
    this.#projectNames = new Map(this.#vault.projects.list().map((project) => [project.id, project.name]));
    for (const sealed of this.#vault.credentials.all()) {
      this.#insert(sealed, known.get(sealed.credential.id));
    }
    for (const entry of before) {
      if (this.#byId.get(entry.id)?.sealed.revision !== entry.sealed.revision || !this.#isIntact(entry.id)) {
        this.#remember(entry);
      }
    }
    this.#sortLengths();
  }

  /** Follows a change of one credential: a new row, a new version, or gone. */
  refresh(id: string): void {
    this.#clearIndexes();
    const known = this.#byId.get(id);
    if (known !== undefined) {
      this.#delete(known);
      this.#remember(known);
    }
    if (!this.#vault.locked) {
      const sealed = this.#vault.credentials.sealed(id);
      if (sealed !== undefined) this.#insert(sealed);
    }
    this.#sortLengths();
  }

  /** Forgets everything, when the key is dropped. */
  clear(): void {
    this.#clearIndexes();
    for (const entry of this.#byId.values()) entry.wipe();
    this.#byToken.clear();
    this.#byId.clear();
    this.#inBodies.clear();
    this.#former = [];
    this.#lengthCounts.clear();
    this.#lengths = [];
  }

  /** See {@linkcode Keyring.isLive}. */
  isLive(token: string): boolean {
    return this.#byToken.has(token);
  }

  /** Looks up an exact token inside the scope of plain callers. */
  find(token: string): TokenMatch {
    return this.findIn(PLAIN_SCOPE, token);
  }

  /** Looks up an exact token inside a scope; outside of it there is none. */
  findIn(scope: CallerScope, token: string): TokenMatch {
    const entry = this.#byToken.get(token);
    if (entry !== undefined) {
      if (!this.#covers(scope, entry.projectId, entry.name)) return { kind: "unknown" };
      return { kind: this.#isCurrent(entry.sealed) ? "live" : "tampered", credential: entry };
    }
    if (this.#vault.locked) return { kind: "unknown" };
    const retired = this.#vault.credentials.findRetired(token);
    if (retired === undefined) return this.#findFallback(scope, token);
    if (!this.#covers(scope, retired.projectId, retired.credentialName)) return { kind: "unknown" };
    return { kind: "retired", credentialName: retired.credentialName, reason: retired.reason };
  }

  /** Decrypts a secret; see {@linkcode Keyring.openValue}. */
  openValue(credential: ProxyCredential): Uint8Array<ArrayBuffer> {
    return (credential as Entry | FallbackCredential).openValue();
  }

  /** See {@linkcode Keyring.scrubSet}. */
  scrubSet(target: MatchableTarget, carried: readonly ProxyCredential[]): ScrubSet<ProxyCredential> | null {
    return this.scrubSetOf(null, target, carried);
  }

  /** What responses to callers of a project are searched for; null = plain callers. */
  scrubSetOf(
    project: string | null,
    target: MatchableTarget,
    carried: readonly ProxyCredential[],
  ): ScrubSet<ProxyCredential> | null {
    if (this.#isEmpty() || this.locked) return null;
    let sets = this.#scrubSets.get(project);
    if (sets === undefined) {
      sets = new ScrubSets({
        credentials: () => this.#currentAndFormer({ project, credentials: null }),
        open: (credential) => this.openValue(credential),
      });
      this.#scrubSets.set(project, sets);
    }
    return sets.take(target, carried);
  }

  /** See {@linkcode Keyring.scopedTo}. */
  scopedTo(caller: Caller): Keyring {
    let view = this.#views.get(caller);
    if (view === undefined) this.#views.set(caller, view = new CallerKeyring(this, caller));
    return view;
  }

  /** See {@linkcode Keyring.credentialFor}. */
  credentialFor(
    target: Pick<MatchableTarget, "scheme" | "host" | "port">,
    caller: Caller,
  ): ProxyCredential | null {
    return this.#isEmpty() || this.locked ? null : this.#reach.find(target, caller);
  }

  /** Notes a use; written to the vault a little later, together with others. */
  used(credential: ProxyCredential): void {
    this.#session.touch();
    if (credential instanceof FallbackCredential) return this.#onFallback(credential);
    this.#lastUsed.set(credential.id, Date.now());
    this.#flushTimer ??= setTimeout(() => this.flushLastUsed(), LAST_USED_DELAY_MS);
  }

  /** Writes the noted uses now. */
  flushLastUsed(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#lastUsed.size === 0) return;
    try {
      this.#vault.credentials.touch(this.#lastUsed);
      this.#lastUsed.clear();
    } catch (error) {
      // A time of last use is for people; what is not written now goes with the next.
      log.warn("cannot note when credentials were last used", { error });
    }
  }

  /** Drops all fallbacks, until a fresh daemon takes them anew. */
  dropFallbacks(): void {
    this.#clearIndexes();
    this.#fallbacks.wipe();
  }

  #isEmpty(): boolean {
    return this.#byId.size === 0 && this.#fallbacks.size === 0;
  }

  /**
   * Only what the vault knows nothing of may fall back, in scope or out of it. A slug of which it holds a token has no
   * fallback either: an invented token must not lead around that credential's hosts and policies.
   */
  #findFallback(scope: CallerScope, token: string): TokenMatch {
    const credential = this.#fallbacks.find(token);
    const may = credential !== undefined && mayFallBack(scope, credential) &&
      !this.#holdsSlug(credential.slug);
    return may ? { kind: "live", credential } : { kind: "unknown" };
  }

  #holdsSlug(slug: string): boolean {
    let held = this.#slugs.get(slug);
    if (held === undefined) {
      held = this.#byToken.keys().some((token) => slugOfToken(token) === slug);
      this.#slugs.set(slug, held);
    }
    return held;
  }

  #insert(sealed: SealedCredential, known?: Entry): void {
    const { projectId } = sealed.credential;
    const project = this.#projectNames.get(projectId) ?? projectId;
    const isKnown = known !== undefined && known.project === project && isSameRow(known.sealed, sealed);
    const entry = isKnown ? known : new Entry(this.#vault, sealed, project);
    this.#newest.set(entry.id, Math.max(sealed.revision, this.#newest.get(entry.id) ?? 0));
    this.#byToken.set(entry.token, entry);
    this.#byId.set(entry.id, entry);
    if (isBodyPlace(entry.place)) this.#inBodies.add(entry);
    this.#lengthCounts.set(entry.token.length, (this.#lengthCounts.get(entry.token.length) ?? 0) + 1);
  }

  *#current(scope: CallerScope): Generator<ProxyCredential, void> {
    for (const entry of this.#byId.values()) {
      if (this.#covers(scope, entry.projectId, entry.name) && this.#isCurrent(entry.sealed)) yield entry;
    }
    for (const fallback of this.#fallbacks.credentials()) if (mayFallBack(scope, fallback)) yield fallback;
  }

  /** What responses are searched for: fallbacks too, whoever may use them. */
  *#currentAndFormer(scope: CallerScope): Generator<ProxyCredential, void> {
    yield* this.#current(scope);
    for (const fallback of this.#fallbacks.credentials()) if (!mayFallBack(scope, fallback)) yield fallback;
    for (const entry of this.#former) {
      if (this.#covers(scope, entry.projectId, entry.name)) yield entry;
    }
  }

  #covers({ project, credentials }: CallerScope, projectId: string, name: string): boolean {
    const inProject = project === null
      ? this.scope === null || projectId === this.scope
      : this.#projectNames.get(projectId) === project;
    return inProject && (credentials === null || credentials.includes(name));
  }

  #clearIndexes(): void {
    for (const sets of this.#scrubSets.values()) sets.clear();
    this.#scrubSets.clear();
    this.#reach.clear();
    this.#slugs.clear();
  }

  #isIntact(id: string): boolean {
    return this.#byId.get(id)?.sealed.credential.intact === true;
  }

  #remember(entry: Entry): void {
    if (!entry.sealed.credential.intact || entry.hosts.length === 0) return;
    this.#former.push(entry);
    if (this.#former.length > MAX_FORMER) this.#former.shift()?.wipe();
  }

  #isCurrent({ credential: { id, intact }, revision }: SealedCredential): boolean {
    return intact && revision >= (this.#newest.get(id) ?? 0);
  }

  #delete(entry: Entry): void {
    entry.wipe();
    this.#byId.delete(entry.id);
    this.#inBodies.delete(entry);
    if (this.#byToken.get(entry.token) === entry) this.#byToken.delete(entry.token);
    const left = (this.#lengthCounts.get(entry.token.length) ?? 1) - 1;
    if (left === 0) this.#lengthCounts.delete(entry.token.length);
    else this.#lengthCounts.set(entry.token.length, left);
  }

  #sortLengths(): void {
    this.#lengths = [...this.#lengthCounts.keys()].sort((a, b) => b - a);
  }
}

/** A fallback belongs to no project: callers bound to one have none. */
function mayFallBack({ project, credentials }: CallerScope, { name }: FallbackCredential): boolean {
  return project === null && (credentials === null || credentials.includes(name));
}

/** The patterns of a row; one that does not parse (a row edited behind our back) allows nothing. */
function usablePatterns(hosts: readonly string[]): HostPattern[] {
  const patterns: HostPattern[] = [];
  for (const host of hosts) {
    try {
      patterns.push(parseHostPattern(host, { allowPublicSuffix: true }));
    } catch {
      // Its seal will not open either; leaving the pattern out only narrows.
    }
  }
  return patterns;
}

/** Whether two readings of a row are of the same version: both intact, so that equal MACs mean equal contents. */
function isSameRow(a: SealedCredential, b: SealedCredential): boolean {
  return a.credential.intact && b.credential.intact && equalInConstantTime(a.mac, b.mac);
}
