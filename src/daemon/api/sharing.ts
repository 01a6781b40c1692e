/**
 * The operations that take credentials over in numbers, and give them out: imports of bundles and earlier vaults, exports.
 * See `../api.ts`.
 *
 * @module
 */

import type { NewCredential } from "./import.ts";

/** A credential that is to be taken over; its value stands in the payload, one after the other. */
export interface StagedCredential extends NewCredential {
  /** Name of the project it is to lie in. */
  project: string;
  /** Name of the partition it is to lie in. */
  partition: string;
  /** A token to keep; null = a new one. Keeping one needs the password. */
  token: string | null;
}

/** A project that is made if there is none of its name, with its partitions. */
export interface StagedProject {
  /** Its name. */
  name: string;
  /** Free text for a new one. */
  description: string;
  /** Partitions to be made if there are none of their names. */
  partitions: { name: string; description: string }[];
}

/** What is done with a credential whose name is taken. */
export const CONFLICT_CHOICES = ["skip", "rename", "replace"] as const;

/** One of {@linkcode CONFLICT_CHOICES}. */
export type ConflictChoice = typeof CONFLICT_CHOICES[number];

/** What becomes, or became, of one staged credential. */
export interface ImportedCredential {
  /** Its name as staged. */
  name: string;
  /** Its name in the vault. */
  as: string;
  /** Its project. */
  project: string;
  /** Its partition. */
  partition: string;
  /** What happens to it. */
  action: "added" | "renamed" | "replaced" | "skipped";
  /** Where it may go. */
  hosts: string[];
  /** Where the one that it replaces may go so far. */
  hostsBefore: string[] | null;
  /** Its token where a new row was made. */
  token: string | null;
}

/** Kinds of imports and exports, which name the row of the log. */
export type SharingKind = "project" | "partition" | "credential";

/** Parameters and results. */
export interface SharingOperations {
  /**
   * Puts credentials down in the daemon's memory, for a commit soon. `session` null begins; the payload holds the values.
   */
  "import.stage": {
    params: { session: string | null; credentials: StagedCredential[] };
    result: { session: string; digest: string };
  };
  /**
   * Takes over what was staged, all in one transaction, or with `dryRun` only says what that would do. Needs the password
   * where something is replaced or a token kept. `replacing` are the names, as `project/name`, that the person agreed to.
   */
  "import.commit": {
    params: {
      session: string;
      digest: string;
      kind: SharingKind | "vault";
      from: string;
      projects: StagedProject[];
      onConflict: ConflictChoice;
      replacing: string[];
      dryRun: boolean;
    };
    result: { credentials: ImportedCredential[]; madeProjects: string[]; madePartitions: string[] };
  };
  /** Forgets what was staged. */
  "import.abort": { params: { session: string }; result: Record<string, never> };
  /**
   * Writes down that credentials are exported, and says which: of a project, of a partition, or one. Needs the password.
   */
  "export.begin": {
    params: {
      kind: SharingKind;
      project: string;
      /** The partition, for that kind. */
      partition: string | null;
      /** The credential, for that kind. */
      credential: string | null;
      /** What it is exported for, for the log: `passphrase`, or recipients. */
      lock: string;
    };
    result: {
      project: { name: string; description: string };
      partitions: { name: string; description: string }[];
      credentials: ExportedCredential[];
    };
  };
  /** Gives a value out as the reply's payload, after `export.begin`. Needs the password. */
  "export.value": { params: { id: string }; result: Record<string, never> };
}

/** A credential that is exported; its value comes by itself. */
export interface ExportedCredential extends Omit<StagedCredential, "length" | "token" | "project"> {
  /** Its id, for `export.value`. */
  id: string;
}
