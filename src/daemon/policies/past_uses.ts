/**
 * Counts the uses of before for rate limits that are new, from the log, a page at a time: a restart or another text of the
 * file gives nobody a fresh start, and a log with a million uses holds nobody up.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { AuditRow } from "../../core/audit.ts";
import type { PastUse, PolicyJudge } from "../../core/policy/judge.ts";
import type { PolicySubject } from "../../core/policy/verdict.ts";
import { logger } from "../../platform/logging.ts";
import type { Vault } from "../../vault/mod.ts";

/** A credential that uses of before may be of. */
export interface UsedSubject extends PolicySubject {
  /** Keyed fingerprint of its token, by which the log knows it whatever it was called then. */
  readonly tokenFingerprint: string;
}

/** What the counting needs. */
export interface PastUsesOptions {
  /** The vault whose log is read. */
  readonly vault: Vault;
  /** Whose limits they are. */
  readonly judge: PolicyJudge;
  /** Puts rows that are on their way into the log. */
  readonly settleAudit: () => void;
  /** All credentials there are, those among them that stand in from the environment. */
  readonly subjects: () => Iterable<UsedSubject>;
  /** Wall time, ms since the epoch. */
  readonly now: () => number;
}

const log = logger("daemon");

/** Counts for one judge. */
export class PastUses {
  readonly #options: PastUsesOptions;
  #counting: Promise<void> = Promise.resolve();
  #run = 0;
  #restUntil = 0;
  #failed = false;

  /** Counts nothing yet. */
  constructor(options: PastUsesOptions) {
    this.#options = options;
  }

  /** Settles when the counting that is under way now is done, or was given up for a newer one. */
  get counted(): Promise<void> {
    return this.#counting;
  }

  /** Counts the uses of the last `window` ms, after {@linkcode PolicyJudge.begin}; takes the place of a counting under way. */
  begin(window: number): void {
    const run = ++this.#run;
    this.#failed = false;
    if (window > 0) this.#counting = this.#count(run, window);
  }

  /** Whether the log could not be read; then it is worth another try. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Counts no further. */
  end(): void {
    this.#run++;
  }

  async #count(run: number, window: number): Promise<void> {
    const { vault, judge, settleAudit, now } = this.#options;
    // Whoever writes the policies anew again and again has the log read half of the time at most.
    const rest = this.#restUntil - performance.now();
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    if (run !== this.#run) return;
    const began = performance.now();
    try {
      settleAudit();
      const since = now() - window;
      const subjectOf = this.#finder();
      for (const rows of vault.provenAudit(since)) {
        await new Promise<void>((resolve) => void setImmediate(resolve));
        if (run !== this.#run) return;
        judge.countPast(rows.flatMap((row): PastUse[] => {
          const subject = row.event === "CredentialUsed" ? subjectOf(row) : undefined;
          return subject === undefined ? [] : [{ at: row.at, subject, caller: row.caller ?? null }];
        }));
      }
      if (run === this.#run) judge.finish();
    } catch (error) {
      if (run !== this.#run) return;
      // Until it succeeds the new limits let nothing pass.
      this.#failed = true;
      log.error("cannot count earlier uses for the rate limits", { error });
    } finally {
      this.#restUntil = performance.now() + (performance.now() - began);
    }
  }

  /** By token, and where that was rotated since, by name. Fingerprints take time to make, so mostly the name's one is asked. */
  #finder(): (row: Pick<AuditRow, "tokenFingerprint" | "project" | "credential">) => UsedSubject | undefined {
    const subjects = [...this.#options.subjects()];
    const byName = new Map(subjects.map((subject) => [`${subject.project}\n${subject.name}`, subject]));
    let byToken: Map<string, UsedSubject> | undefined;
    return ({ tokenFingerprint = "", project = "", credential = "" }) => {
      const named = byName.get(`${project}\n${credential}`);
      if (named?.tokenFingerprint === tokenFingerprint) return named;
      byToken ??= new Map(subjects.map((subject) => [subject.tokenFingerprint, subject]));
      return byToken.get(tokenFingerprint) ?? named;
    };
  }
}
