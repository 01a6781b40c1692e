/**
 * One request on its way through the pipeline, and the one signature of a step.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";
import type { Usage } from "../core/placement.ts";
import type { Judgement } from "../core/policy/verdict.ts";
import type { Sighting } from "../core/sightings.ts";
import type { Target } from "../core/target.ts";
import { redactTokens } from "../core/token_finder.ts";
import { type Caller, type CallerPort, PLAIN_CALLER } from "./callers.ts";
import type { ApprovalPort } from "./approvals.ts";
import type { BodySource } from "./http/body.ts";
import type { Cancellation } from "./http/cancellation.ts";
import type { HeaderField } from "./http/headers.ts";
import type { RequestHead } from "./http/parse_head.ts";
import type { OutgoingField } from "./http/serialize.ts";
import type { OutgoingValue } from "./http/types.ts";
import { methodOverrides } from "./method_override.ts";
import type { OwnListener } from "./own_listener.ts";
import type { AuditPort, Keyring, PolicyPort, ProxyCredential, TokenMatch } from "./ports.ts";
import type { Answer } from "./refusal.ts";
import type { HitLimit } from "./scrub/hit_limit.ts";
import type { TunnelOrigin } from "./tunnel/services.ts";

/** Longest path written to the log, in characters. */
const MAX_LOGGED_PATH = 1024;
/** Random bytes of a request's id. */
const REQUEST_ID_BYTES = 9;

/** How a request named its target. */
export type Mode =
  /** `GET http://host/path`, a forward proxy's request line. */
  | "absolute"
  /** The header `X-Target-Url`. */
  | "x-target-url"
  /** `/to/<scheme>/<host>/path`, for base URLs of SDKs. */
  | "base-url"
  /** `CONNECT host:port`, or a request inside such a tunnel. */
  | "tunnel";

/** One credential that a request uses, at one spot. */
export interface TokenUse {
  /** The credential. */
  readonly credential: ProxyCredential;
  /** Where its token stands. */
  readonly sighting: Sighting<TokenMatch>;
  /** How its secret goes in; set once the place was found right. */
  usage: Usage | null;
  /** Whether the host is allowed by naming it exactly, which opens private addresses to it. */
  exactHost: boolean;
}

/** What goes to the upstream. */
export interface OutgoingHead {
  /** Path and query. */
  target: OutgoingValue;
  /** Fields in order. */
  headers: readonly OutgoingField[];
  /** The values that hold a secret, to be wiped whatever happens. */
  secrets: readonly Uint8Array[];
}

/** The content of a body that holds tokens which may stand there. */
export interface BodyContent {
  /** Its bytes, decoded; tokens are where their sightings say. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it came with a content coding. */
  readonly wasCoded: boolean;
  /** Of a multipart body. */
  readonly boundary: string | null;
}

/** A request as the steps see and complete it. */
export class RequestContext {
  /** The head as it came. */
  readonly head: RequestHead;
  /** When it came, ms of a monotonic clock. */
  readonly startedAt: number = performance.now();
  /** How it named its target; set by `route`. */
  mode: Mode = "absolute";
  /** Who calls; set by `check_caller`. */
  caller: Caller = PLAIN_CALLER;
  /** The opened tunnel that it came through; null for none. */
  readonly tunnel: TunnelOrigin | null;
  /** The client's fields without those meant for us alone; set by `route`. */
  fields: readonly HeaderField[] = [];
  /** Credentials in use; set by `find_tokens`. */
  uses: readonly TokenUse[] = [];
  /** What the policies say of each different credential of `uses`; set by `check_policy`, which lets `allow` and `approve` pass. */
  judgements: readonly { readonly credential: ProxyCredential; readonly judgement: Judgement }[] = [];
  /** Sequence numbers of the intent rows, one for each different credential of `uses`; set by `record_intent`. */
  intents: { readonly credential: ProxyCredential; readonly seq: number }[] = [];
  /** What goes to the upstream; set by `inject`. */
  outgoing: OutgoingHead = { target: "/", headers: [], secrets: [] };
  /** What is sent as body; null for none. `check_body` and `inject` put another in the place of the client's. */
  body: BodySource | null;
  /** Set by `check_body` if secrets are to be put into the body. */
  content: BodyContent | null = null;
  /** Happens when the client goes away; null where nobody can. */
  gone: Cancellation | null = null;
  #requestId: string | undefined;
  #target: Target | undefined;
  #auditTarget: Pick<AuditEntry, "host" | "path" | "method" | "caller"> | undefined;

  /** Begins a request. */
  constructor(head: RequestHead, body: BodySource | null = null, tunnel: TunnelOrigin | null = null) {
    this.head = head;
    this.body = body;
    this.tunnel = tunnel;
  }

  /** Random id under which a refusal can be asked about; made when it is first wanted, which for most requests is never. */
  get requestId(): string {
    return this.#requestId ??= `req_${crypto.getRandomValues(new Uint8Array(REQUEST_ID_BYTES)).toHex()}`;
  }

  /** Other methods that the request asks for besides its own, as written; see {@linkcode methodOverrides}. */
  get methodOverrides(): string[] {
    return methodOverrides(this.fields, this.target.query, this.body);
  }

  /** The one checked target; set by `route`, which every later step comes after. */
  get target(): Target {
    if (this.#target === undefined) throw new Error("the request was not routed yet");
    return this.#target;
  }
  set target(target: Target) {
    this.#target = target;
  }

  /** Whether `route` found a target. */
  get isRouted(): boolean {
    return this.#target !== undefined;
  }

  /** The different credentials in use. */
  credentials(): ProxyCredential[] {
    const [first] = this.uses;
    if (first === undefined) return [];
    if (this.uses.length === 1) return [first.credential];
    return [...new Map(this.uses.map((use) => [use.credential.id, use.credential])).values()];
  }

  /** Takes back what a use that did not happen was counted for. */
  uncount(): void {
    for (const { judgement } of this.judgements) judgement.uncount();
    this.judgements = [];
  }

  /** The part of an audit entry that tells who sends a request where: no query, no token. */
  auditTarget(): Pick<AuditEntry, "host" | "path" | "method" | "caller"> {
    const { authority, path } = this.target;
    return this.#auditTarget ??= {
      host: redactTokens(authority),
      path: this.#hidesToken() ? "/…" : redactTokens(path.slice(0, MAX_LOGGED_PATH)),
      method: redactMethod(this.head.method),
      ...(this.caller.kind === "plain" ? {} : { caller: this.caller.name }),
    };
  }

  /** Whether a token was found in a spelling that cannot simply be cut out of what is logged. */
  #hidesToken(): boolean {
    return this.uses.some(({ sighting: { spot, end } }) => spot.in === "elsewhere" && end === 0);
  }
}

function redactMethod(method: string): string {
  const lower = method.toLowerCase();
  const redacted = redactTokens(lower);
  return redacted === lower ? method : redacted;
}

/** The secrets that the caller of a request may know of. */
export function keyringOf({ caller }: RequestContext, { keyring }: Pick<StepServices, "keyring">): Keyring {
  return caller.kind === "plain" ? keyring : keyring.scopedTo(caller);
}

/** What steps may ask of the rest of the program; none of it is a socket. */
export interface StepServices {
  /** Secrets by token. */
  readonly keyring: Keyring;
  /** The log. */
  readonly audit: AuditPort;
  /** The policies in force. */
  readonly policy: PolicyPort;
  /** Asks a person; without one, what needs approval is refused. */
  readonly approvals?: ApprovalPort;
  /** Answer of `GET /health`. */
  readonly health: () => Record<string, unknown>;
  /** Our own listener. */
  readonly listener: OwnListener;
  /** Who may call. */
  readonly callers: CallerPort;
  /** Whether who does not say who calls is asked to. */
  readonly asksCaller: boolean;
  /** How often answers have shown values that nobody put there. */
  readonly scrubHits: HitLimit;
}

/**
 * One step. Completes the context; throws a {@linkcode Refusal} (or a `WispKeyError`) to stop the request, answers to end it
 * without an upstream. Steps that need not wait are synchronous, so that they cost no turn of the event loop.
 */
export type Step = (
  context: RequestContext,
  services: StepServices,
) => Answer | void | Promise<Answer | void>;
