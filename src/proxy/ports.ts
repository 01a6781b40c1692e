/**
 * What the proxy needs from the rest of the program, as interfaces: the daemon implements them over the open vault,
 * tests over a few lines. The proxy itself knows no vault, no database and no password.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";
import type { CredentialType, Place } from "../core/credential.ts";
import type { HostPattern, MatchableTarget } from "../core/host_pattern.ts";
import type { BodyNeeds, Judgement, PolicyQuestion, PolicySubject } from "../core/policy/verdict.ts";
import type { ScrubSet } from "../core/scrub/mod.ts";
import type { ApprovalPort } from "./approvals.ts";
import type { ProxyNetwork } from "./network.ts";
import type { Caller, CallerPort } from "./callers.ts";
import type { RefusedRequest } from "./refused_request.ts";
import type { UnderWay } from "./under_way.ts";

export type { Caller, CallerIdentity, CallerPort } from "./callers.ts";

/** A credential as the proxy sees it while the vault is open. */
export interface ProxyCredential {
  /** Row id in the vault. */
  readonly id: string;
  /** Its name, for messages and the log. */
  readonly name: string;
  /** Name of its project. */
  readonly project: string;
  /** Decides the place of injection. */
  readonly type: CredentialType;
  /** The declared place, if there is one. */
  readonly place: Place | null;
  /** Where it may go, parsed; none = nowhere. */
  readonly hosts: readonly HostPattern[];
  /** The wisp token. */
  readonly token: string;
  /** Keyed fingerprint of the token for the log, 16 hex digits. */
  readonly tokenFingerprint: string;
  /** Set if it is no credential of the vault but a variable of that name in the daemon's environment. */
  readonly fallback?: true;
}

/** Answer of {@linkcode Keyring.find}. */
export type TokenMatch =
  | { kind: "live"; credential: ProxyCredential }
  /** Its row was changed behind our back: nothing it says of itself can be trusted. */
  | { kind: "tampered"; credential: ProxyCredential }
  /** Was ours once: rotated away or removed. */
  | { kind: "retired"; credentialName: string; reason: "rotated" | "removed" }
  /** Never ours, or of a project outside the scope: to callers that is the same. */
  | { kind: "unknown" };

/** The open vault's secrets, by token. All calls are synchronous and in memory. */
export interface Keyring {
  /** True while the key is dropped; then `find` answers `unknown` for everything. */
  readonly locked: boolean;
  /** Distinct lengths of the live tokens, longest first, to match tokens that are followed by token characters. */
  readonly tokenLengths: readonly number[];
  /** The live credentials in scope that may stand in a body; empty for most vaults. */
  readonly bodyCredentials: readonly ProxyCredential[];
  /** Looks up an exact token. */
  find(token: string): TokenMatch;
  /** Whether a token is one of those in memory; what is not may still be one of the past. */
  isLive(token: string): boolean;
  /**
   * Decrypts a secret. The caller writes the bytes into its outgoing buffer and wipes them.
   *
   * @throws {DeniedError} `credential_tampered` if the row was changed behind our back.
   */
  openValue(credential: ProxyCredential): Uint8Array<ArrayBuffer>;
  /**
   * What responses of a target's host are searched for: every secret in scope that the host may receive, short ones only
   * if the request carried them. Held for the caller, who releases it; null if there is nothing, or while locked.
   */
  scrubSet(target: MatchableTarget, carried: readonly ProxyCredential[]): ScrubSet<ProxyCredential> | null;
  /**
   * A credential that the caller may use and that may go to this host and port, whatever the path; null if there is none,
   * or while locked. Decides whether a tunnel is worth opening.
   */
  credentialFor(
    target: Pick<MatchableTarget, "scheme" | "host" | "port">,
    caller: Caller,
  ): ProxyCredential | null;
  /** Notes that a token was used (keeps the session awake, `last_used_at`). */
  used(credential: ProxyCredential): void;
  /** The same for a caller with a scope of its own: credentials outside of it do not exist. */
  scopedTo(caller: Caller): Keyring;
}

/** The log, as the proxy writes it. */
export interface AuditPort {
  /**
   * Writes a row before any secret byte is sent; resolves, once the row outlives the process, with a number by which
   * the row of its result refers to it.
   * Rejects if it cannot be written: then the secret must not be sent.
   */
  intent(entry: AuditEntry): Promise<number>;
  /** Writes a row soon (denials, results). Never throws; a failure shows at the next `intent`. */
  note(entry: AuditEntry): void;
}

/** The policies in force. All calls are synchronous and in memory. */
export interface PolicyPort {
  /** What must be known of the body before {@linkcode PolicyPort.judge} can answer for a credential. */
  bodyNeeds(credential: PolicySubject, caller: string | null): BodyNeeds;
  /** Answers for one use and counts it against rate limits if it may happen. */
  judge(question: PolicyQuestion): Judgement;
}

/** Times in milliseconds and sizes in bytes that bound everything the proxy does. */
export interface ProxyLimits {
  /** Client connections held at once. */
  maxConnections: number;
  /** Head of a request must be complete within this time of its first byte. */
  headerTimeoutMs: number;
  /** A kept connection without a request is closed after this time. */
  idleTimeoutMs: number;
  /** Lookup, dial and TLS handshake together. */
  connectTimeoutMs: number;
  /** From the end of the request to the response head. */
  responseTimeoutMs: number;
  /** A body that does not move for so long is cut off. */
  bodyTimeoutMs: number;
  /** Largest request or response head, start line included. */
  maxHeadBytes: number;
  /** Largest number of header fields. */
  maxHeaderFields: number;
}

/** A certificate for one host with its key, made for this process and never written anywhere. */
export interface LeafCertificate {
  /** The certificate, PEM; clients hold the authority's own. */
  readonly certificate: string;
  /** The private key, PEM (PKCS #8). */
  readonly key: string;
  /** When it must be replaced by another, ms since the epoch; some time before it ends. */
  readonly renewAt: number;
}

/** The local certificate authority, as far as the proxy needs it. */
export interface CertificatePort {
  /** Which authority is at hand, the same text for as long as it is the same; null if there is none, or while locked. */
  readonly authority: string | null;
  /** Makes a certificate for a host: a name in lower case, or an address without brackets. */
  leafFor(host: string): Promise<LeafCertificate>;
}

/** Everything the proxy is given. */
export interface ProxyPorts {
  /** Asks a person; without one, what needs approval is refused. */
  approvals?: ApprovalPort;
  /** Secrets by token. */
  keyring: Keyring;
  /** The log. */
  audit: AuditPort;
  /** The policies in force. */
  policy: PolicyPort;
  /** Read at each request, so that `config set` takes force at once. */
  limits: () => ProxyLimits;
  /** Read at each request: how hosts are reached. Directly if it is not said. */
  network?: () => ProxyNetwork;
  /** What `GET /health` tells besides `ok`: whether the vault is locked, the version. */
  health: () => Record<string, unknown>;
  /** Who may call; everybody as a plain caller by default. */
  callers?: CallerPort;
  /** Told of each request that we answer with an error ourselves. */
  onRefused?: (refused: RefusedRequest) => void;
  /** Told when rights are taken away, so that what is under way ends; without it nobody tells. */
  underWay?: UnderWay;
  /** Certificates for tunnels that are opened; without them none is. */
  certificates?: CertificatePort;
  /** Whether a host's tunnels are never opened; by default there are no such hosts. */
  neverIntercept?: (host: string, port: number) => boolean;
}
