/**
 * Operations that take credentials over from bundles and earlier vaults: put down first, then taken over as one
 * transaction, so that an import that fails anywhere leaves the vault as it was.
 *
 * @module
 */

import type { AuditEvent } from "../../core/audit.ts";
import { checkPlace, DEFAULT_PARTITION } from "../../core/credential.ts";
import { DeniedError, UsageError } from "../../core/errors.ts";
import { formatHostPattern, parseHostList } from "../../core/host_pattern.ts";
import { checkName } from "../../core/name.ts";
import { isTokenForm } from "../../core/token.ts";
import type { Vault } from "../../vault/mod.ts";
import type { ImportedCredential, StagedCredential, StagedProject } from "../api/sharing.ts";
import { NEW_CREDENTIAL } from "./add_many.ts";
import { type ImportPlan, planImport, type PlannedCredential } from "./import_plan.ts";
import { partitionNamed, projectNamed } from "./lookup.ts";
import { checkShape, type Shape } from "./shape.ts";
import { stagingArea } from "./staging.ts";
import type { Operation } from "./types.ts";

const STAGED: Shape = { ...NEW_CREDENTIAL, project: "string", partition: "string", token: "string|null" };

const PROJECT: Shape = { name: "string", description: "string", partitions: "object[]" };
const PARTITION: Shape = { name: "string", description: "string" };

const EVENTS = {
  project: "ProjectImported",
  partition: "PartitionImported",
  credential: "CredentialImported",
  vault: "VaultMigrated",
} as const satisfies Record<string, AuditEvent>;

/** `import.stage`: everything is checked here, so that a commit fails on nothing that could have been known before. */
export const stage: Operation<"import.stage"> = {
  shape: { session: "string|null", credentials: "object[]" },
  need: "key",
  async run({ vault }, { session, credentials }, payload) {
    const checked = credentials.map(checkStaged);
    const area = stagingArea(vault);
    const { session: id, staged } = session === null ? area.begin() : { session, staged: area.get(session) };
    try {
      await staged.add(checked, payload);
    } catch (error) {
      area.clear();
      throw error;
    }
    return { result: { session: id, digest: staged.digest } };
  },
};

/** `import.abort`. */
export const abort: Operation<"import.abort"> = {
  shape: { session: "string" },
  need: "key",
  run({ vault }, { session }) {
    const area = stagingArea(vault);
    area.get(session);
    area.clear();
    return { result: {} };
  },
};

/** `import.commit`: new names need no password; replacing what is there, or keeping tokens, does. */
export const commit: Operation<"import.commit"> = {
  shape: {
    session: "string",
    digest: "string",
    kind: "string",
    from: "string",
    projects: "object[]",
    onConflict: "string",
    replacing: "string[]",
    dryRun: "boolean",
  },
  need({ vault }, { session, replacing, dryRun }) {
    if (dryRun) return "key";
    const keepsTokens = stagingArea(vault).get(session).entries.some(({ credential }) =>
      credential.token !== null
    );
    return keepsTokens || replacing.length > 0 ? "password" : "key";
  },
  run({ vault, credentialChanged }, params, _payload, proven) {
    const area = stagingArea(vault);
    const staged = area.get(params.session);
    const { onConflict, kind } = params;
    if (onConflict !== "skip" && onConflict !== "rename" && onConflict !== "replace") {
      throw badParameters("onConflict");
    }
    if (!Object.hasOwn(EVENTS, kind)) throw badParameters("kind");
    if (staged.digest !== params.digest) throw changedMeanwhile();
    const projects = params.projects.map(checkProject);
    const plan = planImport(vault, staged.entries, projects, onConflict);
    if (params.dryRun) return { result: report(plan, []) };
    if (plan.replaced.join("\n") !== params.replacing.join("\n")) throw changedMeanwhile();
    const ids = vault.transaction(() => {
      makeGroups(vault, projects);
      const written = carryOut(vault, plan.credentials, proven);
      vault.audit.append([{ event: EVENTS[kind], reason: summary(plan, params.from) }], Date.now());
      return written;
    });
    area.clear();
    for (const id of ids) if (id !== null) credentialChanged(id);
    const tokens = ids.map((id) => id === null ? null : vault.credentials.getById(id)?.token ?? null);
    return { result: report(plan, tokens) };
  },
};

function checkStaged(staged: StagedCredential): StagedCredential {
  checkShape("import.stage", STAGED, staged);
  checkPlace(staged.type, staged.place);
  if (staged.token !== null && !isTokenForm(staged.token)) throw badParameters("token");
  return {
    ...staged,
    name: checkName(staged.name, "credential"),
    project: checkName(staged.project, "project"),
    partition: checkName(staged.partition, "partition"),
    hosts: parseHostList(staged.hosts, { allowPublicSuffix: true }).map(formatHostPattern),
  };
}

function checkProject(project: StagedProject): StagedProject {
  checkShape("import.commit", PROJECT, project);
  for (const partition of project.partitions) checkShape("import.commit", PARTITION, partition);
  return project;
}

function makeGroups(vault: Vault, projects: readonly StagedProject[]): void {
  for (const { name, description, partitions } of projects) {
    const project = vault.projects.getByName(name) ?? vault.projects.create({ name, description });
    for (const partition of partitions) {
      if (partition.name === DEFAULT_PARTITION || vault.partitions.getByName(project.id, partition.name)) {
        continue;
      }
      vault.partitions.create({ projectId: project.id, ...partition });
    }
  }
}

/** Ids of what was written; null for what stays out. */
function carryOut(
  vault: Vault,
  planned: readonly PlannedCredential[],
  hostsConfirmed: boolean,
): (string | null)[] {
  return planned.map(({ entry: { credential, value }, action, as, existing }) => {
    if (action === "skipped") return null;
    const { description, type, place, hosts, tags, token } = credential;
    const shared = { description, type, place, hosts, tags, hostsConfirmed };
    if (action === "replaced" && existing !== undefined) {
      vault.credentials.edit(existing.id, shared);
      return vault.credentials.replaceValue(existing.id, value).id;
    }
    const project = projectNamed(vault, credential.project);
    const partitionId = partitionNamed(vault, project, credential.partition).id;
    const draft = { ...shared, name: as, projectId: project.id, partitionId };
    // One that is taken, because the same vault was migrated before, becomes a new one; the result tells.
    const kept = token !== null && vault.credentials.isTokenFree(token) ? { token } : {};
    return vault.credentials.add({ ...draft, ...kept }, value).id;
  });
}

function report(
  { credentials, madeProjects, madePartitions }: ImportPlan,
  tokens: readonly (string | null)[],
) {
  return {
    madeProjects,
    madePartitions,
    credentials: credentials.map((
      { entry: { credential }, action, as, existing },
      i,
    ): ImportedCredential => ({
      name: credential.name,
      as,
      project: credential.project,
      partition: credential.partition,
      action,
      hosts: credential.hosts,
      hostsBefore: action === "replaced" ? existing?.hosts ?? null : null,
      token: action === "replaced" ? null : tokens[i] ?? null,
    })),
  };
}

function summary({ credentials }: ImportPlan, from: string): string {
  const count = (action: string) => credentials.filter((each) => each.action === action).length;
  const added = count("added") + count("renamed");
  return `${added} added, ${count("replaced")} replaced, ${count("skipped")} skipped, from ${from}`;
}

function badParameters(what: string): UsageError {
  return new UsageError(`cannot import: '${what}' does not fit`, { code: "bad_parameters" });
}

function changedMeanwhile(): DeniedError {
  return new DeniedError("cannot import: this is not what was shown, something changed meanwhile", {
    code: "changed_meanwhile",
    hint: "import again",
  });
}
