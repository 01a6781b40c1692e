/**
 * Names of credentials made from names of variables.
 *
 * @module
 */

import { MAX_NAME_LENGTH } from "../core/name.ts";

/** What is used where nothing of a name is left. */
const NAMELESS = "imported";

/**
 * `DB_PASSWORD` → `db-password`, `simpleKey` → `simple-key`, `services.stripe.apiKey` → `services-stripe-api-key`.
 *
 * @param prefix set before it with a dash; empty for none
 */
export function credentialNameOf(variable: string, prefix = ""): string {
  const humps = variable.normalize("NFC").replace(/(\p{Ll}|\p{Nd})(\p{Lu})/gu, "$1-$2").replace(
    /(\p{Lu})(\p{Lu}\p{Ll})/gu,
    "$1-$2",
  );
  const dashed = humps.toLowerCase().replace(/[^\p{L}\p{Nd}]+/gu, "-").replace(/^-+|-+$/g, "");
  const name = dashed === "" ? NAMELESS : dashed;
  return cut(prefix === "" ? name : `${prefix}-${name}`, MAX_NAME_LENGTH);
}

/** A name that `isTaken` does not know: the wanted one, or with `-2`, `-3` … behind it. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(wanted)) return wanted;
  for (let number = 2;; number++) {
    const suffix = `-${number}`;
    const name = `${cut(wanted, MAX_NAME_LENGTH - suffix.length)}${suffix}`;
    if (!isTaken(name)) return name;
  }
}

/** At most so many UTF-16 units, and no half of a character. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "").replace(/-+$/, "");
}
