/**
 * What a credential is: its type, the place it may stand in a request, the hosts it may go to.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { flawOf, formatPlace, type Place } from "./place.ts";

export type { Place } from "./place.ts";

/** The five types; a type decides the place a secret is injected in unless `place` says otherwise. */
export const CREDENTIAL_TYPES = [
  "bearer_token",
  "api_key",
  "basic_auth",
  "custom_header",
  "query_param",
] as const;

/** One of {@linkcode CREDENTIAL_TYPES}. */
export type CredentialType = typeof CREDENTIAL_TYPES[number];

/** Whether a text names a credential type. */
export function isCredentialType(text: string): text is CredentialType {
  return (CREDENTIAL_TYPES as readonly string[]).includes(text);
}

/** Largest secret value in bytes (1 MiB), which is what can be searched for; a value of 0 bytes is allowed. */
export const MAX_VALUE_LENGTH = 1024 * 1024;

// The types that may be given a place, and which; `api_key` may be given any.
const PLACES: Readonly<Record<Exclude<CredentialType, "api_key">, Place["in"] | null>> = {
  bearer_token: null,
  basic_auth: "basic",
  custom_header: "header",
  query_param: "query",
};

/**
 * Checks that a type has the place it needs, and no other kind:
 *
 * - `api_key` takes any place, or none;
 * - `custom_header` and `query_param` need the header or parameter they are about;
 * - `basic_auth` takes `basic:user` or `basic:password`, or none;
 * - `bearer_token` takes none.
 *
 * @throws {UsageError} `place_required`, `place_not_allowed` or `invalid_place`.
 */
export function checkPlace(type: CredentialType, place: Place | null): void {
  const flaw = place === null ? null : flawOf(place);
  if (flaw !== null) throw new UsageError(`invalid place: ${flaw}`, { code: "invalid_place" });
  if (type === "api_key") return;
  const wanted = PLACES[type];
  const required = wanted === "header" || wanted === "query";
  if (required && place?.in !== wanted) {
    throw new UsageError(
      `cannot use type ${type}: it needs the name of its ${wanted === "header" ? "header" : "parameter"}`,
      {
        code: "place_required",
        hint: `add ${wanted === "header" ? "--in header:X-Api-Key" : "--in query:key"}`,
      },
    );
  }
  if (!required && place !== null && place.in !== wanted) {
    throw new UsageError(
      `cannot use type ${type}: it always goes into the Authorization header, it takes no other place`,
      { code: "place_not_allowed", hint: `use --type api_key --in ${formatPlace(place)}` },
    );
  }
}

/** The type that can have a place, as near to the given one as possible: itself, or `api_key`. */
export function typeForPlace(type: CredentialType, place: Place): CredentialType {
  return type === "api_key" || PLACES[type] === place.in ? type : "api_key";
}

/** A credential as it is listed: everything but its value. Times are milliseconds since the epoch, UTC. */
export interface Credential {
  /** Random UUID. */
  id: string;
  /** Unique in its project. */
  name: string;
  /** Free text, may be empty. */
  description: string;
  /** Decides the place of injection, together with `place`. */
  type: CredentialType;
  /** The place its owner declared; always there for `custom_header` and `query_param`, null = what the type implies. */
  place: Place | null;
  /** Where it may go, canonical host patterns; none = nowhere. */
  hosts: string[];
  /** Whether who knows the master password said so; anybody with the open vault may add a credential. */
  hostsConfirmed: boolean;
  /** Labels for searching. */
  tags: string[];
  /** The wisp token, `wk_…`. */
  token: string;
  /** Id of the project it belongs to. */
  projectId: string;
  /** Id of the partition it lies in. */
  partitionId: string;
  /** When it was added. */
  createdAt: number;
  /** When anything but `lastUsedAt` last changed. */
  updatedAt: number;
  /** When its secret last left for a host; null = never. */
  lastUsedAt: number | null;
}

/** What is needed to make a credential; the rest is given by the vault. */
export interface CredentialDraft {
  /** Unique in its project. */
  name: string;
  /** Free text, may be empty. */
  description: string;
  /** Decides the place of injection. */
  type: CredentialType;
  /** See {@linkcode Credential.place}. */
  place: Place | null;
  /** Canonical host patterns. */
  hosts: string[];
  /** See {@linkcode Credential.hostsConfirmed}; absent = not. */
  hostsConfirmed?: boolean;
  /** A token to keep from an earlier vault; absent = a new one. */
  token?: string;
  /** Labels. */
  tags: string[];
  /** Id of the project. */
  projectId: string;
  /** Id of the partition. */
  partitionId: string;
}

/** Changes to a credential; what is absent stays. */
export type CredentialPatch = Partial<
  Pick<
    CredentialDraft,
    | "name"
    | "description"
    | "type"
    | "place"
    | "hosts"
    | "hostsConfirmed"
    | "tags"
    | "partitionId"
    | "projectId"
  >
>;

/** A project: a wall between sets of credentials. */
export interface Project {
  /** Random UUID, or `default`. */
  id: string;
  /** Unique in the vault. */
  name: string;
  /** Free text, may be empty. */
  description: string;
  /** When it was made. */
  createdAt: number;
  /** When it last changed. */
  updatedAt: number;
}

/** A partition: a group of credentials inside a project. */
export interface Partition {
  /** Random UUID. */
  id: string;
  /** Unique in its project. */
  name: string;
  /** Free text, may be empty. */
  description: string;
  /** Its project. */
  projectId: string;
  /** When it was made. */
  createdAt: number;
  /** When it last changed. */
  updatedAt: number;
}

/** Name of the project and the partition every vault begins with. */
export const DEFAULT_PROJECT = "default";
/** Name of the partition every project begins with. */
export const DEFAULT_PARTITION = "personal";
