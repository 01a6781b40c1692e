/**
 * Checks the parameters of a call from the socket, where anybody of the same user may write: one word a field.
 *
 * @module
 */

import { CREDENTIAL_TYPES } from "../../core/credential.ts";
import { UsageError } from "../../core/errors.ts";
import { flawOf, isPlace } from "../../core/place.ts";
import { isSettingKey } from "../../core/settings.ts";

/** What mends a call that this daemon does not understand: most likely it was started by an older program. */
export const NEWER_COMMAND =
  "is the command newer than the running daemon? wispkey unlock starts a fresh one";

/** What a field must be. */
export type FieldCheck =
  | "string"
  | "string|null"
  | "string[]"
  | "string[]|null"
  | "count[]"
  | "object[]"
  | "boolean"
  | "count"
  | "count|null"
  | "port"
  | "type"
  | "place"
  | "setting";

const FIELD_CHECKS: Readonly<Record<FieldCheck, (value: unknown) => boolean>> = {
  "string": (value: unknown) => typeof value === "string",
  "string|null": (value: unknown) => value === null || typeof value === "string",
  "string[]": (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  "string[]|null": (value: unknown) => value === null || FIELD_CHECKS["string[]"](value),
  "count[]": (value: unknown) => Array.isArray(value) && value.every((item) => FIELD_CHECKS["count"](item)),
  "object[]": (value: unknown) =>
    Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null),
  "boolean": (value: unknown) => typeof value === "boolean",
  "count": (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0,
  "count|null": (value: unknown) => value === null || (Number.isSafeInteger(value) && (value as number) >= 0),
  "port": (value: unknown) =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535,
  "type": (value: unknown) => (CREDENTIAL_TYPES as readonly unknown[]).includes(value),
  "place": (value: unknown) => value === null || (isPlace(value) && flawOf(value) === null),
  "setting": (value: unknown) => typeof value === "string" && isSettingKey(value),
};

/** The fields of an operation's parameters; a name that ends in `?` may be absent; an object is checked inside. */
export interface Shape {
  /** What the field of this name must be. */
  readonly [field: string]: FieldCheck | Shape;
}

/**
 * Checks parameters against their shape.
 *
 * @throws {UsageError} `bad_parameters`, naming the field: missing, of the wrong kind, or unknown.
 */
export function checkShape(operation: string, shape: Shape, params: unknown): void {
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    refuse(operation, "the parameters");
  }
  const left = new Set(Object.keys(params as object));
  for (const [key, check] of Object.entries(shape)) {
    const field = key.endsWith("?") ? key.slice(0, -1) : key;
    const present = left.delete(field);
    if (!present && field !== key) continue;
    const value = present ? (params as Record<string, unknown>)[field] : undefined;
    if (typeof check === "object") checkShape(`${operation}.${field}`, check, value);
    else if (!FIELD_CHECKS[check](value)) refuse(operation, `'${field}'`);
  }
  for (const unknown of left) refuse(operation, `the unknown '${unknown}'`);
}

function refuse(operation: string, what: string): never {
  throw new UsageError(`cannot do '${operation}': ${what} does not fit`, {
    code: "bad_parameters",
    hint: NEWER_COMMAND,
  });
}
