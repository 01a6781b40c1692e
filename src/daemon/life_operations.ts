/**
 * The operations that concern the daemon's own life and its listener; all others go to the core.
 *
 * @module
 */

import type { HardenReport } from "../platform/harden.ts";
import type { DaemonStatus, Operations, Params, Result } from "./api.ts";
import type { AskingDesk } from "./asking_desk.ts";
import type { DaemonCore, Ending } from "./core.ts";
import { checkShape, type Shape } from "./operations/shape.ts";
import type { ProxyDesk } from "./proxy_desk.ts";
import type { DaemonReply, DaemonRequest, Dispatch } from "./request.ts";

/** What they work on. */
export interface Life {
  /** The heart. */
  core: DaemonCore;
  /** The proxy's listener. */
  desk: ProxyDesk;
  /** Its ports that ask who calls. */
  asking: AskingDesk;
  /** When the daemon started, ms since the epoch. */
  startedAt: number;
  /** Program version. */
  version: string;
  /** Whether the process is closed to others. */
  report: HardenReport;
  /** Ends the daemon. */
  end: (why: Ending) => void;
}

const SHAPES = {
  "daemon.status": {},
  "daemon.lock": {},
  "daemon.stop": {},
  "daemon.handover": {},
  "proxy.open": { port: "port", explicitPort: "boolean", "intercept?": "boolean", "fallback?": "boolean" },
  "proxy.close": {},
  "proxy.watch": { closeOnEnd: "boolean" },
  "caller.hold": { id: "string", port: "port", "askingPort?": "port" },
} as const satisfies Partial<Record<keyof Operations, Shape>>;

type LifeOperation = keyof typeof SHAPES;

type Handlers = {
  [N in LifeOperation]: (
    params: Params<N>,
    request: DaemonRequest,
  ) => Promise<{ result: Result<N>; afterwards?: () => void }>;
};

/** Answers every operation of a daemon. */
export function lifeOperations(life: Life): Dispatch {
  const { core, desk, asking } = life;
  const handlers: Handlers = {
    "daemon.status": () => Promise.resolve({ result: status(life) }),
    "daemon.lock": () => Promise.resolve({ result: { wasLocked: !core.lock("asked for", true) } }),
    "daemon.stop": () => Promise.resolve({ result: { pid: Deno.pid }, afterwards: () => life.end("stop") }),
    "daemon.handover": () => {
      const open = core.proxy();
      const proxy = open === null ? null : {
        port: open.port,
        attached: desk.attached,
        intercept: open.intercept,
        askingPorts: asking.ports,
      };
      return Promise.resolve({ result: { proxy, pid: Deno.pid }, afterwards: () => life.end("handover") });
    },
    "proxy.open": async (params) => {
      if (params.fallback === false) core.dropFallbacks();
      const wasClosed = core.proxy() === null;
      const proxy = await desk.open(params);
      if (wasClosed) asking.reopen();
      return { result: proxy };
    },
    "proxy.close": async () => ({ result: { wasOpen: await desk.close() } }),
    "proxy.watch": ({ closeOnEnd }, request) => {
      const { closed } = request.caller;
      const stopWatching = core.watch((row) => request.emit({ row }));
      const forget = desk.onClose(() => {
        stopWatching();
        request.endEvents();
      });
      closed.addEventListener("abort", () => {
        stopWatching();
        forget();
      }, { once: true });
      if (closeOnEnd) desk.attach(closed);
      return Promise.resolve({ result: { proxy: core.proxy() } });
    },
    "caller.hold": async ({ id, port, askingPort }, request) => {
      const { closed } = request.caller;
      const release = core.holdCaller(id, (ended) => {
        request.emit({ ended });
        request.endEvents();
      });
      closed.addEventListener("abort", release, { once: true });
      const isNew = core.proxy() === null;
      const proxy = await desk.open({ port, explicitPort: false });
      if (closed.aborted) release();
      else if (isNew || desk.attached) desk.attach(closed);
      const asked = askingPort === undefined ? null : asking.hold(askingPort, closed);
      request.emit({ held: true });
      return { result: { proxy: core.proxy() ?? proxy, askingPort: asked } };
    },
  };
  return async (request) => {
    const { op, params } = request;
    if (!Object.hasOwn(SHAPES, op)) return await core.dispatch(request);
    return await handle(op as LifeOperation, params, request);
  };

  async function handle<N extends LifeOperation>(
    op: N,
    params: unknown,
    request: DaemonRequest,
  ): Promise<DaemonReply> {
    checkShape(op, SHAPES[op], params);
    return await handlers[op](params as Params<N>, request);
  }
}

function status({ core, startedAt, version, report }: Life): DaemonStatus {
  return {
    ...core.status(),
    pid: Deno.pid,
    version,
    startedAt,
    proxy: core.proxy(),
    closedToDebuggers: report.closed,
  };
}
