/**
 * Operations on many credentials at once, and on the files they were taken from.
 *
 * @module
 */

import type { CredentialType, Place } from "../../core/credential.ts";

/** One of many credentials to add; its value lies in the payload. */
export interface NewCredential {
  /** Name, new in the project. */
  name: string;
  /** What it is for. */
  description: string;
  /** Its type. */
  type: CredentialType;
  /** The declared place. */
  place: Place | null;
  /** Host patterns. */
  hosts: string[];
  /** Labels. */
  tags: string[];
  /** Bytes of its value. */
  length: number;
}

/** A file that was kept before it was rewritten. */
export interface BackupView {
  /** Random. */
  id: string;
  /** Absolute path of the file. */
  path: string;
  /** When it was kept, ms since the epoch. */
  at: number;
  /** Its size, bytes. */
  size: number;
}

/** The operations. */
export interface ImportOperations {
  /** Adds many, all or none; the payload is their values, one after the other. Answers names and tokens in that order. */
  "credential.add_many": {
    params: { project: string; partition: string; credentials: NewCredential[] };
    result: { added: { id: string; name: string; token: string }[] };
  };
  /** Keeps a file as it is, sealed in the vault; the payload is its content. */
  "backup.put": { params: { path: string }; result: { backup: BackupView } };
  /** What files are kept, newest first. */
  "backup.list": { params: Record<string, never>; result: { backups: BackupView[] } };
  /** Removes kept files for good, all or none of those named. Needs the password. */
  "backup.remove": { params: { ids: string[] }; result: { removed: number } };
  /** Gives the content of a kept file out as the reply's payload. Needs the password. */
  "backup.get": { params: { id: string }; result: { backup: BackupView } };
}
