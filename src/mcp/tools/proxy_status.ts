/**
 * `wispkey_proxy_status`.
 *
 * @module
 */

import { z } from "zod";
import type { DaemonStatus } from "../../daemon/api.ts";
import type { DaemonLink } from "../daemon_link.ts";
import { foreignText } from "../foreign_text.ts";
import { defineTool, type Tool } from "../tool.ts";

const HTTPS_NOTE =
  "For https URLs use the base-URL form (see wispkey_how_to_call), X-Target-Url, or a program started by 'wispkey run'. " +
  "Through HTTPS_PROXY alone a tunnel is blind: the token would reach the host as it is.";

/** Tells of vault, session and proxy; works whatever state they are in. */
export const proxyStatus: Tool = defineTool({
  name: "wispkey_proxy_status",
  title: "Status of vault and proxy",
  description:
    "Tells whether there is a vault, whether it is unlocked, where the proxy listens and whom it serves.",
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({}),
  output: z.object({
    vault: z.enum(["present", "missing"]),
    session: z.enum(["unlocked", "locked"]),
    locks_at: z.string().nullable().describe("When it locks if nothing is used; RFC 3339"),
    active_project: z.string(),
    proxy: z.enum(["running", "stopped"]),
    address: z.string().nullable(),
    scope: z.string().nullable().describe("Project whose tokens plain callers may use; '*' = all"),
    https: z.string(),
    hint: z.string().nullable().describe("What to do next, if something is to be done"),
  }),
  async run(_input, { daemon, project }) {
    const status = await statusOf(daemon);
    const exists = status !== null || await daemon.vaultExists();
    const active = await project();
    const isLocked = status?.locked ?? true;
    const address = status?.proxy?.address ?? null;
    const structured = {
      vault: exists ? "present" as const : "missing" as const,
      session: isLocked ? "locked" as const : "unlocked" as const,
      locks_at: status?.locksAt == null ? null : new Date(status.locksAt).toISOString(),
      active_project: foreignText(active),
      proxy: address === null ? "stopped" as const : "running" as const,
      address,
      scope: status === null ? null : status.scope === null ? "*" : foreignText(status.scope),
      https: HTTPS_NOTE,
      hint: hintFor({ exists, isLocked, address, scope: status?.scope ?? null, active }),
    };
    return {
      structured,
      text: [
        `Vault: ${structured.vault}`,
        `Session: ${structured.session}`,
        `Project: ${JSON.stringify(structured.active_project)}`,
        `Proxy: ${address ?? "stopped"}`,
        `HTTPS: ${HTTPS_NOTE}`,
        ...(structured.hint === null ? [] : [`Hint: ${structured.hint}`]),
      ].join("\n"),
    };
  },
});

async function statusOf(daemon: DaemonLink): Promise<DaemonStatus | null> {
  const client = await daemon.tryConnect();
  if (client === null) return null;
  try {
    return (await client.call("daemon.status", {})).result;
  } finally {
    client.close();
  }
}

interface Facts {
  exists: boolean;
  isLocked: boolean;
  address: string | null;
  scope: string | null;
  active: string;
}

function hintFor({ exists, isLocked, address, scope, active }: Facts): string | null {
  if (!exists) return "there is no vault yet; a person makes one: wispkey init";
  if (isLocked) return "a person has to unlock the vault, in a terminal: wispkey unlock";
  if (scope !== null && scope !== active) {
    return "plain callers are bound to another project than the active one: use wispkey_request or 'wispkey run', or ask a " +
      "person to run wispkey unlock again";
  }
  if (address === null) {
    return "wispkey_how_to_call and wispkey_request open the proxy while this server runs; wispkey serve --daemon keeps it open";
  }
  return null;
}
