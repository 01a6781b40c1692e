/**
 * Resources: what a client may show or attach without a call of a tool.
 *
 * @module
 */

import { describePlaces } from "../core/placement.ts";
import type { McpContext } from "./context.ts";
import { credentialAnswer } from "./credential_answer.ts";
import { FOREIGN_TEXT_NOTICE, foreignText } from "./foreign_text.ts";

/** Most lines of the applied policies that are told. */
const MAX_POLICY_LINES = 500;

/** A resource that is JSON. */
export interface JsonResource {
  /** Its name. */
  readonly name: string;
  /** Where it is. */
  readonly uri: string;
  /** Its name for people. */
  readonly title: string;
  /** What it is. */
  readonly description: string;
  /** Reads it. */
  read(context: McpContext): Promise<Record<string, unknown>>;
}

/** All resources. */
export const RESOURCES: readonly JsonResource[] = [
  {
    name: "credentials",
    uri: "wispkey://credentials",
    title: "Credentials",
    description:
      `The credentials of the active project: names, types, hosts, tags. No tokens, no secrets. ${FOREIGN_TEXT_NOTICE}`,
    read: credentials,
  },
  {
    name: "policies",
    uri: "wispkey://policies",
    title: "What credentials may do",
    description:
      "The policies that were applied, and for each credential of the active project where it may go and where its token stands.",
    read: policies,
  },
];

async function credentials({ daemon, project: activeProject }: McpContext) {
  const project = await activeProject();
  const { credentials } = await daemon.call("credential.list", { project, partition: null, tokens: false });
  return { project: foreignText(project), credentials: credentials.map(credentialAnswer) };
}

async function policies({ daemon, project: activeProject }: McpContext) {
  const project = await activeProject();
  const { credentials } = await daemon.call("credential.list", { project, partition: null, tokens: false });
  const { values } = await daemon.call("config.list", {});
  const status = await daemon.call("policy.status", {});
  return {
    project: foreignText(project),
    callers_without_identity: values["proxy.require_caller"] ? "refused: use 'wispkey run'" : "served",
    policies: {
      applied: status.appliedPolicies,
      text: (status.applied ?? "").split("\n").slice(0, MAX_POLICY_LINES).map((line) => foreignText(line)),
      file: status.file,
      mistakes: status.mistakes.map((mistake) => foreignText(mistake)),
    },
    credentials: credentials.map((credential) => ({
      name: foreignText(credential.name),
      may_go_to: credential.hosts.length === 0
        ? ["nowhere"]
        : credential.hosts.map((host) => foreignText(host)),
      token_stands_in: foreignText(describePlaces(credential, hostOf(credential.hosts))),
      hosts_confirmed: credential.hostsConfirmed,
      refused: !credential.intact,
    })),
  };
}

/** The first host of a list of patterns, for the place that a known provider takes. */
function hostOf([pattern = ""]: readonly string[]): string {
  return /^(?:https?:\/\/)?([^/:]*)/.exec(pattern)?.[1] ?? "";
}
