/**
 * Tries clients one after the other.
 *
 * @module
 */

import { attempt } from "./attempt.ts";
import { type Client, type Way, WAYS } from "./client.ts";
import { type Finding, judge, withoutTrying } from "./judge.ts";
import type { Stage } from "./stage.ts";
import type { Tools } from "./tools.ts";

/** What was found out about one client. */
export interface Row {
  /** Who. */
  readonly client: Client;
  /** Null if it is not there. */
  readonly version: string | null;
  /** A finding for each way; none if it is not there. */
  readonly findings: ReadonlyMap<Way, Finding>;
}

/** Tries a client on some ways, all of them if not said otherwise. */
export async function tryClient(
  stage: Stage,
  tools: Tools,
  client: Client,
  ways: readonly Way[] = WAYS,
): Promise<Row> {
  const version = await client.version(tools);
  const findings = new Map<Way, Finding>();
  if (version === null) return { client, version, findings };
  for (const way of ways) {
    const expected = client.ways?.[way];
    findings.set(way, withoutTrying(expected) ?? judge(await attempt(stage, tools, client, way), expected));
  }
  return { client, version, findings };
}

/** The surprises among rows, each as a paragraph. */
export function surprises(rows: readonly Row[]): string[] {
  return rows.flatMap(({ client, findings }) =>
    [...findings].filter(([, { verdict }]) => verdict === "surprise")
      .map(([way, { remark }]) => `${client.name} (${way}): ${remark}`)
  );
}

/** One line for people who watch. */
export function lineOf({ client, version, findings }: Row): string {
  const told = [...findings].map(([way, { verdict }]) => `${way} ${verdict}`).join(", ");
  return `${client.name} ${version ?? ""}: ${version === null ? `absent (${client.source})` : told}`;
}
