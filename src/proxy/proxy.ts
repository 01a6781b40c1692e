/**
 * The proxy: one port, every request through the pipeline, and out.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { EVERYONE_PLAIN } from "./callers.ts";
import { RequestContext } from "./context.ts";
import { forward } from "./forward.ts";
import { ConnectionPool, type HttpListener, type IncomingRequest, listen } from "./http/mod.ts";
import { noteDenial, runSteps, STEPS } from "./pipeline.ts";
import type { ProxyPorts } from "./ports.ts";
import { type Answer, errorAnswer, isDefect } from "./refusal.ts";
import { refusedRequest } from "./refused_request.ts";
import { HitLimit } from "./scrub/hit_limit.ts";
import { CALLER_REQUIRED } from "./steps/check_caller.ts";
import { wipeOutgoing } from "./steps/inject.ts";
import { LeafCache } from "./tls/leaf_cache.ts";
import { OncePerHost } from "./tunnel/once_per_host.ts";
import { openTunnel } from "./tunnel/open_tunnel.ts";
import { TUNNEL_STEPS } from "./tunnel/route_tunnel.ts";
import type { TunnelOrigin, TunnelServices } from "./tunnel/services.ts";
import { UnderWay } from "./under_way.ts";

/** A host whose client refused our certificate is written down again after so long, milliseconds. */
const REFUSED_AGAIN_MS = 60_000;
/** A tunnel that is opened is written down again after so long, milliseconds; each request inside that uses a token is anyway. */
const OPENED_AGAIN_MS = 600_000;

/** How upstreams are found and trusted, where that is not left to the system, and who hears of defects. */
export interface ProxyOptions {
  /** PEM certificates trusted besides the system's. */
  caCerts?: readonly string[];
  /** Finds the addresses of a name. */
  resolve?: (host: string) => Promise<string[]>;
  /** Told of errors that are a defect of ours, for the program's own log; callers only see 500 `internal`. */
  onDefect?: (error: unknown) => void;
}

/**
 * A proxy over a keyring and a log. It may be opened and closed again and again; requests take effect of changes in the
 * keyring at once.
 *
 * @example
 * ```ts
 * import { Proxy } from "./proxy.ts";
 * import type { ProxyPorts } from "./ports.ts";
 *
 * declare const ports: ProxyPorts;
 * const proxy = new Proxy(ports);
 * const { address } = await proxy.open({ port: 0 });
 * console.log(address); // http://127.0.0.1:49152
 * await proxy.close({ drainMs: 1_000 });
 * ```
 */
export class Proxy {
  readonly #ports: ProxyPorts;
  readonly #options: ProxyOptions;
  #open: Open | undefined;
  #intercept = false;

  /** Makes a closed proxy. */
  constructor(ports: ProxyPorts, options: ProxyOptions = {}) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Number of client connections being served. */
  get connections(): number {
    return sumOf(this.#open?.listeners.values().map(({ connections }) => connections) ?? []);
  }

  /** The port it listens on, or null. */
  get port(): number | null {
    return this.#open?.port ?? null;
  }

  /** The ports at which who does not say who calls is asked to. */
  get askingPorts(): number[] {
    const { listeners, port } = this.#open ?? { listeners: NO_LISTENERS };
    return [...listeners.keys()].filter((other) => other !== port);
  }

  /** Whether the tunnels of plain callers are opened, too. */
  get intercept(): boolean {
    return this.#intercept;
  }

  /** From now on opens the tunnels of plain callers, too. */
  interceptAll(): void {
    this.#intercept = true;
  }

  /**
   * Begins to listen on `127.0.0.1` and, where there is IPv6, `::1`.
   *
   * @param options `port` 0 takes any free one; `intercept` opens the tunnels of plain callers, too
   * @throws {FailedError} `port_in_use`, `port_not_allowed`, `cannot_listen`; `already_open`.
   */
  // deno-lint-ignore require-await -- binding is synchronous today; callers must not depend on it
  async open(
    { port, intercept = false }: { port: number; intercept?: boolean },
  ): Promise<{ port: number; address: string }> {
    if (this.#open !== undefined) {
      throw new FailedError(`cannot open the proxy: it is open on port ${this.#open.port}`, {
        code: "already_open",
      });
    }
    const { keyring, audit, policy, health, limits, network, callers = EVERYONE_PLAIN } = this.#ports;
    const { onDefect = () => {}, ...upstreams } = this.#options;
    const listeners = new Map<number, HttpListener>();
    const own = { port, all: new Set<number>() };
    const { approvals, certificates, neverIntercept = () => false, underWay = new UnderWay() } = this.#ports;
    const onError = (error: unknown) => asResponse(errorAnswer(error));
    const services: TunnelServices = {
      keyring,
      audit,
      policy,
      health,
      limits,
      callers,
      asksCaller: false,
      listener: own,
      scrubHits: new HitLimit(),
      pool: new ConnectionPool(),
      underWay,
      ...(network === undefined ? {} : { network }),
      ...(approvals === undefined ? {} : { approvals }),
      leaves: certificates === undefined ? null : new LeafCache(certificates),
      canIntercept: () => certificates !== undefined && certificates.authority !== null,
      interceptAll: () => this.#intercept,
      neverIntercept,
      tunnels: new Set(),
      opened: new OncePerHost(OPENED_AGAIN_MS),
      hinted: new OncePerHost(),
      refused: new OncePerHost(REFUSED_AGAIN_MS),
      answer: (request, tunnel) => handle(request, services, tunnel),
      onError,
      onDefect,
      onRefused: this.#ports.onRefused ?? (() => {}),
      ...upstreams,
    };
    own.port = this.#listen(port, services, listeners);
    own.all.add(own.port);
    this.#intercept = intercept;
    this.#open = { port: own.port, own: own.all, listeners, services };
    return { port: own.port, address: `http://127.0.0.1:${own.port}` };
  }

  /**
   * Listens at one more port, as long as the proxy is open: there a request that does not say who calls is answered with 407,
   * as clients expect that send the name and password of their proxy only when they are asked.
   *
   * @param port 0 takes any free one
   * @returns the port
   * @throws {FailedError} `port_in_use`, `port_not_allowed`, `cannot_listen`; `not_open`.
   */
  openAsking(port: number): number {
    const open = this.#open;
    if (open === undefined) {
      throw new FailedError("cannot listen at another port: the proxy is closed", { code: "not_open" });
    }
    const own = { port, all: open.own };
    const services: TunnelServices = {
      ...open.services,
      listener: own,
      asksCaller: true,
      answer: (request, tunnel) => handle(request, services, tunnel),
    };
    own.port = this.#listen(port, services, open.listeners);
    open.own.add(own.port);
    return own.port;
  }

  /** Stops listening at such a port; requests under way have `drainMs` milliseconds to end. */
  async closeAsking(port: number, { drainMs }: { drainMs: number }): Promise<void> {
    const open = this.#open;
    const listener = open?.listeners.get(port);
    if (open === undefined || listener === undefined || port === open.port) return;
    open.listeners.delete(port);
    open.own.delete(port);
    await listener.close({ drainMs });
  }

  /** Stops listening, gives requests under way `drainMs` milliseconds to end, and closes everything. */
  async close({ drainMs }: { drainMs: number }): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    for (const tunnel of open.services.tunnels) tunnel.drain();
    await Promise.all(open.listeners.values().map((listener) => listener.close({ drainMs })));
    open.services.pool.close();
  }

  #listen(port: number, services: TunnelServices, listeners: Map<number, HttpListener>): number {
    const { limits, onError, onDefect } = services;
    const listener: HttpListener = listen({
      port,
      limits,
      // All listeners share one bound.
      maxConnections: () => limits().maxConnections - this.connections + listener.connections,
      onError,
      onDefect,
    }, (request) => handle(request, services, null));
    listeners.set(listener.port, listener);
    return listener.port;
  }
}

/** What an open proxy consists of. */
interface Open {
  /** Its own port. */
  readonly port: number;
  /** All its ports. */
  readonly own: Set<number>;
  readonly listeners: Map<number, HttpListener>;
  readonly services: TunnelServices;
}

const NO_LISTENERS: ReadonlyMap<number, HttpListener> = new Map();

function sumOf(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

async function handle(
  request: IncomingRequest,
  services: TunnelServices,
  tunnel: TunnelOrigin | null,
): Promise<void> {
  const { onDefect } = services;
  const isBodyless = request.framing.kind === "none";
  const context = new RequestContext(request.head, isBodyless ? null : request.body, tunnel);
  context.gone = request.gone;
  const opensTunnel = request.head.method === "CONNECT" && tunnel === null;
  let answer: Answer | undefined;
  try {
    const outcome = runSteps(context, services, opensTunnel ? TUNNEL_STEPS : STEPS);
    answer = outcome instanceof Promise ? await outcome : outcome;
  } catch (error) {
    wipeOutgoing(context);
    if (context.intents.length === 0) context.uncount();
    noteDenial(context, services, error);
    if (isDefect(error)) onDefect(error);
    answer = refuse(error, context, services);
  }
  if (answer === undefined) {
    try {
      return await (opensTunnel ? openTunnel : forward)(context, request, services);
    } catch (error) {
      if (isDefect(error)) onDefect(error);
      // Once an answer was begun, cutting it off is all that can be said; the engine has done that.
      if (request.answered || request.gone.cancelled) return;
      answer = refuse(error, context, services);
    }
  }
  const { status, fields, body } = asResponse(answer);
  await request.respond(status, fields, body);
}

function refuse(error: unknown, context: RequestContext, { onRefused }: TunnelServices): Answer {
  const refused = refusedRequest(context, error);
  // To be asked is what such a client waits for.
  if (refused.code !== CALLER_REQUIRED) onRefused(refused);
  return errorAnswer(error, context.requestId);
}

function asResponse(answer: Answer) {
  const { status, headers, body } = answer;
  return { status, fields: headers.map(([name, value]) => ({ name, value })), body };
}
