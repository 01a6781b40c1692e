/**
 * The callers that `wispkey run` has opened. Who shows a name and its secret is that caller; only a digest of the secret is
 * kept, sealed in the vault, so that callers outlive the daemon that opened them. A caller lives while somebody holds it, and
 * a little longer.
 *
 * @module
 */

import { hash } from "node:crypto";
import {
  CALLER_SECRET_BYTES,
  checkCallerName,
  inventCallerName,
  readPair,
  readProxyAuthorization,
  type ShownCaller,
} from "../core/caller.ts";
import { equalInConstantTime, utf8 } from "../core/bytes.ts";
import { DeniedError, FailedError, LockedError } from "../core/errors.ts";
import type { AuditEntry } from "../core/audit.ts";
import { type Caller, type CallerIdentity, type CallerPort, PLAIN_CALLER } from "../proxy/callers.ts";
import type { CallerView } from "./api/callers.ts";
import { CALLER_DOCUMENT, type CallerRecord, readCallerRecord, writeCallerRecord } from "./caller_record.ts";
import { RefusedCallers } from "./refused_callers.ts";
import type { Vault } from "../vault/mod.ts";

/** A caller that nobody holds is forgotten after this time, milliseconds: a daemon may be replaced meanwhile. */
export const GRACE_MS = 60_000;
/** Most callers at once. */
export const MAX_CALLERS = 256;

/** How the log names a caller whose record is still in the vault. */
const LOCKED_ID = /; caller ([0-9a-f]{16})$/;

/** What is asked for a new caller. */
export interface CallerDraft {
  /** Its name; null = one is invented. Several callers may have the same one. */
  name: string | null;
  /** Name of the project it is bound to. */
  project: string;
  /** Names of the only credentials it may use; null = all of the project. */
  credentials: readonly string[] | null;
  /** When it ends in any case, ms since the epoch; null = never. */
  expiresAt: number | null;
  /** Whether it trusts the local CA. */
  intercept: boolean;
}

/** What a {@linkcode CallerRegistry} works with. */
export interface CallerRegistryOptions {
  /** Where callers are kept. */
  vault: Vault;
  /** Writes a row of the log soon. */
  note: (entry: AuditEntry) => void;
  /** Whether callers without a name are refused. */
  requireCaller: () => boolean;
  /** Told of each caller that is none any more. */
  onEnd?: () => void;
  /** Wall time, ms since the epoch. */
  now?: () => number;
}

interface Entry {
  readonly record: CallerRecord;
  readonly caller: Caller;
  readonly holders: Set<(why: CallerEnding) => void>;
  /** When the last holder went, ms since the epoch. */
  lostAt: number;
}

/** Why a caller ended. */
export type CallerEnding = "revoked" | "expired" | "ended";

/** Knows all callers; the proxy asks it at each request. */
export class CallerRegistry implements CallerPort {
  readonly #vault: Vault;
  readonly #options: CallerRegistryOptions;
  readonly #now: () => number;
  readonly #byId = new Map<string, Entry>();
  readonly #byName = new Map<string, Set<Entry>>();
  readonly #refused: RefusedCallers;

  /** Reads what an earlier daemon has left; if that was changed behind our back, none of it counts. */
  constructor(options: CallerRegistryOptions) {
    this.#vault = options.vault;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#refused = new RefusedCallers(options.note, this.#now);
    this.#load();
    this.sweep();
  }

  /**
   * Opens a caller.
   *
   * @returns its secret too, as the text's bytes, which nobody else will ever be told; the receiver wipes it
   * @throws {UsageError} `invalid_name`; {FailedError} `too_many_callers`; {LockedError} `vault_locked`.
   */
  open(draft: CallerDraft): { view: CallerView; secret: Uint8Array<ArrayBuffer> } {
    this.sweep();
    if (this.#byId.size >= MAX_CALLERS) {
      throw new FailedError(`cannot open a caller: there are ${MAX_CALLERS} already`, {
        code: "too_many_callers",
        hint: "wispkey callers list",
      });
    }
    const name = draft.name === null ? this.#inventName() : checkCallerName(draft.name);
    const secret = utf8(crypto.getRandomValues(new Uint8Array(CALLER_SECRET_BYTES)).toHex());
    const record: CallerRecord = {
      ...draft,
      id: crypto.getRandomValues(new Uint8Array(8)).toHex(),
      name,
      openedAt: this.#now(),
      digest: digestOf({ name, secret: new TextDecoder().decode(secret) }),
    };
    this.#vault.documents.put(CALLER_DOCUMENT, record.id, writeCallerRecord(record), {
      event: "CallerOpened",
      caller: name,
      project: record.project,
      reason: record.credentials === null
        ? "all credentials"
        : `credentials: ${record.credentials.join(", ")}`,
    });
    return { view: viewOf(this.#insert(record)), secret };
  }

  /** See {@linkcode CallerPort.authenticate}. A caller whose time is over is refused at once. */
  authenticate(identity: CallerIdentity): Caller | null {
    if (identity.kind === "none") return this.#options.requireCaller() ? this.#refuse(null) : PLAIN_CALLER;
    const shown = identity.kind === "path"
      ? readPair(identity.secret)
      : readProxyAuthorization(identity.value);
    const entry = shown === null ? undefined : this.#find(shown);
    if (entry !== undefined && !this.#endIfExpired(entry)) return entry.caller;
    return this.#refuse(shown?.name ?? null);
  }

  /**
   * Holds a caller: while somebody does, it stays.
   *
   * @param onEnd called once if it ends before it is let go
   * @returns lets it go; null if there is none of that id
   */
  hold(id: string, onEnd: (why: CallerEnding) => void): (() => void) | null {
    const entry = this.#byId.get(id);
    if (entry === undefined) return null;
    entry.holders.add(onEnd);
    return () => {
      if (entry.holders.delete(onEnd)) entry.lostAt = this.#now();
    };
  }

  /** All callers, the oldest first. */
  list(): CallerView[] {
    this.sweep();
    return [...this.#byId.values()].map(viewOf).sort((a, b) => a.openedAt - b.openedAt);
  }

  /** Ends the callers of a name or an id; answers how many there were. */
  end(nameOrId: string, why: CallerEnding): number {
    const entries = [...this.#byId.values()].filter(({ record: { id, name } }) =>
      id === nameOrId || name === nameOrId
    );
    for (const entry of entries) this.#remove(entry, why);
    return entries.length;
  }

  /** Forgets callers whose time is over, and those that nobody has held for a while. */
  sweep(): void {
    const now = this.#now();
    this.#refused.flush();
    for (const entry of [...this.#byId.values()]) {
      if (this.#endIfExpired(entry)) continue;
      // A clock that was set back makes nobody stay for ever: it is counted from the new time on.
      entry.lostAt = Math.min(entry.lostAt, now);
      if (entry.holders.size === 0 && now - entry.lostAt > GRACE_MS) this.#remove(entry, "ended");
    }
  }

  #load(): void {
    const { documents } = this.#vault;
    try {
      const records = documents.list(CALLER_DOCUMENT).flatMap(({ id }) => {
        const bytes = documents.get(CALLER_DOCUMENT, id);
        return bytes === undefined ? [] : [readCallerRecord(id, bytes)];
      });
      if (records.length === 0) return;
      const ended = this.#endedWhileLocked(Math.min(...records.map(({ openedAt }) => openedAt)));
      for (const record of records) {
        if (ended.has(record.id)) documents.remove(CALLER_DOCUMENT, record.id, null);
        else this.#insert(record);
      }
    } catch (error) {
      if (!(error instanceof DeniedError)) throw error;
      this.#byId.clear();
      this.#byName.clear();
      this.#options.note({
        event: "VaultChangedOutside",
        reason: "the callers were changed; none is let in",
      });
    }
  }

  /** Ids of callers that ended, as the log tells, when their records could not be taken out of the vault. */
  #endedWhileLocked(since: number): ReadonlySet<string> {
    const rows = (["CallerRevoked", "CallerEnded"] as const).flatMap((event) =>
      this.#vault.audit.query({ event, since })
    );
    const ids = rows.map(({ reason = "" }) => LOCKED_ID.exec(reason)?.[1]);
    return new Set(ids.filter((id) => id !== undefined));
  }

  #endIfExpired(entry: Entry): boolean {
    const { expiresAt } = entry.record;
    if (expiresAt === null || this.#now() < expiresAt) return false;
    this.#remove(entry, "expired");
    return true;
  }

  #find(shown: ShownCaller): Entry | undefined {
    const candidates = this.#byName.get(shown.name);
    if (candidates === undefined) return undefined;
    const digest = digestOf(shown);
    let found: Entry | undefined;
    for (const entry of candidates) if (equalInConstantTime(entry.record.digest, digest)) found = entry;
    return found;
  }

  #refuse(name: string | null): null {
    this.#refused.note(name !== null && this.#byName.has(name) ? name : null);
    return null;
  }

  #inventName(): string {
    for (;;) {
      const name = inventCallerName();
      if (!this.#byName.has(name)) return name;
    }
  }

  #insert(record: CallerRecord): Entry {
    const { id, name, project, credentials, intercept } = record;
    const caller: Caller = { name, kind: "run", project, credentials, intercept };
    const entry: Entry = { record, caller, holders: new Set(), lostAt: this.#now() };
    this.#byId.set(id, entry);
    const namesakes = this.#byName.get(name);
    if (namesakes === undefined) this.#byName.set(name, new Set([entry]));
    else namesakes.add(entry);
    return entry;
  }

  #remove(entry: Entry, why: CallerEnding): void {
    const { id, name, project } = entry.record;
    this.#byId.delete(id);
    const namesakes = this.#byName.get(name);
    namesakes?.delete(entry);
    if (namesakes?.size === 0) this.#byName.delete(name);
    const row: AuditEntry = {
      event: why === "revoked" ? "CallerRevoked" : "CallerEnded",
      caller: name,
      project,
      ...(why === "expired" ? { reason: "its time was over" } : {}),
    };
    try {
      this.#vault.documents.remove(CALLER_DOCUMENT, id, row);
    } catch (error) {
      // Locked, its record cannot be taken out of the vault: the next daemon does that, by what the log tells.
      if (!(error instanceof LockedError)) throw error;
      this.#options.note({ ...row, reason: `${row.reason ?? "the vault was locked"}; caller ${id}` });
    }
    for (const tell of entry.holders) tell(why);
    entry.holders.clear();
    this.#options.onEnd?.();
  }
}

/** Digest of what a caller shows. The secret has 192 random bits, so that it cannot be found from this by trying. */
function digestOf({ name, secret }: ShownCaller): Uint8Array {
  return hash("sha256", `wispkey caller\0${name}\0${secret}`, "buffer");
}

function viewOf({ record, holders }: Entry): CallerView {
  const { id, name, project, credentials, openedAt, expiresAt } = record;
  return { id, name, project, credentials, openedAt, expiresAt, held: holders.size > 0 };
}
