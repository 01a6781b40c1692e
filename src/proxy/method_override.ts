/**
 * Ways in which a request asks some frameworks to treat it as another method than its own. Policies look at these.
 *
 * @module
 */

import { latin1Text } from "./http/latin1.ts";
import type { BodySource } from "./http/body.ts";
import type { HeaderField } from "./http/headers.ts";
import { HeldBody } from "./held_body.ts";

const HEADERS = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);
const PARAMETER = "_method";

/**
 * The methods a request names besides its own, as written: in a header, in the parameter `_method` of its query, or in the
 * field `_method` of a form that is held in memory.
 */
export function methodOverrides(
  fields: readonly HeaderField[],
  query: string,
  body: BodySource | null,
): string[] {
  const found = fields.filter(({ lower }) => HEADERS.has(lower)).map(({ value }) => value);
  found.push(...parameters(query.slice(1)));
  if (body instanceof HeldBody) {
    const type = fields.find(({ lower }) => lower === "content-type")?.value.toLowerCase() ?? "";
    if (type.startsWith("application/x-www-form-urlencoded")) {
      found.push(...parameters(latin1Text(body.bytes)));
    } else if (
      type.startsWith("multipart/form-data") && latin1Text(body.bytes).includes(`name="${PARAMETER}"`)
    ) {
      found.push("(a form field)");
    }
  }
  return found;
}

function parameters(text: string): string[] {
  return text === "" ? [] : new URLSearchParams(text).getAll(PARAMETER);
}
