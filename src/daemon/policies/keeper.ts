/**
 * The policies in force: what was applied last and the file as it stands, both. Policies only restrict, so a tighter file holds
 * at once and a looser one only after it was applied with the password.
 *
 * @module
 */

import { DeniedError, UsageError } from "../../core/errors.ts";
import { comparePolicies } from "../../core/policy/difference.ts";
import { PolicyJudge } from "../../core/policy/judge.ts";
import { mistakeText } from "../../core/policy/mistake.ts";
import { MAX_POLICY_BYTES, parsePolicies } from "../../core/policy/parse.ts";
import { isSameScope, type PolicyNote, policyNotes } from "../../core/policy/notes.ts";
import type { Bindings, Policy } from "../../core/policy/policy.ts";
import { PolicyIndex } from "../../core/policy/policy_index.ts";
import type { BodyNeeds, Judgement, PolicyQuestion, PolicySubject } from "../../core/policy/verdict.ts";
import { readSmallText, type SmallText } from "../../platform/small_text.ts";
import type { PolicyPort } from "../../proxy/ports.ts";
import type { Vault } from "../../vault/mod.ts";
import type { PolicyStatus } from "../api/policies.ts";
import { type AppliedPolicies, readApplied, subjectsOf, writeApplied } from "./applied.ts";
import { PastUses, type UsedSubject } from "./past_uses.ts";

/** Name of the file in messages. */
const FILE_NAME = "policies.toml";

/** Mistakes shown at most. */
const MAX_MISTAKES = 100;

/** What a keeper is made of. */
export interface PolicyKeeperOptions {
  /** The vault, unlocked when the keeper is made. */
  readonly vault: Vault;
  /** The policy file, absolute. */
  readonly path: string;
  /** How uses of before are found, from which rate limits are counted; null where no use is judged, so none is. */
  readonly past: {
    /** Puts rows that are on their way into the log. */
    readonly settleAudit: () => void;
    /** All credentials there are. */
    readonly subjects: () => Iterable<UsedSubject>;
  } | null;
  /** Wall time, ms since the epoch. */
  readonly now: () => number;
}

/** Why no token may be used, and what mends it. */
interface Trouble {
  readonly reason: string;
  readonly hint: string;
}

/** The file as it was read. */
type File =
  | { readonly kind: "absent" }
  | { readonly kind: "policies"; readonly text: string; readonly policies: readonly Policy[] }
  | { readonly kind: "invalid"; readonly mistakes: readonly string[] };

/** What was applied, understood. */
type Applied = AppliedPolicies & { readonly policies: readonly Policy[] };

/** Keeps the policies of one vault in force. */
export class PolicyKeeper implements PolicyPort {
  readonly #options: PolicyKeeperOptions;
  readonly #judge: PolicyJudge;
  readonly #past: PastUses | null;
  #raw: SmallText = { kind: "absent" };
  #file: File = { kind: "absent" };
  #applied: Applied | null = null;
  /** What is wrong with what was applied; null if nothing is. */
  #spoiled: Trouble | null = null;
  /** Why no token may be used; null if nothing is wrong. */
  #invalid: Trouble | null = null;

  /** Puts what there is in force. */
  constructor(options: PolicyKeeperOptions) {
    this.#options = options;
    this.#judge = new PolicyJudge(options.now);
    const { past, ...rest } = options;
    this.#past = past === null ? null : new PastUses({ ...rest, ...past, judge: this.#judge });
    this.#readApplied();
    this.#raw = readSmallText(options.path, MAX_POLICY_BYTES);
    this.#file = understand(this.#raw);
    this.#enforce();
  }

  /** Settles when the uses of before are counted for the rate limits in force now; until then new ones let nothing pass. */
  get counted(): Promise<void> {
    return this.#past?.counted ?? Promise.resolve();
  }

  /** The same, or when so many milliseconds are over: who waits for a daemon to start is not kept by a very long log. */
  async countedWithin(ms: number): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([this.counted, over]);
    clearTimeout(timer);
  }

  /** Looks at the log no more; call it before the vault is closed. */
  end(): void {
    this.#past?.end();
  }

  /** See {@linkcode PolicyPort.bodyNeeds}. */
  bodyNeeds(credential: PolicySubject, caller: string | null): BodyNeeds {
    return this.#judge.bodyNeeds(credential, caller);
  }

  /** See {@linkcode PolicyPort.judge}. */
  judge(question: PolicyQuestion): Judgement {
    if (this.#invalid === null) return this.#judge.judge(question);
    return { verdict: { kind: "invalid", ...this.#invalid }, monitored: [], uncount: () => {} };
  }

  /** Reads the file again, if the vault is open; answers whether something changed. */
  reload(): boolean {
    const { vault, path } = this.#options;
    if (vault.locked) return false;
    const raw = readSmallText(path, MAX_POLICY_BYTES);
    if (sameText(raw, this.#raw)) {
      if (this.#past?.failed === true) this.#enforce();
      return false;
    }
    this.#raw = raw;
    this.#file = understand(raw);
    this.#enforce();
    return true;
  }

  /** How file and applied text stand to each other, the file as it is right now. */
  status(): PolicyStatus {
    this.reload();
    const file = this.#file;
    const applied = this.#applied;
    const policies = file.kind === "policies" ? file.policies : [];
    const isApplied = file.kind === "policies" && file.text === applied?.text;
    return {
      path: this.#options.path,
      file: file.kind !== "policies" ? file.kind : isApplied ? "applied" : "different",
      filePolicies: policies.length,
      mistakes: file.kind === "invalid" ? [...file.mistakes] : [],
      applied: applied?.text ?? null,
      appliedAt: applied?.at ?? null,
      appliedPolicies: applied?.policies.length ?? 0,
      changes: file.kind === "invalid" ? [] : comparePolicies(applied?.policies ?? [], policies),
      spoiled: this.#spoiled,
      notes: distinct([
        ...this.#notes(applied?.policies ?? [], applied?.bindings),
        ...this.#notes(policies, applied?.bindings),
      ]),
    };
  }

  /**
   * What would be odd about a text if it were applied.
   *
   * @throws {UsageError} `policy_invalid`.
   */
  examine(text: string): PolicyNote[] {
    const policies = understood(text, "examine");
    return this.#notes(policies, this.#keptBy(policies));
  }

  /**
   * Takes a text for what the owner wants; the caller has proven the password.
   *
   * @throws {UsageError} `policy_invalid`.
   */
  apply(text: string): void {
    const policies = understood(text, "apply");
    const { vault, now } = this.#options;
    writeApplied(vault, text, policies, now(), this.#keptBy(policies));
    this.#readApplied();
    this.#enforce();
  }

  /** A policy that is applied again stays with what it was bound to: a name that was changed since frees nothing. */
  #keptBy(policies: readonly Policy[]): Bindings {
    const before = new Map(this.#applied?.policies.map((policy) => [policy.name, policy]));
    const same = policies.filter((policy) => {
      const known = before.get(policy.name);
      return known !== undefined && isSameScope(known, policy);
    });
    return new Map(same.map(({ name }) => [name, this.#applied?.bindings.get(name) ?? new Set<string>()]));
  }

  #notes(policies: readonly Policy[], bindings: Bindings = new Map()): PolicyNote[] {
    const { vault, past } = this.#options;
    if (vault.locked || policies.length === 0) return [];
    const subjects = past === null ? subjectsOf(vault) : [...past.subjects()];
    return policyNotes(policies, subjects, vault.projects.list().map(({ name }) => name), bindings);
  }

  #readApplied(): void {
    this.#applied = null;
    this.#spoiled = null;
    try {
      const applied = readApplied(this.#options.vault);
      if (applied === null) return;
      const read = parsePolicies(applied.text);
      // Only a program that knows fewer keys than the one that applied them reads them as mistaken.
      if (!read.ok) throw new DeniedError(read.mistakes[0].message, { code: "policy_invalid" });
      this.#applied = { ...applied, policies: read.policies };
    } catch (error) {
      if (!(error instanceof DeniedError)) throw error;
      this.#spoiled = {
        reason: `the applied policies cannot be used: ${error.message}`,
        hint: "wispkey doctor --accept, then wispkey policy apply",
      };
    }
  }

  #enforce(): void {
    const file = this.#file;
    this.#invalid = this.#spoiled ?? (file.kind !== "invalid" ? null : {
      reason: `${FILE_NAME} is not understood: ${file.mistakes[0] ?? ""}`,
      hint: "wispkey policy check",
    });
    const indexes: PolicyIndex[] = [];
    if (this.#applied !== null) indexes.push(new PolicyIndex(this.#applied.policies, this.#applied.bindings));
    // The same text twice would only be judged twice.
    if (file.kind === "policies" && file.text !== this.#applied?.text) {
      indexes.push(new PolicyIndex(file.policies, this.#applied?.bindings));
    }
    this.#past?.begin(this.#judge.begin(indexes));
  }
}

function understand(raw: SmallText): File {
  if (raw.kind === "absent") return raw;
  if (raw.kind === "unreadable") return { kind: "invalid", mistakes: [`${FILE_NAME} ${raw.why}`] };
  const read = parsePolicies(raw.text);
  return read.ok ? { kind: "policies", text: raw.text, policies: read.policies } : {
    kind: "invalid",
    mistakes: read.mistakes.slice(0, MAX_MISTAKES).map((mistake) => mistakeText(FILE_NAME, mistake)),
  };
}

/** @throws {UsageError} `policy_invalid`. */
function understood(text: string, verb: string): readonly Policy[] {
  const read = parsePolicies(text);
  if (read.ok) return read.policies;
  throw new UsageError(`cannot ${verb} the policies: ${mistakeText(FILE_NAME, read.mistakes[0])}`, {
    code: "policy_invalid",
    hint: "wispkey policy check",
  });
}

function distinct(notes: readonly PolicyNote[]): PolicyNote[] {
  return [...new Map(notes.map((note) => [`${note.policy}\n${note.text}`, note])).values()];
}

function sameText(a: SmallText, b: SmallText): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "text" && b.kind === "text") return a.text === b.text;
  return a.kind === "absent" || (a.kind === "unreadable" && b.kind === "unreadable" && a.why === b.why);
}
