/**
 * Exports and imports of a fake vault: what is exported are its credentials, what is staged counts as added.
 *
 * @module
 */

import type { CredentialView, OperationName, Params } from "../../src/daemon/api.ts";
import type { ImportedCredential, StagedCredential } from "../../src/daemon/api/sharing.ts";

/** What the operations work on. */
export interface FakeSharing {
  credentials: CredentialView[];
  values: Map<string, Uint8Array>;
  staged: StagedCredential[];
}

/** Runs an operation of an export or import; undefined if it is none. */
export function runSharingOperation(
  vault: FakeSharing,
  name: OperationName,
  params: Params<OperationName>,
): { result: unknown; payload: Uint8Array<ArrayBuffer> | undefined } | undefined {
  const result = (value: unknown) => ({ result: value, payload: undefined });
  switch (name) {
    case "export.begin": {
      const credentials = vault.credentials.map((
        { id, name, description, type, place, hosts, tags, partition },
      ) => ({
        id,
        name,
        description,
        type,
        place,
        hosts,
        tags,
        partition,
      }));
      const partitions = [{ name: "personal", description: "" }];
      return result({ project: { name: "default", description: "" }, partitions, credentials });
    }
    case "export.value": {
      const { id } = params as Params<"export.value">;
      const named = vault.credentials.find((each) => each.id === id)?.name ?? "";
      return {
        result: {},
        payload: (vault.values.get(named) ?? new Uint8Array()).slice() as Uint8Array<ArrayBuffer>,
      };
    }
    case "import.stage":
      vault.staged.push(...(params as Params<"import.stage">).credentials);
      return result({ session: "s", digest: "" });
    case "import.abort":
      return result({});
    case "import.commit": {
      const { dryRun } = params as Params<"import.commit">;
      const credentials = vault.staged.map(({ name, project, partition, hosts }): ImportedCredential => ({
        name,
        as: name,
        project,
        partition,
        action: "added",
        hosts,
        hostsBefore: null,
        token: dryRun ? null : "wk_openai_a7x9m2k4b8c1d5e6",
      }));
      return result({ credentials, madeProjects: [], madePartitions: [] });
    }
    default:
      return undefined;
  }
}
