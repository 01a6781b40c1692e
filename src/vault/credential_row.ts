/**
 * How a credential is bound to its row. Two layers: the encrypted value carries as additional data every field that
 * decides where it may go, so that it cannot be opened under any other; the row's MAC covers these and all the rest
 * but `last_used_at`, so that a listing tells at once what was changed, without decrypting anything.
 *
 * @module
 */

import { canonical, type CanonicalField } from "../core/canonical.ts";
import { type Credential, isCredentialType } from "../core/credential.ts";
import { equalInConstantTime } from "../core/bytes.ts";
import { isPlace, placeDetail } from "../core/place.ts";
import type { Sealed } from "./aead.ts";
import { Columns, isTextList } from "./columns.ts";
import type { Row } from "./database.ts";
import { FORMAT_VERSION, type VaultKeys } from "./keys.ts";

/** A credential and whether its row is as it was written. */
export type CheckedCredential = Credential & {
  /** False if the row was changed behind our back; such a credential is refused. */
  intact: boolean;
};

/** A row in memory with its encrypted value, to be opened without the database. */
export interface SealedCredential {
  /** The metadata. */
  readonly credential: CheckedCredential;
  /** Number of the row's version. */
  readonly revision: number;
  /** The encrypted value. */
  readonly value: Sealed;
  /** The row's MAC as stored. */
  readonly mac: Uint8Array;
}

/** Additional data of the encrypted value: whatever decides where it may go. */
export function valueBinding(credential: Credential, revision: number): Uint8Array<ArrayBuffer> {
  return canonical(["wispkey value", FORMAT_VERSION, ...routingFields(credential, revision)]);
}

const bindings = new WeakMap<SealedCredential, Uint8Array<ArrayBuffer>>();

/** {@linkcode valueBinding} of a row in memory, which does not change: made once, it is needed at each injection. */
export function bindingOf(row: SealedCredential): Uint8Array<ArrayBuffer> {
  let binding = bindings.get(row);
  if (binding === undefined) bindings.set(row, binding = valueBinding(row.credential, row.revision));
  return binding;
}

/** MAC of a row: everything but `last_used_at`, the value by its nonce and tag. */
export function credentialMac(
  keys: VaultKeys,
  credential: Credential,
  revision: number,
  value: Pick<Sealed, "nonce" | "tag">,
): Uint8Array<ArrayBuffer> {
  return keys.mac(
    "rows",
    canonical([
      "wispkey credential",
      FORMAT_VERSION,
      ...routingFields(credential, revision),
      credential.description,
      credential.tags,
      credential.createdAt,
      credential.updatedAt,
      value.nonce,
      value.tag,
    ]),
  );
}

function routingFields(credential: Credential, revision: number): CanonicalField[] {
  const { place } = credential;
  return [
    credential.id,
    credential.name,
    credential.projectId,
    credential.partitionId,
    credential.type,
    place === null ? null : [place.in, placeDetail(place)],
    credential.hosts,
    credential.token,
    revision,
    // Only where it is so: a row of before this was a field stays intact, and is one that nobody confirmed.
    ...(credential.hostsConfirmed ? ["hosts confirmed"] : []),
  ];
}

/** Columns of the metadata, for `SELECT`. */
export const METADATA_COLUMNS =
  `id, project_id, partition_id, name, description, type, place, hosts, tags, token,
  revision, created_at, updated_at, last_used_at, mac, nonce, tag, hosts_confirmed`;

/** Reads a row of {@linkcode METADATA_COLUMNS}, with `ciphertext` if it was selected. */
export function readCredentialRow(row: Row, keys: VaultKeys): SealedCredential {
  const columns = new Columns(row);
  const type = columns.text("type");
  const credential: Credential = {
    id: columns.text("id"),
    name: columns.text("name"),
    description: columns.text("description"),
    // An unknown type can only be of a row that is not intact, which nobody uses.
    type: isCredentialType(type) ? type : "bearer_token",
    place: row.place === null ? null : columns.json("place", isPlace, { in: "header", name: "" }),
    hosts: columns.json("hosts", isTextList, []),
    hostsConfirmed: columns.integer("hosts_confirmed") !== 0,
    tags: columns.json("tags", isTextList, []),
    token: columns.text("token"),
    projectId: columns.text("project_id"),
    partitionId: columns.text("partition_id"),
    createdAt: columns.integer("created_at"),
    updatedAt: columns.integer("updated_at"),
    lastUsedAt: null,
  };
  const revision = columns.integer("revision");
  const mac = columns.bytes("mac");
  const value = {
    nonce: columns.bytes("nonce"),
    tag: columns.bytes("tag"),
    ciphertext: row.ciphertext === undefined ? new Uint8Array(0) : columns.bytes("ciphertext"),
  };
  const intact = !columns.damaged && isCredentialType(type) &&
    equalInConstantTime(mac, credentialMac(keys, credential, revision, value));
  // Anyone may write this column without harm: it is shown and decides nothing.
  const lastUsed = new Columns(row).optionalInteger("last_used_at");
  return { credential: { ...credential, lastUsedAt: lastUsed, intact }, revision, value, mac };
}
