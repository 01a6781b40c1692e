/**
 * Ways in which a request asks some frameworks to treat it as another method than its own. Policies look at these.
 *
 * @module
 */

import { latin1Text } from "./http/latin1.ts";
import type { BodySource } from "./http/body.ts";
import type { HeaderField } from "./http/headers.ts";
import { overridesMethod } from "./http/rerouting.ts";
import { HeldBody } from "./held_body.ts";

const PARAMETER = "_method";
/** A form's part of that name, with or without quotes, also in another spelling. */
const PART = /name\*?\s*=[^;\r\n]{0,64}(?:[_.]|%5f|%2e)method/i;

/**
 * The methods a request names besides its own, as written: in a header, in the parameter `_method` of its query, or in the
 * field `_method` of a form that is held in memory.
 */
export function methodOverrides(
  fields: readonly HeaderField[],
  query: string,
  body: BodySource | null,
): string[] {
  const found = fields.filter(({ lower }) => overridesMethod(lower)).map(({ value }) => value);
  found.push(...parameters(query.slice(1)));
  if (!(body instanceof HeldBody)) return found;
  if (fields.some((field) => isOfType(field, "application/x-www-form-urlencoded"))) {
    found.push(...parameters(latin1Text(body.bytes)));
  }
  if (
    fields.some((field) => isOfType(field, "multipart/form-data")) &&
    PART.test(latin1Text(body.bytes).replaceAll("\\", ""))
  ) {
    found.push("(a form field)");
  }
  return found;
}

/** Whether a body may be a form, as far as its type goes: what else is said of it does not matter to every program. */
export function isForm(fields: Iterable<HeaderField>): boolean {
  for (const field of fields) {
    if (isOfType(field, "application/x-www-form-urlencoded") || isOfType(field, "multipart/form-data")) {
      return true;
    }
  }
  return false;
}

function isOfType({ lower, value }: HeaderField, type: string): boolean {
  return lower === "content-type" && value.toLowerCase().includes(type);
}

function parameters(text: string): string[] {
  if (text === "") return [];
  // Some programs take `;` for `&`.
  const readings = text.includes(";") ? [text, text.replaceAll(";", "&")] : [text];
  const pairs = readings.flatMap((reading) => [...new URLSearchParams(reading)]);
  return [...new Set(pairs.filter(([name]) => isParameter(name)).map(([, value]) => value))];
}

/** PHP drops blanks before a name, and writes `_` for dots in it. */
function isParameter(name: string): boolean {
  return name.trimStart().replaceAll(".", "_") === PARAMETER;
}
