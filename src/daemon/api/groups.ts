/**
 * The operations on projects and partitions: parameters and results. See `../api.ts`.
 *
 * @module
 */

import type { Partition, Project } from "../../core/credential.ts";

/** A project and how much is in it. */
export interface ProjectView extends Project {
  /** Number of its partitions. */
  partitionCount: number;
  /** Number of its credentials. */
  credentialCount: number;
}

/** A partition and how much is in it. */
export interface PartitionView extends Partition {
  /** Name of its project. */
  project: string;
  /** Number of its credentials. */
  credentialCount: number;
}

/** What becomes of one credential when its group is deleted. */
export interface MovedCredential {
  /** Its name so far. */
  name: string;
  /** Its partition so far. */
  from: string;
  /** Where it lies afterwards; null = it is removed. */
  to: { project: string; partition: string; name: string } | null;
}

/** Parameters and results. Deleting says with `dryRun` what it would do, and does nothing. */
export interface GroupOperations {
  /** All projects. */
  "project.list": { params: Record<string, never>; result: { projects: ProjectView[] } };
  /** Makes a project with its `personal` partition. */
  "project.create": { params: { name: string; description: string }; result: { project: ProjectView } };
  /** Another name; needs the password. */
  "project.rename": { params: { name: string; to: string }; result: { project: ProjectView } };
  /** Removes a project; its credentials move to `default`, or go with it. Needs the password. */
  "project.delete": {
    params: { name: string; removeCredentials: boolean; dryRun: boolean };
    result: { moved: MovedCredential[]; partitions: string[] };
  };
  /** Makes a partition in a project. */
  "partition.create": {
    params: { project: string; name: string; description: string };
    result: { partition: Partition };
  };
  /** Partitions of a project; null = of all. */
  "partition.list": { params: { project: string | null }; result: { partitions: PartitionView[] } };
  /** Another name; needs the password. */
  "partition.rename": {
    params: { project: string; name: string; to: string };
    result: { partition: PartitionView };
  };
  /** Removes a partition; its credentials move to `personal`, or go with it. Needs the password. */
  "partition.delete": {
    params: { project: string; name: string; removeCredentials: boolean; dryRun: boolean };
    result: { moved: MovedCredential[] };
  };
}
