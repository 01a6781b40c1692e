/**
 * `wispkey mcp serve`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode, UsageError, WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { McpContext } from "../../mcp/context.ts";
import { DaemonLink } from "../../mcp/daemon_link.ts";
import { serveOverHttp } from "../../mcp/http.ts";
import { PageStore } from "../../mcp/pages.ts";
import { ProxyAccess } from "../../mcp/proxy_access.ts";
import { serveOverStdio } from "../../mcp/stdio.ts";
import { keepOnly } from "../../platform/permissions.ts";
import type { CliIo } from "../io.ts";
import { askPassword, PASSWORD_VARIABLE } from "../password.ts";
import { activeProject } from "../project/active.ts";
import { DEFAULT_PORT } from "../proxy/spec.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { scopeOf, timeoutFromEnvironment } from "../vault/scope.ts";

/** Options of `mcp serve`. */
export interface McpServeOptions {
  /** Port to serve HTTP on, 0 = any free one; null = standard input and output. */
  httpPort: number | null;
}

/** Serves an agent until it hangs up. */
export const mcpServe: Verb<McpServeOptions> = {
  parse(args) {
    const port = args.integer("port");
    if (port !== undefined && !args.flag("http")) {
      throw new UsageError("cannot use --port without --http: standard input and output have no port", {
        code: "conflicting_options",
        hint: "add --http, or leave out --port",
      });
    }
    return { httpPort: args.flag("http") ? port ?? 0 : null };
  },

  async run({ httpPort }, io) {
    await unlockIfGiven(io);
    await io.backend.exists(); // Loads what it is made of, while it may still ask the system who runs it.
    // The password is not needed any more, nor is the right to start programs.
    Deno.env.delete(PASSWORD_VARIABLE);
    keepOnly("mcp");
    const daemon = new DaemonLink(io.vaultDir, () => io.backend.exists());
    const proxy = new ProxyAccess(daemon, DEFAULT_PORT);
    const context: McpContext = {
      daemon,
      proxy,
      pages: new PageStore(),
      project: async () => (await activeProject(io)).name,
    };
    const interrupt = io.catchInterrupt();
    try {
      if (httpPort === null) await serveOverStdio(context, interrupt.signal);
      else await serveHttp(io, context, httpPort, interrupt.signal);
    } finally {
      await proxy.close();
      interrupt.release();
    }
    return ExitCode.done;
  },
};

/** A server that is started with the password in its environment unlocks, once. */
async function unlockIfGiven(io: CliIo): Promise<void> {
  if (io.env(PASSWORD_VARIABLE) === undefined) return;
  const running = await connectUnlocked(io);
  running?.close();
  await io.output.warn(
    `${PASSWORD_VARIABLE} is set for the MCP server: an agent that can read its own configuration or environment has the ` +
      "master password, and with it every secret. The server needs none: remove it, and run 'wispkey unlock' yourself",
  );
  if (running !== null) return;
  try {
    await requireVault(io, "unlock");
    const password = await askPassword(io, "unlock");
    try {
      const scope = await scopeOf(io, false);
      await io.backend.startDaemon(password, { timeoutMinutes: timeoutFromEnvironment(io), scope });
    } finally {
      wipe(password);
    }
  } catch (error) {
    // The tools will say that the vault is locked; a client that sees its server end says nothing to anybody.
    if (!(error instanceof WispKeyError)) throw error;
    await io.output.error(error);
  }
}

async function serveHttp(io: CliIo, context: McpContext, port: number, signal: AbortSignal): Promise<void> {
  const server = serveOverHttp(context, port);
  const { stderr } = io.output;
  await stderr.write(
    `Serving MCP on ${escapeText(server.url)}\nAuthorization: Bearer ${server.token}\nCtrl-C ends it.\n`,
  );
  try {
    if (!signal.aborted) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    }
  } finally {
    await server.close();
  }
}
