/**
 * Operations on credentials. Rows and their audit row are one transaction; the vault does that.
 *
 * @module
 */

import type { AuditEntry, AuditEvent } from "../../core/audit.ts";
import { checkPlace, type CredentialPatch } from "../../core/credential.ts";
import { needsPassword } from "../../core/edit_rules.ts";
import { formatHostPattern, parseHostList } from "../../core/host_pattern.ts";
import { checkDetails } from "../../core/limits.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import { type CheckedCredential, credentialNamed, NameBook, partitionNamed, projectNamed } from "./lookup.ts";
import type { Operation, OperationContext } from "./types.ts";
import { isAsShown } from "../../core/shown.ts";
import { DeniedError } from "../../core/errors.ts";
import type { CredentialView, Params } from "../api.ts";

const REF = { name: "string", project: "string" } as const;
const SHOWN = {
  ...REF,
  shown: { id: "string", type: "type", place: "place", hosts: "string[]" },
} as const;

/** `credential.list`: metadata of a project, a partition, or all. */
export const list: Operation<"credential.list"> = {
  shape: { project: "string|null", partition: "string|null", tokens: "boolean" },
  need: "key",
  run({ vault }, { project, partition, tokens }) {
    const filter: { projectId?: string; partitionId?: string } = {};
    if (project !== null) {
      const found = projectNamed(vault, project);
      filter.projectId = found.id;
      if (partition !== null) filter.partitionId = partitionNamed(vault, found, partition).id;
    }
    const names = new NameBook(vault);
    const credentials = vault.credentials.list(filter).map((credential) => names.view(credential, tokens));
    if (tokens && credentials.length > 0) {
      vault.audit.append([{
        event: "TokenDisclosed",
        ...(project === null ? {} : { project }),
        reason: `list of ${credentials.length}`,
      }], Date.now());
    }
    return { result: { credentials } };
  },
};

/** `credential.get`: metadata of one, with the token if asked for, which is written down. */
export const get: Operation<"credential.get"> = {
  shape: { ...REF, token: "boolean" },
  need: "key",
  run({ vault }, params) {
    const credential = credentialNamed(vault, params);
    if (params.token) vault.audit.append([entry(vault, "TokenDisclosed", credential)], Date.now());
    return shown({ vault }, credential, params.token);
  },
};

/** `credential.add`: a new name, so no password; without one, its hosts count as unconfirmed. */
export const add: Operation<"credential.add"> = {
  shape: {
    ...REF,
    description: "string",
    type: "type",
    place: "place",
    hosts: "string[]",
    tags: "string[]",
    partition: "string",
  },
  need: "key",
  run({ vault, credentialChanged }, params, payload, proven) {
    checkDetails(params);
    const project = projectNamed(vault, params.project);
    const partition = partitionNamed(vault, project, params.partition);
    checkPlace(params.type, params.place);
    const credential = vault.credentials.add({
      name: checkName(params.name, "credential"),
      description: params.description,
      type: params.type,
      place: params.place,
      hosts: canonicalHosts(params.hosts),
      hostsConfirmed: proven,
      tags: params.tags,
      projectId: project.id,
      partitionId: partition.id,
    }, payload);
    credentialChanged(credential.id);
    return shown({ vault }, credential, true);
  },
};

/** `credential.edit`: narrowing is free, whatever widens asks for the password. */
export const edit: Operation<"credential.edit"> = {
  shape: {
    ...REF,
    patch: {
      "name?": "string",
      "description?": "string",
      "type?": "type",
      "place?": "place",
      "hosts?": "string[]",
      "tags?": "string[]",
      "partition?": "string",
    },
  },
  need({ vault }, params) {
    const before = credentialNamed(vault, params);
    return needsPassword(before, toPatch(vault, before, params.patch)) ? "password" : "key";
  },
  run({ vault, credentialChanged }, params, _payload, proven) {
    const before = credentialNamed(vault, params);
    const patch = toPatch(vault, before, params.patch);
    // A place that somebody else declared was not said by who named the hosts.
    const saysPlace = patch.place !== undefined || before.place === null;
    if (proven && patch.hosts !== undefined && saysPlace) patch.hostsConfirmed = true;
    const after = vault.credentials.edit(before.id, patch);
    credentialChanged(after.id);
    return shown({ vault }, after, false);
  },
};

/** `credential.remove`: its token is remembered, so that a late use is refused by name. */
export const remove: Operation<"credential.remove"> = {
  shape: REF,
  need: "key",
  run({ vault, credentialChanged }, params) {
    const { id } = credentialNamed(vault, params);
    vault.credentials.remove(id);
    credentialChanged(id);
    return { result: { id } };
  },
};

/** `credential.rotate`: a new token, the old one dies at once. */
export const rotate: Operation<"credential.rotate"> = {
  shape: REF,
  need: "key",
  run({ vault, credentialChanged }, params) {
    const rotated = vault.credentials.rotateToken(credentialNamed(vault, params).id);
    credentialChanged(rotated.id);
    return shown({ vault }, rotated, true);
  },
};

/** `credential.replace_value`: another secret under the same token; the payload is the value. */
export const replaceValue: Operation<"credential.replace_value"> = {
  shape: SHOWN,
  need: "password",
  run({ vault, credentialChanged }, params, payload) {
    const replaced = vault.credentials.replaceValue(asShown(vault, params).id, payload);
    credentialChanged(replaced.id);
    return shown({ vault }, replaced, true);
  },
};

/** `credential.confirm`: its hosts, type and place are what its owner wants. */
export const confirm: Operation<"credential.confirm"> = {
  shape: SHOWN,
  need: "password",
  run({ vault, credentialChanged }, params) {
    const { id } = asShown(vault, params);
    const confirmed = vault.credentials.edit(id, { hostsConfirmed: true }, { reason: "confirmed its hosts" });
    credentialChanged(id);
    return shown({ vault }, confirmed, false);
  },
};

/** `credential.reveal`: the secret itself, as raw payload. */
export const reveal: Operation<"credential.reveal"> = {
  shape: REF,
  need: "password",
  run({ vault }, params) {
    const credential = credentialNamed(vault, params);
    vault.audit.append([entry(vault, "CredentialRevealed", credential)], Date.now());
    const payload = vault.credentials.openValue(credential.id);
    return { ...shown({ vault }, credential, false), payload };
  },
};

/** The credential of the name, if it still is what the person saw who gave the password. */
function asShown(vault: OperationContext["vault"], params: Params<"credential.confirm">): CheckedCredential {
  const credential = credentialNamed(vault, params);
  if (isAsShown(credential, params.shown)) return credential;
  throw new DeniedError(
    `cannot change '${escapeText(credential.name)}': it is not what was shown, somebody changed it meanwhile`,
    { code: "changed_meanwhile", hint: `wispkey get ${shellQuote(credential.name)}` },
  );
}

function canonicalHosts(hosts: readonly string[]): string[] {
  return parseHostList(hosts, { allowPublicSuffix: true }).map(formatHostPattern);
}

/** The patch in the vault's terms: names checked, hosts canonical, the partition by its id. */
function toPatch(
  vault: OperationContext["vault"],
  before: CheckedCredential,
  patch: Params<"credential.edit">["patch"],
): CredentialPatch {
  checkDetails(patch);
  const { partition, name, hosts, ...rest } = patch;
  const out: CredentialPatch = { ...rest };
  checkPlace(patch.type ?? before.type, patch.place === undefined ? before.place : patch.place);
  if (name !== undefined) out.name = checkName(name, "credential");
  if (hosts !== undefined) out.hosts = canonicalHosts(hosts);
  if (partition !== undefined) {
    const project = projectNamed(vault, new NameBook(vault).project(before.projectId));
    out.partitionId = partitionNamed(vault, project, partition).id;
  }
  return out;
}

function entry(
  vault: OperationContext["vault"],
  event: AuditEvent,
  credential: CheckedCredential,
): AuditEntry {
  return {
    event,
    credential: credential.name,
    project: new NameBook(vault).project(credential.projectId),
    tokenFingerprint: vault.tokenFingerprint(credential.token),
  };
}

function shown(
  { vault }: Pick<OperationContext, "vault">,
  credential: CheckedCredential,
  withToken: boolean,
): { result: { credential: CredentialView } } {
  return { result: { credential: new NameBook(vault).view(credential, withToken) } };
}
