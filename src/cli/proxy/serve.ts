/**
 * `wispkey serve`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { ProxyInfo, ServeEvent } from "../../daemon/api.ts";
import { Doorbell } from "../approvals/doorbell.ts";
import type { DaemonClient } from "../backend.ts";
import type { CliIo } from "../io.ts";
import { askPassword } from "../password.ts";
import { warnOfPolicies } from "../policy/status.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { shortTime } from "../time.ts";
import { rowJson, statusText, targetText } from "../vault/log_row.ts";
import { scopeOf, timeoutFromEnvironment } from "../vault/scope.ts";
import { offerNetwork } from "./network_offer.ts";
import { DEFAULT_PORT } from "./spec.ts";

/** Options of `serve`. */
export interface ServeOptions {
  /** Port to listen on; 0 = any free one. */
  port: number;
  /** Whether the port was named, so that another open listener is an error. */
  explicitPort: boolean;
  /** Return at once and leave it open. */
  daemon: boolean;
  /** Let plain callers use all projects. */
  allProjects: boolean;
  /** Open the tunnels of all callers, which therefore must trust the local authority. */
  intercept: boolean;
  /** Whether variables of the environment may stand in for credentials. */
  fallback: boolean;
  /** Whether a request that waits is announced on the desktop. */
  notify: boolean;
  /** Minutes without use before a daemon started here locks; undefined = the vault's setting. */
  timeoutMinutes: number | undefined;
}

/** Opens the proxy. */
export const serve: Verb<ServeOptions> = {
  parse(args, io) {
    args.exclusive("port", "random-port");
    const port = args.integer("port");
    return {
      port: args.flag("random-port") ? 0 : port ?? DEFAULT_PORT,
      explicitPort: port !== undefined,
      daemon: args.flag("daemon"),
      allProjects: args.flag("all-projects"),
      intercept: args.flag("intercept"),
      fallback: !args.flag("no-fallback"),
      notify: !args.flag("no-notify"),
      timeoutMinutes: timeoutFromEnvironment(io),
    };
  },

  async run(options, io) {
    await requireVault(io, "open the proxy");
    const daemon = await unlockedDaemon(io, options);
    try {
      const { port, explicitPort, intercept, fallback } = options;
      await offerNetwork(io, daemon, port);
      await warnOfPolicies(io, daemon);
      if (intercept) await daemon.call("ca.init", {});
      const { result: proxy } = await daemon.call("proxy.open", {
        port,
        explicitPort,
        ...(intercept ? { intercept } : {}),
        ...(fallback ? {} : { fallback }),
      });
      return options.daemon ? await announce(io, proxy) : await attend(io, daemon, proxy, options.notify);
    } finally {
      daemon.close();
    }
  },
};

/** The running daemon if it fits, else a fresh one, for which the password is asked. */
async function unlockedDaemon(io: CliIo, options: ServeOptions): Promise<DaemonClient> {
  const scope = await scopeOf(io, options.allProjects);
  const running = await connectUnlocked(io);
  if (running !== null) {
    if (await fits(io, running, options.allProjects, scope)) return running;
    running.close();
  }
  const password = await askPassword(io, "open the proxy");
  try {
    const { timeoutMinutes, fallback } = options;
    const { fallbacks } = await io.backend.startDaemon(password, { timeoutMinutes, scope });
    if (fallback) { for (const each of fallbacks) await io.output.note(`Fallback: ${escapeText(each)}`); }
  } finally {
    wipe(password);
  }
  const fresh = await io.backend.connect();
  if (fresh !== null) return fresh;
  throw new FailedError("cannot open the proxy: the daemon ended right after its start", {
    code: "daemon_gone",
    hint: "wispkey doctor",
  });
}

/** Whether a running daemon's scope will do. It is fixed while the daemon lives; widening it takes a fresh one. */
async function fits(
  io: CliIo,
  daemon: DaemonClient,
  allProjects: boolean,
  wanted: string | null,
): Promise<boolean> {
  try {
    const { scope } = (await daemon.call("daemon.status", {})).result;
    if (allProjects) return scope === null;
    if (scope !== wanted) await noteOtherScope(io, scope);
    return true;
  } catch (error) {
    daemon.close();
    throw error;
  }
}

async function noteOtherScope(io: CliIo, scope: string | null): Promise<void> {
  const reach = scope === null ? "all projects" : `project '${escapeText(scope)}'`;
  await io.output.warn(`callers use ${reach}, as it was set at unlock; 'wispkey unlock' starts afresh`);
}

async function announce(io: CliIo, proxy: ProxyInfo): Promise<ExitCode> {
  const { pid, port, address } = proxy;
  await io.output.result({ pid, port, address }, [
    `Proxy on ${address} (process ${pid}).`,
  ]);
  await io.output.note("Close it: wispkey stop");
  return ExitCode.done;
}

/** Shows rows as they are written until Ctrl-C; the listener closes with it. */
async function attend(
  io: CliIo,
  daemon: DaemonClient,
  proxy: ProxyInfo,
  notify: boolean,
): Promise<ExitCode> {
  const interrupt = io.catchInterrupt();
  const doorbell = new Doorbell(io, notify);
  try {
    const { pid, port, address } = proxy;
    if (io.output.json) await io.output.jsonLine({ pid, port, address });
    else await io.output.result(undefined, [`Proxy on ${address}.`]);
    await io.output.note(
      `Set HTTP_PROXY=${address}, or give SDKs the base URL ${address}/to/https/HOST/...\nCtrl-C closes it.`,
    );
    // One write after the other, in the order of the rows.
    let writing = Promise.resolve();
    const ending = await daemon.watch((event) => {
      writing = writing.then(() => show(io, event)).then(() => doorbell.take(event.row));
    }, { closeOnEnd: true, signal: AbortSignal.any([interrupt.signal, doorbell.left]) });
    await writing;
    await io.output.note(ending === "interrupted" ? "Closed." : "The proxy was closed by another command.");
    return ExitCode.done;
  } finally {
    interrupt.release();
  }
}

async function show(io: CliIo, { row }: ServeEvent): Promise<void> {
  if (io.output.json) return await io.output.jsonLine(rowJson(row));
  const parts = [shortTime(row.at), row.event, row.credential ?? "", targetText(row), statusText(row)];
  await io.output.result(undefined, [escapeText(parts.filter((part) => part !== "").join("  "))]);
}
