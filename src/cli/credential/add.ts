/**
 * `wispkey add`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { type CredentialType, DEFAULT_PARTITION, type Place } from "../../core/credential.ts";
import { ExitCode, NotFoundError } from "../../core/errors.ts";
import { checkDetails } from "../../core/limits.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { isBodyPlace } from "../../core/place.ts";
import { suggestByName, suggestByValue } from "../../core/provider.ts";
import { SIGNED_WITH, whyUnproxied } from "../../core/unproxied.ts";
import type { CredentialView, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { placeForNew } from "../project/active.ts";
import { commandLine } from "../quote.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { hostsOf, nameOf, typeOf } from "./details.ts";
import { placeForType } from "./place.ts";
import { adviseOnValue, readValue, type ValueSource, valueSource } from "./value.ts";
import { credentialJson } from "./view.ts";

/** Options of `add`. */
export interface AddOptions {
  /** Name of the new credential. */
  name: string;
  /** What it is for. */
  description: string;
  /** Its type. */
  type: CredentialType;
  /** The declared place. */
  place: Place | null;
  /** Canonical host patterns. */
  hosts: string[];
  /** Labels. */
  tags: string[];
  /** Where the secret comes from. */
  source: ValueSource;
  /** Partition it is to lie in; undefined = the tree's, else `personal`. */
  partition: string | undefined;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Keeps a secret. */
export const add: Verb<AddOptions> = {
  parse(args) {
    const type = typeOf(args) ?? "bearer_token";
    const options = {
      name: checkName(args.positional(0), "credential"),
      description: args.text("description") ?? "",
      type,
      place: placeForType(type, args),
      hosts: hostsOf(args) ?? [],
      tags: args.list("tags") ?? [],
      source: valueSource(args) ?? { from: "prompt" },
      partition: nameOf(args, "partition", "partition"),
      project: nameOf(args, "project", "project"),
    };
    checkDetails(options);
    return options;
  },

  async run(options, io) {
    const what = `add '${escapeText(options.name)}'`;
    const { project, partition } = await placeForNew(io, options);
    return await withVault(io, what, async (vault) => {
      await ensurePartition(io, vault, project, partition);
      const retry = commandLine("wispkey", "add", options.name, "--value-file", "-");
      const value = await readValue(io, options.source, what, retry);
      try {
        await adviseOnValue(io, value, options.type, options.place);
        const { name, description, type, place, hosts, tags } = options;
        const { result } = await vault.call(
          "credential.add",
          { name, description, type, place, hosts, tags, project, partition },
          value,
        );
        await report(io, result.credential, value);
      } finally {
        wipe(value);
      }
      return ExitCode.done;
    });
  },
};

/** Offers to create a missing partition where somebody can be asked; elsewhere the daemon's refusal stands. */
async function ensurePartition(
  io: CliIo,
  vault: VaultClient,
  project: string,
  partition: string,
): Promise<void> {
  if (partition === DEFAULT_PARTITION) return;
  const { result } = await vault.call("partition.list", { project });
  if (result.partitions.some((known) => known.name === partition)) return;
  const shown = escapeText(partition);
  const create = io.terminal.interactive &&
    await io.terminal.confirm(
      `There is no partition '${shown}' in project '${escapeText(project)}'. Create it?`,
    );
  if (!create) {
    throw new NotFoundError(
      `cannot use partition '${shown}': project '${escapeText(project)}' has none of that name`,
      {
        code: "partition_not_found",
        hint: commandLine("wispkey", "partition", "create", partition, ...projectOption(project)),
      },
    );
  }
  await vault.call("partition.create", { project, name: partition, description: "" });
}

async function report(io: CliIo, credential: CredentialView, value: Uint8Array): Promise<void> {
  const json = { ok: true, credential: credentialJson(credential), project: credential.project };
  const name = escapeText(credential.name);
  const token = credential.token ?? "";
  await io.output.result(json, io.output.quiet ? [token] : [`Added ${name}.`, `Wisp token: ${token}`]);
  if (isBodyPlace(credential.place)) {
    await io.output.note(
      "It may stand in a body: what is written there can often be read back from the host, by whoever may read it.",
    );
  }
  const unproxied = unproxiedNote(credential, value);
  if (unproxied !== null) await io.output.note(unproxied);
  else if (credential.hosts.length === 0) {
    await io.output.note(nowhereNote(credential, value));
  } else if (credential.hosts.includes("*")) {
    await io.output.note(
      "It may go to every host, because --hosts says '*'. Naming hosts keeps it from thieves.",
    );
  }
}

/** What no proxy can use is good for something all the same; null if a proxy can. */
function unproxiedNote({ name, project, place, hosts }: CredentialView, value: Uint8Array): string | null {
  // Who has named hosts or a place knows what the key is for.
  const isDecided = place !== null || hosts.length > 0;
  const provider = isDecided ? undefined : suggestByValue(value) ?? suggestByName(name);
  const why = whyUnproxied(value) ?? provider?.reveal;
  if (why === undefined) return null;
  const how = why === SIGNED_WITH ? "--file" : "--set";
  const run = commandLine(
    "wispkey",
    "run",
    ...projectOption(project),
    "--reveal",
    how,
    `VAR=${name}`,
    "--",
    "PROGRAM",
  );
  return `No proxy can put it into a request: ${why}. It works through:\n  ${run}`;
}

function nowhereNote(credential: CredentialView, value: Uint8Array): string {
  const provider = suggestByValue(value) ?? suggestByName(credential.name);
  const hosts = provider === undefined ? "HOST" : provider.hosts.join(",");
  const edit = commandLine(
    "wispkey",
    "edit",
    credential.name,
    ...projectOption(credential.project),
    "--hosts",
    hosts,
  );
  const why = provider === undefined
    ? "Say where it may go:"
    : `It looks like a key of ${provider.title}. To let it go there:`;
  return `It has no hosts, so it can be used nowhere through the proxy yet.\n${why}\n  ${edit}`;
}

function projectOption(project: string): string[] {
  return project === "default" ? [] : ["--project", project];
}
