/**
 * A credential in the words of earlier builds: type as their serialisation has it, hosts and tags as comma separated
 * text. Their vaults use the same words as their bundles.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import type { CredentialType, Place } from "../core/credential.ts";
import { WispKeyError } from "../core/errors.ts";
import { formatHostPattern, parseHostPattern } from "../core/host_pattern.ts";
import { MAX_DESCRIPTION_BYTES, MAX_HOSTS, MAX_TAG_BYTES, MAX_TAGS } from "../core/limits.ts";
import { escapeText, MAX_NAME_LENGTH } from "../core/name.ts";
import { flawOf } from "../core/place.ts";
import type { BundleCredential } from "./content.ts";
import { bundleError } from "./errors.ts";

/** A type as earlier builds write it. */
export type V1Type =
  | "BearerToken"
  | "ApiKey"
  | "BasicAuth"
  | { CustomHeader: { header_name: string } }
  | { QueryParam: { param_name: string } };

/** A credential as earlier builds write it. */
export interface V1Credential {
  /** Its name. */
  name: string;
  /** Free text. */
  description: string;
  /** Its type. */
  credential_type: V1Type;
  /** The secret. */
  value: string;
  /** Globs over host names, comma separated. */
  hosts: string;
  /** Labels, comma separated. */
  tags: string;
}

/** A credential of ours without partition and value. */
export type Metadata = Omit<BundleCredential, "partition">;

const TYPES: Readonly<Record<string, CredentialType>> = {
  BearerToken: "bearer_token",
  ApiKey: "api_key",
  BasicAuth: "basic_auth",
};

/**
 * Reads a credential.
 *
 * @param notes what means nothing here is added to it
 * @throws {FailedError} `bundle_invalid`.
 */
export function readV1Credential(json: unknown, notes: string[]): Metadata & { value: string } {
  const row = (typeof json === "object" && json !== null ? json : {}) as Record<string, unknown>;
  const text = (member: string): string => {
    const value = row[member];
    if (typeof value === "string") return value;
    throw bundleError("bundle_invalid", "a credential is not what version 1 has");
  };
  const name = text("name");
  return {
    name,
    ...readV1Details(row["description"] === undefined ? "" : text("description"), text("tags"), name, notes),
    ...readV1Type(row["credential_type"], name, notes),
    hosts: readV1Hosts(text("hosts"), name, notes),
    value: text("value"),
  };
}

/** Description and tags, cut to what is kept here; earlier builds had no limits. */
export function readV1Details(
  description: string,
  tagList: string,
  name: string,
  notes: string[],
): { description: string; tags: string[] } {
  const tags = splitList(tagList);
  const kept = tags.filter((tag) => utf8(tag).length <= MAX_TAG_BYTES).slice(0, MAX_TAGS);
  if (kept.length < tags.length) {
    notes.push(`${escapeText(name)}: tags that are too long or too many were left out`);
  }
  if (utf8(description).length <= MAX_DESCRIPTION_BYTES) return { description, tags: kept };
  notes.push(
    `${escapeText(name)}: its description is longer than ${MAX_DESCRIPTION_BYTES} bytes and was cut`,
  );
  // A UTF-16 unit takes three bytes at the most.
  return { description: description.slice(0, MAX_DESCRIPTION_BYTES / 3).toWellFormed(), tags: kept };
}

/** Type and place of their type; one that names no possible header or parameter becomes `api_key`. */
export function readV1Type(
  json: unknown,
  name: string,
  notes: string[],
): { type: CredentialType; place: Place | null } {
  const plain = typeof json === "string" && Object.hasOwn(TYPES, json) ? TYPES[json] : undefined;
  if (plain !== undefined) return { type: plain, place: null };
  const { CustomHeader: header, QueryParam: query } =
    (typeof json === "object" && json !== null ? json : {}) as {
      CustomHeader?: { header_name?: unknown };
      QueryParam?: { param_name?: unknown };
    };
  const place = placeNamed("header", header?.header_name) ?? placeNamed("query", query?.param_name);
  if (place !== null) return { type: place.in === "header" ? "custom_header" : "query_param", place };
  notes.push(`${escapeText(name)}: its type names no header or parameter that can be; it is an api_key now`);
  return { type: "api_key", place: null };
}

function placeNamed(kind: "header" | "query", name: unknown): Place | null {
  if (typeof name !== "string") return null;
  const place: Place = { in: kind, name };
  return flawOf(place) === null ? place : null;
}

/** Their globs as our patterns; one that means nothing here, or a whole public suffix, is left out, which only narrows. */
export function readV1Hosts(csv: string, name: string, notes: string[]): string[] {
  const hosts = new Set<string>();
  for (const host of splitList(csv)) {
    try {
      hosts.add(formatHostPattern(parseHostPattern(host)));
    } catch (error) {
      if (!(error instanceof WispKeyError)) throw error;
      notes.push(`${escapeText(name)}: the host '${escapeText(host)}' was left out: ${error.message}`);
    }
  }
  const all = [...hosts];
  if (all.length > MAX_HOSTS) {
    notes.push(`${escapeText(name)}: it keeps ${MAX_HOSTS} of its ${all.length} hosts`);
  }
  return all.slice(0, MAX_HOSTS);
}

/** A credential of ours in their words. */
export function v1Credential(credential: BundleCredential, value: string, notes: string[]): V1Credential {
  const { name, description, type, place, hosts, tags } = credential;
  const custom = type === "custom_header" || type === "query_param";
  if (place !== null && !custom) {
    notes.push(`${escapeText(name)}: version 1 has no words for its place`);
  }
  const joined = (values: readonly string[], what: string): string => {
    const fits = values.filter((each) => !each.includes(","));
    if (fits.length < values.length) notes.push(`${escapeText(name)}: ${what} with a comma were left out`);
    return fits.join(",");
  };
  return {
    name,
    description,
    credential_type: v1Type(type, place),
    value,
    hosts: joined(hosts, "hosts"),
    tags: joined(tags, "tags"),
  };
}

function v1Type(type: CredentialType, place: Place | null): V1Type {
  switch (type) {
    case "bearer_token":
      return "BearerToken";
    case "api_key":
      return "ApiKey";
    case "basic_auth":
      return "BasicAuth";
    case "custom_header":
      return { CustomHeader: { header_name: place?.in === "header" ? place.name : "" } };
    case "query_param":
      return { QueryParam: { param_name: place?.in === "query" ? place.name : "" } };
  }
}

/**
 * A name that can be one here: earlier builds took any text. What is changed is noted.
 *
 * @param taken names given so far; the result is added to it
 */
export function usableName(name: string, taken: Set<string>, notes: string[]): string {
  const clean = name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\ufeff]/gu, "_").trim().replace(/^-+/, "")
    .trim()
    .slice(0, MAX_NAME_LENGTH).trim().toWellFormed().normalize("NFC");
  const base = clean === "" ? "unnamed" : clean;
  let usable = base;
  for (let n = 2; taken.has(usable); n++) usable = `${base.slice(0, MAX_NAME_LENGTH - 8).trim()}-${n}`;
  taken.add(usable);
  if (usable !== name) notes.push(`'${escapeText(name)}' cannot be a name here; it is '${usable}' now`);
  return usable;
}

/** Splits as earlier builds meant it: pieces trimmed, empty ones dropped. */
export function splitList(csv: string): string[] {
  return csv.split(",").map((piece) => piece.trim()).filter((piece) => piece !== "");
}
