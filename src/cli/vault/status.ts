/**
 * `wispkey status`.
 *
 * @module
 */

import { ExitCode, WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { DaemonStatus, ProxyInfo } from "../../daemon/api.ts";
import type { PolicyStatus } from "../../daemon/api/policies.ts";
import type { CliIo } from "../io.ts";
import { policyNotice, policyStatusOf, statusJson } from "../policy/status.ts";
import { activeProject } from "../project/active.ts";
import type { Verb } from "../spec.ts";
import { longTime, rfc3339 } from "../time.ts";

/** Shows vault, lock and proxy; works while locked and without a vault. */
export const status: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const vault = await io.backend.describe();
    const project = (await activeProject(io)).name;
    const { daemon, problem, policies } = await askDaemon(io);
    const active = daemon !== null && !daemon.locked;
    const json = {
      initialized: vault !== null,
      vault_path: io.vaultDir,
      created_at: rfc3339(vault?.createdAt ?? null),
      credential_count: vault?.credentialCount ?? 0,
      session_active: active,
      locks_at: rfc3339(daemon?.locksAt ?? null),
      active_project: project,
      proxy_running: daemon?.proxy !== null && daemon !== null,
      proxy: proxyJson(daemon?.proxy ?? null),
      proxy_check_error: problem,
      policies: policies === null ? null : statusJson(policies),
      daemon: daemon === null ? null : {
        pid: daemon.pid,
        version: daemon.version,
        started_at: rfc3339(daemon.startedAt),
        scope: daemon.scope,
        connections: daemon.connections,
        closed_to_debuggers: daemon.closedToDebuggers,
      },
    };
    const lines = [`Vault:        ${io.vaultDir}${vault === null ? " (none yet)" : ""}`];
    if (vault !== null) {
      lines.push(`Created:      ${longTime(vault.createdAt)}`, `Credentials:  ${vault.credentialCount}`);
    }
    lines.push(
      `Project:      ${project}`,
      `Session:      ${sessionText(daemon)}`,
      `Proxy:        ${proxyText(daemon)}`,
    );
    if (problem !== null) lines.push(`Daemon:       does not answer: ${problem}`);
    await io.output.result(json, lines.map(escapeText));
    if (vault === null) await io.output.note("Make one: wispkey init");
    const notice = policies === null ? null : policyNotice(policies);
    if (notice !== null) await io.output.warn(notice);
    return ExitCode.done;
  },
};

/** What the daemon says. */
interface Answers {
  daemon: DaemonStatus | null;
  /** Why it does not answer. */
  problem: string | null;
  /** How policies stand; null while locked. */
  policies: PolicyStatus | null;
}

/** A daemon that does not answer is a fact to report here, not an error. */
async function askDaemon(io: CliIo): Promise<Answers> {
  try {
    const client = await io.backend.connect();
    if (client === null) return { daemon: null, problem: null, policies: null };
    try {
      const daemon = (await client.call("daemon.status", {})).result;
      return { daemon, problem: null, policies: daemon.locked ? null : await policyStatusOf(client) };
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    return { daemon: null, problem: error.message, policies: null };
  }
}

function sessionText(daemon: DaemonStatus | null): string {
  if (daemon === null) return "locked (no daemon)";
  if (daemon.locked) return `locked (daemon ${daemon.pid})`;
  const until = daemon.locksAt === null
    ? "until 'wispkey lock'"
    : `until ${longTime(daemon.locksAt)} if not used`;
  return `unlocked ${until} (daemon ${daemon.pid})`;
}

function proxyJson(proxy: ProxyInfo | null) {
  if (proxy === null) return null;
  const { askingPorts, ...rest } = proxy;
  return { ...rest, asking_ports: askingPorts };
}

function proxyText(daemon: DaemonStatus | null): string {
  if (daemon === null || daemon.proxy === null) return "not running";
  const scope = daemon.proxy.project === null ? "all projects" : `project ${daemon.proxy.project}`;
  const { address, askingPorts } = daemon.proxy;
  const asking = askingPorts.length === 0 ? "" : `; programs under 'run' at ${askingPorts.join(", ")}`;
  return `${address}, ${scope}${asking}`;
}
