/**
 * `run` without `--reveal`: the program gets tokens, and a way to the proxy as a caller of its own.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { type HostPattern, parseHostList } from "../../core/host_pattern.ts";
import { baseUrlVariables } from "../../core/run/base_urls.ts";
import { type Environment, type ProxyAccess, proxyVariables } from "../../core/run/environment.ts";
import { noProxyList } from "../../core/run/no_proxy.ts";
import type { DaemonClient } from "../backend.ts";
import type { CliIo } from "../io.ts";
import { askPassword } from "../password.ts";
import { connectUnlocked } from "../session.ts";
import { timeoutFromEnvironment } from "../vault/scope.ts";
import { HeldCaller } from "./held_caller.ts";
import type { RunOptions } from "./options.ts";
import { credentialsInScope, putTokens } from "./tokens.ts";
import { trustOwnAuthority } from "./trust.ts";
import { readVariables } from "./variables.ts";

/** Runs the program; answers its exit code. */
export async function runWithTokens(io: CliIo, options: RunOptions, project: string): Promise<number> {
  const { daemon, startedPid } = await unlockedDaemon(io, project);
  let held: HeldCaller | undefined;
  await using temporary = io.programs.temporaryFiles();
  try {
    const credentials = await credentialsInScope(daemon, project, options);
    const variables = await putTokens(
      io,
      daemon,
      project,
      options,
      await readVariables(io, options.envFiles),
    );
    const trust = await trustOwnAuthority(daemon, variables, io, temporary);
    held = await HeldCaller.open(io, daemon, {
      name: options.caller,
      project,
      credentials: options.only === null ? null : [...options.only],
      seconds: options.seconds,
      intercept: true,
    });
    const hosts = parseHostList(credentials.flatMap(({ hosts }) => hosts), { allowPublicSuffix: true });
    const env = {
      ...variables,
      ...waysToProxy(variables, hosts, held.access, options),
      ...trust,
      WISPKEY_PROJECT: project,
    };
    const program = io.programs.start({ command: options.command, args: options.args, env, piped: false });
    return await program.exitCode;
  } finally {
    const last = await held?.release() ?? daemon;
    if (startedPid !== null) await endIfUnused(last, startedPid);
    last.close();
  }
}

function waysToProxy(
  variables: Environment,
  hosts: readonly HostPattern[],
  access: ProxyAccess,
  { baseUrls }: RunOptions,
): Record<string, string> {
  const noProxy = noProxyList(variables["NO_PROXY"] ?? variables["no_proxy"], hosts, access.port);
  return {
    ...(baseUrls ? baseUrlVariables(variables, hosts, access) : {}),
    ...proxyVariables(access, noProxy),
  };
}

/** The running daemon, or a fresh one, for which the password is asked. */
async function unlockedDaemon(
  io: CliIo,
  scope: string,
): Promise<{ daemon: DaemonClient; startedPid: number | null }> {
  const running = await connectUnlocked(io);
  if (running !== null) return { daemon: running, startedPid: null };
  const password = await askPassword(io, "run a program");
  let startedPid: number;
  try {
    const { status } = await io.backend.startDaemon(password, {
      timeoutMinutes: timeoutFromEnvironment(io),
      scope,
    });
    startedPid = status.pid;
  } finally {
    wipe(password);
  }
  const daemon = await io.backend.connect();
  if (daemon !== null) return { daemon, startedPid };
  throw new FailedError("cannot run: the daemon ended right after its start", {
    code: "daemon_gone",
    hint: "wispkey doctor",
  });
}

/** Ends the daemon that was started for the program, unless it is another by now or has other callers. */
async function endIfUnused(daemon: DaemonClient, startedPid: number): Promise<void> {
  try {
    const { pid } = (await daemon.call("daemon.status", {})).result;
    const { callers } = (await daemon.call("caller.list", {})).result;
    if (pid === startedPid && callers.every(({ held }) => !held)) await daemon.call("daemon.stop", {});
  } catch {
    // It is gone already, or being replaced by somebody who wants one.
  }
}
