/**
 * What a bundle says: who wrote it, which groups, which credentials. What comes from a file is checked member by member
 * before anybody sees it; an unknown member is refused, because it might have narrowed what we would then take as wide.
 *
 * @module
 */

import { checkPlace, type CredentialType, isCredentialType, type Place } from "../core/credential.ts";
import { WispKeyError } from "../core/errors.ts";
import { formatHostPattern, parseHostPattern } from "../core/host_pattern.ts";
import { checkDetails } from "../core/limits.ts";
import { checkName } from "../core/name.ts";
import { formatPlace, parsePlace } from "../core/place.ts";
import { bundleError } from "./errors.ts";
import type { BundleKind } from "./header.ts";
import { MAX_CREDENTIALS, MAX_PARTITIONS } from "./limits.ts";

/** A project or partition in a bundle. */
export interface BundleGroup {
  /** Its name. */
  name: string;
  /** Free text, may be empty. */
  description: string;
}

/** The first record. */
export interface Manifest {
  /** What the bundle holds. */
  kind: BundleKind;
  /** When it was written, RFC 3339, UTC. */
  exportedAt: string;
  /** Program and version that wrote it; for people. */
  program: string;
  /** The project that its partitions come from. */
  project: BundleGroup;
  /** The partitions, also empty ones; exactly one unless `kind` is `project`. */
  partitions: BundleGroup[];
  /** Number of credential records that follow. */
  credentials: number;
}

/** A credential without its value. */
export interface BundleCredential {
  /** Unique in the bundle. */
  name: string;
  /** Free text, may be empty. */
  description: string;
  /** One of the five types. */
  type: CredentialType;
  /** The declared place, or null. */
  place: Place | null;
  /** Canonical host patterns. */
  hosts: string[];
  /** Labels. */
  tags: string[];
  /** Name of one of the manifest's partitions. */
  partition: string;
}

/** Value of the manifest's `format`. */
const FORMAT = "wispkey-bundle";
/** Longest text of any kind, in UTF-16 units; what each may really have is in `core/limits.ts`. */
const MAX_TEXT = 64 * 1024;
/** Longest list, likewise. */
const MAX_LIST = 4096;

/** The manifest as it stands in the bundle. */
export function manifestToJson(manifest: Manifest): unknown {
  const { kind, exportedAt, program, project, partitions, credentials } = manifest;
  return { format: FORMAT, kind, exported_at: exportedAt, program, project, partitions, credentials };
}

/** A credential as it stands in the bundle. */
export function credentialToJson(credential: BundleCredential): unknown {
  const { name, description, type, place, hosts, tags, partition } = credential;
  const placeText = place === null ? null : formatPlace(place);
  return { name, description, type, place: placeText, hosts, tags, partition };
}

/**
 * Checks a manifest.
 *
 * @throws {FailedError} `bundle_invalid`, `bundle_too_large`.
 */
export function readManifest(json: unknown, kind: BundleKind): Manifest {
  const object = members(json, "the manifest", [
    "format",
    "kind",
    "exported_at",
    "program",
    "project",
    "partitions",
    "credentials",
  ]);
  const count = object["credentials"];
  const partitions = list(object["partitions"], "partitions", MAX_PARTITIONS).map(readGroup("partition"));
  if (object["format"] !== FORMAT || object["kind"] !== kind) refuse("its content does not fit its header");
  if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) {
    refuse("it does not say how many credentials it has");
  }
  if (count > MAX_CREDENTIALS) {
    throw bundleError("bundle_too_large", `it has more than ${MAX_CREDENTIALS} credentials`);
  }
  if (kind === "credential" && count !== 1) refuse("it must have exactly one credential");
  if (kind !== "project" && partitions.length !== 1) refuse("it must have exactly one partition");
  if (new Set(partitions.map(({ name }) => name)).size < partitions.length) {
    refuse("it has a partition twice");
  }
  return {
    kind,
    exportedAt: text(object["exported_at"], "exported_at", 64),
    program: text(object["program"], "program", 256),
    project: readGroup("project")(object["project"]),
    partitions,
    credentials: count,
  };
}

/**
 * Checks a credential. Hosts come out in canonical form.
 *
 * @throws {FailedError} `bundle_invalid`.
 */
export function readCredential(json: unknown, manifest: Manifest): BundleCredential {
  const object = members(json, "a credential", [
    "name",
    "description",
    "type",
    "place",
    "hosts",
    "tags",
    "partition",
  ]);
  return ours(() => {
    const name = checkName(text(object["name"], "name"), "credential");
    const type = text(object["type"], "type");
    if (!isCredentialType(type)) refuse("a credential's type is none of the five");
    const place = object["place"] === null ? null : parsePlace(text(object["place"], "place"));
    checkPlace(type, place);
    const partition = text(object["partition"], "partition").normalize("NFC");
    if (!manifest.partitions.some((each) => each.name === partition)) {
      refuse("a credential lies in no partition of it");
    }
    const credential: BundleCredential = {
      name,
      description: text(object["description"], "description"),
      type,
      place,
      hosts: texts(object["hosts"], "hosts").map((host) =>
        formatHostPattern(parseHostPattern(host, { allowPublicSuffix: true }))
      ),
      tags: texts(object["tags"], "tags"),
      partition,
    };
    checkDetails(credential);
    return credential;
  });
}

function readGroup(kind: "project" | "partition"): (json: unknown) => BundleGroup {
  return (json) => {
    const object = members(json, `a ${kind}`, ["name", "description"]);
    const description = text(object["description"], "description");
    return ours(() => {
      checkDetails({ description });
      return { name: checkName(text(object["name"], "name"), kind), description };
    });
  };
}

/** An object with exactly these members. */
function members(json: unknown, what: string, names: readonly string[]): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) refuse(`${what} is no object`);
  const object = json as Record<string, unknown>;
  const keys = Object.keys(object);
  if (keys.length !== names.length || names.some((name) => !Object.hasOwn(object, name))) {
    refuse(`${what} has other members than it must have`);
  }
  return object;
}

function text(value: unknown, what: string, max: number = MAX_TEXT): string {
  return typeof value === "string" && value.length <= max ? value : refuse(`${what} is no text, or too long`);
}

function list(value: unknown, what: string, max: number): unknown[] {
  return Array.isArray(value) && value.length <= max ? value : refuse(`${what} is no list, or too long`);
}

function texts(value: unknown, what: string): string[] {
  return list(value, what, MAX_LIST).map((each) => text(each, what));
}

/** Turns what our own checks of names, places and hosts say into what it means here. */
function ours<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WispKeyError) || error.code === "bundle_invalid") throw error;
    throw bundleError("bundle_invalid", error.message, error);
  }
}

function refuse(why: string): never {
  throw bundleError("bundle_invalid", why);
}
