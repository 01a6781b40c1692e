/**
 * The operations of the daemon, as CLI and MCP server call them: name, parameters, result. One interface serves both
 * ways of working: over the local socket (`client.ts`) and, with no daemon, directly on a vault opened with the password.
 *
 * Parameters and results are JSON; a secret never is: it travels as the raw payload beside the JSON.
 *
 * @module
 */

import type { AuditRow } from "../core/audit.ts";
import type { Credential, CredentialType, Place } from "../core/credential.ts";
import type { ShownCredential } from "../core/shown.ts";
import type { SettingKey, SettingValues } from "../core/settings.ts";
import type { AuthorityOperations } from "./api/ca.ts";
import type { CallerOperations } from "./api/callers.ts";
import type { ApprovalOperations } from "./api/approvals.ts";
import type { GroupOperations } from "./api/groups.ts";
import type { GuardOperations } from "./api/guard.ts";
import type { SharingOperations } from "./api/sharing.ts";
import type { ImportOperations } from "./api/import.ts";
import type { LogOperations } from "./api/log.ts";
import type { PolicyOperations } from "./api/policies.ts";
import type { RequestOperations } from "./api/requests.ts";

export type { AuthorityView } from "./api/ca.ts";
export type { CallerView, ValueMatch } from "./api/callers.ts";

/** A credential with the names of its project and partition; `token` only where it was asked for. */
export interface CredentialView extends Omit<Credential, "token"> {
  /** The wisp token, if it was asked for. */
  token?: string;
  /** Name of its project. */
  project: string;
  /** Name of its partition. */
  partition: string;
  /** False if the row was changed behind our back; such a credential is refused. */
  intact: boolean;
}

/** Where the proxy listens. */
export interface ProxyInfo {
  /** Process id of the daemon. */
  pid: number;
  /** Port, the same on IPv4 and IPv6 loopback. */
  port: number;
  /** `http://127.0.0.1:PORT`. */
  address: string;
  /** Project plain callers are bound to; null = all projects. */
  project: string | null;
  /** Whether the tunnels of plain callers are opened, too. */
  intercept: boolean;
  /** Ports at which who does not say who calls is asked to, for programs under `run`. */
  askingPorts: number[];
}

/** What the daemon says of itself. */
export interface DaemonStatus {
  /** Process id. */
  pid: number;
  /** Program version. */
  version: string;
  /** Whether the key is dropped. */
  locked: boolean;
  /** When it started, ms. */
  startedAt: number;
  /** When the key will be dropped if nothing happens, ms; null = never or locked. */
  locksAt: number | null;
  /** The open listener, if any. */
  proxy: ProxyInfo | null;
  /** Live client connections of the proxy. */
  connections: number;
  /** Whether other programs of the same user are kept from reading this process (see `harden`). */
  closedToDebuggers: boolean;
  /** Scope of plain callers: project name, null = all. */
  scope: string | null;
  /** File with the local authority's certificate and all other roots; null without an authority, or while locked. */
  caBundlePath: string | null;
  /** File with that certificate alone. */
  caCertificatePath: string | null;
}

/** One finding of `doctor`. */
export interface Finding {
  /** `ok` is shown too, so that a person sees what was looked at. */
  level: "ok" | "warning" | "error";
  /** Machine-readable name, `snake_case`. */
  code: string;
  /** One line. */
  message: string;
  /** Command that mends it. */
  hint?: string;
}

/** Something that happens, for `serve` in the foreground. */
export interface ServeEvent {
  /** The audit row, as it was written. */
  row: AuditRow;
}

/** Which credential: by name, in a project (the active one of the caller; `null` searches all and must be unique). */
export interface CredentialRef {
  /** Name, exact. */
  name: string;
  /** Project name. */
  project: string;
}

/** Every operation: parameters and result. */
export interface Operations
  extends
    ApprovalOperations,
    AuthorityOperations,
    CallerOperations,
    GroupOperations,
    GuardOperations,
    LogOperations,
    ImportOperations,
    PolicyOperations,
    RequestOperations,
    SharingOperations {
  /** Works locked. */
  "daemon.status": { params: Record<string, never>; result: DaemonStatus };
  /** A fresh nonce for a password proof. Works locked. */
  "daemon.challenge": { params: Record<string, never>; result: { nonce: string } };
  /** Drops the key now. Works locked. */
  "daemon.lock": { params: Record<string, never>; result: { wasLocked: boolean } };
  /** Closes the listener, drains, ends the process. Works locked. */
  "daemon.stop": { params: Record<string, never>; result: { pid: number } };
  /** A newer daemon takes over: answers the listener's settings, then closes, drains, ends. Works locked. */
  "daemon.handover": {
    params: Record<string, never>;
    result: {
      proxy: { port: number; attached: boolean; intercept?: boolean; askingPorts?: number[] } | null;
      pid: number;
    };
  };
  /**
   * Opens the proxy's listener (or answers the open one). `port` 0 = any free. `intercept` opens the tunnels of plain callers
   * from now on; what is open already is never taken back by leaving it out. Works locked.
   */
  "proxy.open": {
    params: { port: number; explicitPort: boolean; intercept?: boolean; fallback?: boolean };
    result: ProxyInfo;
  };
  /** Closes the proxy's listener. Works locked. */
  "proxy.close": { params: Record<string, never>; result: { wasOpen: boolean } };
  /** Streams audit rows as they are written (event frames) until the caller hangs up. Works locked. */
  "proxy.watch": { params: { closeOnEnd: boolean }; result: { proxy: ProxyInfo | null } };

  /** Lists credentials. `project` null = all. Tokens only if asked for, which is written down. */
  "credential.list": {
    params: { project: string | null; partition: string | null; tokens: boolean };
    result: { credentials: CredentialView[] };
  };
  /** One credential. */
  "credential.get": { params: CredentialRef & { token: boolean }; result: { credential: CredentialView } };
  /** Adds one; the payload is the value. Result carries the token. */
  "credential.add": {
    params: {
      name: string;
      description: string;
      type: CredentialType;
      place: Place | null;
      hosts: string[];
      tags: string[];
      project: string;
      partition: string;
    };
    result: { credential: CredentialView };
  };
  /** Changes metadata. Needs the password unless it only narrows (see `core/edit_rules.ts`). */
  "credential.edit": {
    params: CredentialRef & {
      patch: {
        name?: string;
        description?: string;
        type?: CredentialType;
        place?: Place | null;
        hosts?: string[];
        tags?: string[];
        partition?: string;
      };
    };
    result: { credential: CredentialView };
  };
  /** Removes one; its token is remembered as removed. */
  "credential.remove": { params: CredentialRef; result: { id: string } };
  /** A new token; the old one is remembered as rotated. */
  "credential.rotate": { params: CredentialRef; result: { credential: CredentialView } };
  /** Replaces the secret, keeps the token; the payload is the value. Needs the password. */
  "credential.replace_value": {
    params: CredentialRef & { shown: ShownCredential };
    result: { credential: CredentialView };
  };
  /** Takes hosts, type and place as shown for what its owner wants. Needs the password. */
  "credential.confirm": {
    params: CredentialRef & { shown: ShownCredential };
    result: { credential: CredentialView };
  };
  /** Gives the secret out as the reply's payload. Needs the password. */
  "credential.reveal": { params: CredentialRef; result: { credential: CredentialView } };

  /** Values in force, without what is secret in them; `set` tells which keys were set. */
  "config.list": { params: Record<string, never>; result: { values: SettingValues; set: SettingKey[] } };
  /** Sets one; the payload is its text (UTF-8), as `parseSetting` reads it. Needs the password. */
  "config.set": { params: { key: SettingKey }; result: { values: SettingValues } };
  /** Back to the default; needs the password. */
  "config.unset": { params: { key: SettingKey }; result: { values: SettingValues } };

  /** Takes the rows as they stand for what ought to be there, after a person has looked; needs the password. */
  "vault.accept": { params: Record<string, never>; result: { findings: Finding[] } };
  /** Checks every row of the vault. */
  "vault.verify": { params: Record<string, never>; result: { findings: Finding[] } };
}

/** Name of an operation. */
export type OperationName = keyof Operations;
/** Parameters of an operation. */
export type Params<N extends OperationName> = Operations[N]["params"];
/** Result of an operation. */
export type Result<N extends OperationName> = Operations[N]["result"];

/** An answer: JSON result and, for `credential.reveal`, the raw payload. */
export interface Answer<N extends OperationName> {
  /** The JSON part. */
  result: Result<N>;
  /** Raw bytes beside it; the receiver wipes them. */
  payload: Uint8Array<ArrayBuffer> | undefined;
}

/** Calls operations, wherever they run. */
export interface VaultClient {
  /**
   * Calls one operation.
   *
   * @param payload raw bytes, for operations that take a secret; the caller wipes them
   * @throws {WispKeyError} what the operation threw.
   */
  call<N extends OperationName>(name: N, params: Params<N>, payload?: Uint8Array): Promise<Answer<N>>;
  /** Closes the connection, or the vault it opened. */
  close(): void;
}
