/**
 * `wispkey callers list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import type { CallerView } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { rfc3339, shortTime } from "../time.ts";

const COLUMNS = [
  { title: "NAME" },
  { title: "ID" },
  { title: "PROJECT" },
  { title: "CREDENTIALS", shrinks: true, wraps: true },
  { title: "OPENED" },
  { title: "ENDS" },
];

/** Lists callers. */
export const listCallers: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    await requireVault(io, "list the callers");
    const callers = await callersOf(io);
    const rows = callers.map((caller) => [
      caller.name,
      caller.id,
      caller.project,
      caller.credentials === null ? "all" : caller.credentials.join(", "),
      shortTime(caller.openedAt),
      endOf(caller),
    ]);
    const lines = callers.length === 0
      ? ["No program runs under 'wispkey run'."]
      : io.output.table(COLUMNS, rows);
    await io.output.result({ callers: callers.map(callerJson) }, lines);
    return ExitCode.done;
  },
};

/** Without a daemon there is no proxy, and so nobody who could call. */
async function callersOf(io: CliIo): Promise<CallerView[]> {
  const daemon = await io.backend.connect();
  if (daemon === null) return [];
  try {
    return (await daemon.call("caller.list", {})).result.callers;
  } finally {
    daemon.close();
  }
}

function endOf({ held, expiresAt }: CallerView): string {
  if (!held) return "soon, its program is gone";
  return expiresAt === null ? "with its program" : shortTime(expiresAt);
}

function callerJson({ id, name, project, credentials, openedAt, expiresAt, held }: CallerView) {
  return {
    id,
    name,
    project,
    credentials,
    opened_at: rfc3339(openedAt),
    expires_at: rfc3339(expiresAt),
    running: held,
  };
}
