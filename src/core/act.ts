/**
 * The canonical text of an act: what a person's password proof covers, so that a proof for one act serves no other.
 *
 * @module
 */

/**
 * Describes an act: `{"op", "params", "payload"}` as JSON with sorted keys and no blanks, the payload as its SHA-256
 * in lower-case hex. Both sides compute it from what is really sent and done.
 *
 * @param params plain JSON; what `JSON.stringify` would drop (undefined members) is dropped here too
 * @param payload raw bytes sent along; no payload and an empty one are the same
 */
export async function actText(op: string, params: unknown, payload: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", payload as Uint8Array<ArrayBuffer>);
  return sortedJson({ op, params, payload: new Uint8Array(digest).toHex() });
}

/** JSON text that is the same for equal values: keys sorted by UTF-16 units at every depth. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    // Members that look like numbers come first in any object, on both sides alike; without a prototype a member
    // called `__proto__` is a member like any other.
    const sorted: Record<string, unknown> = Object.create(null);
    for (const name of Object.keys(inner).sort()) sorted[name] = (inner as Record<string, unknown>)[name];
    return sorted;
  });
}
