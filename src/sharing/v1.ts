/**
 * Bundles of version 1, as earlier builds write and read them: `4 magic`, `u8 1`, `32 salt`, `12 nonce`, AES-256-GCM over
 * UTF-8 JSON with no additional data, under Argon2id (64 MiB, three passes, four lanes) of the passphrase. Values are
 * JSON strings there, so they must be UTF-8, and they do become strings in this process.
 *
 * @module
 */

import { concat, fromUtf8, utf8, wipe } from "../core/bytes.ts";
import { DEFAULT_PROJECT } from "../core/credential.ts";
import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { KEY_LENGTH, NONCE_LENGTH, open, seal, TAG_LENGTH } from "../vault/aead.ts";
import { deriveBytes } from "../vault/kdf.ts";
import {
  type BundleGroup,
  credentialToJson,
  type Manifest,
  readCredential,
  readManifest,
} from "./content.ts";
import { bundleError } from "./errors.ts";
import { BUNDLE_KDF_COST, type BundleKind, MAGIC, PREFIX_LENGTH } from "./header.ts";
import { MAX_V1_LENGTH } from "./limits.ts";
import type { OpenBundle } from "./read.ts";
import { type BundleOpener, checkNewPassphrase } from "./secrets.ts";
import type { ByteSource } from "./source.ts";
import { readV1Credential, usableName, type V1Credential, v1Credential } from "./v1_credential.ts";
import type { BundleSink, CredentialWithValue } from "./write.ts";

const SALT_LENGTH = 32;
const HEADER_LENGTH = 5 + SALT_LENGTH + NONCE_LENGTH;
const NO_BINDING = new Uint8Array(0);

/** See `openBundle`. */
export async function openBundleV1(
  kind: BundleKind,
  prefix: Uint8Array,
  source: ByteSource,
  opener: BundleOpener,
): Promise<OpenBundle> {
  const bytes = concat(prefix, await source.rest(MAX_V1_LENGTH - PREFIX_LENGTH));
  if (bytes.length < HEADER_LENGTH + TAG_LENGTH) throw bundleError("bundle_damaged", "it was cut off");
  const passphrase = await opener.passphrase();
  const kdf = { ...BUNDLE_KDF_COST, salt: bytes.slice(5, 5 + SALT_LENGTH) };
  const key = await deriveBytes(passphrase, kdf, KEY_LENGTH).finally(() => wipe(passphrase));
  const end = bytes.length - TAG_LENGTH;
  const sealed = {
    nonce: bytes.subarray(5 + SALT_LENGTH, HEADER_LENGTH),
    ciphertext: bytes.subarray(HEADER_LENGTH, end),
    tag: bytes.subarray(end),
  };
  const plain = open(key, sealed, NO_BINDING);
  wipe(key);
  if (plain === undefined) {
    throw bundleError("bundle_wrong_key", "the passphrase is wrong, or the file was changed");
  }
  let json: unknown;
  try {
    json = JSON.parse(fromUtf8(plain));
  } catch (cause) {
    throw bundleError("bundle_invalid", "its content is no JSON", cause);
  } finally {
    wipe(plain);
  }
  const { manifest, credentials, notes } = readContent(kind, json);
  return {
    version: 1,
    manifest,
    notes,
    async *credentials() {
      for (let next = credentials.shift(); next !== undefined; next = credentials.shift()) yield next;
    },
    close: () => credentials.forEach(({ value }) => wipe(value)),
  };
}

function readContent(kind: BundleKind, json: unknown) {
  const top = record(json);
  const notes: string[] = [];
  const groupNames = new Set<string>();
  const partitions: { group: BundleGroup; credentials: unknown[] }[] = kind === "project"
    ? list(top["partitions"]).map((each) => {
      const { name, description, credentials } = record(each);
      return {
        group: { ...group(name, description), name: usableName(text(name), groupNames, notes) },
        credentials: list(credentials),
      };
    })
    : [{
      group: group(top["partition"], kind === "partition" ? top["description"] : ""),
      credentials: kind === "partition" ? list(top["credentials"]) : [top["credential"]],
    }];
  const count = partitions.reduce((sum, { credentials }) => sum + credentials.length, 0);
  const manifest = readManifest({
    format: "wispkey-bundle",
    kind,
    exported_at: text(top["exported_at"]),
    program: "an earlier build",
    project: group(top["project"], kind === "project" ? top["description"] : ""),
    partitions: partitions.map((each) => each.group),
    credentials: count,
  }, kind);
  const names = new Set<string>();
  const credentials: CredentialWithValue[] = [];
  for (const { group: { name: partition }, credentials: found } of partitions) {
    for (const each of found) {
      const { value, ...metadata } = readV1Credential(each, notes);
      const name = usableName(metadata.name, names, notes);
      const checked = readCredential(credentialToJson({ ...metadata, name, partition }), manifest);
      credentials.push({ ...checked, value: utf8(value) });
    }
  }
  return { manifest, credentials, notes };
}

/**
 * Writes a bundle of version 1. What version 1 has no words for is refused (a value that is no text) or noted (places).
 *
 * @returns notes for people
 * @throws {UsageError} `weak_passphrase`; {FailedError} `value_not_text`, `bundle_too_large`.
 */
export async function writeBundleV1(
  sink: BundleSink,
  passphrase: Uint8Array,
  manifest: Manifest,
  credentials: AsyncIterable<CredentialWithValue> | Iterable<CredentialWithValue>,
): Promise<string[]> {
  checkNewPassphrase(passphrase);
  const notes: string[] = [];
  const byPartition = new Map<string, V1Credential[]>(manifest.partitions.map(({ name }) => [name, []]));
  for await (const credential of credentials) {
    byPartition.get(credential.partition)?.push(v1Credential(credential, valueText(credential), notes));
    wipe(credential.value);
  }
  const plain = utf8(JSON.stringify(contentJson(manifest, byPartition)));
  if (plain.length > MAX_V1_LENGTH - HEADER_LENGTH - TAG_LENGTH) {
    wipe(plain);
    throw bundleError("bundle_too_large", `version 1 has at most ${MAX_V1_LENGTH / 1024 / 1024} MiB`);
  }
  const salt = crypto.getRandomValues(new Uint8Array(SALT_LENGTH));
  const key = await deriveBytes(passphrase, { ...BUNDLE_KDF_COST, salt }, KEY_LENGTH);
  const { nonce, ciphertext, tag } = seal(key, plain, NO_BINDING);
  wipe(key, plain);
  await sink.write(concat(utf8(MAGIC[manifest.kind]), Uint8Array.of(1), salt, nonce, ciphertext, tag));
  return notes;
}

function contentJson(manifest: Manifest, byPartition: ReadonlyMap<string, V1Credential[]>): unknown {
  const { kind, project, partitions, exportedAt } = manifest;
  const only = partitions[0] ?? { name: "", description: "" };
  const credentials = byPartition.get(only.name) ?? [];
  switch (kind) {
    case "project":
      return {
        project: project.name,
        description: project.description,
        exported_at: exportedAt,
        partitions: partitions.map((each) => ({ ...each, credentials: byPartition.get(each.name) ?? [] })),
      };
    case "partition":
      return {
        partition: only.name,
        description: only.description,
        project: project.name,
        exported_at: exportedAt,
        credentials,
      };
    case "credential":
      return {
        project: project.name,
        partition: only.name,
        exported_at: exportedAt,
        credential: credentials[0],
      };
  }
}

function valueText({ name, value }: CredentialWithValue): string {
  try {
    return fromUtf8(value);
  } catch (cause) {
    throw new FailedError(`cannot export '${escapeText(name)}' as version 1: its value is no UTF-8 text`, {
      code: "value_not_text",
      hint: "leave out --v1",
      cause,
    });
  }
}

function group(name: unknown, description: unknown): BundleGroup {
  // An empty name stood for the active project.
  const given = text(name) || DEFAULT_PROJECT;
  return { name: usableName(given, new Set(), []), description: text(description ?? "") };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw bundleError("bundle_invalid", "its content is not what version 1 has");
}

function list(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw bundleError("bundle_invalid", "its content is not what version 1 has");
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw bundleError("bundle_invalid", "its content is not what version 1 has");
}
