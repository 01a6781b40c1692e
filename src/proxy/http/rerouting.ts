/**
 * Fields that some hosts believe more than the request line.
 *
 * @module
 */

/** `Proxy` becomes the variable HTTP_PROXY of a program behind CGI, which then sends what it fetches through it. */
const REROUTING = new Set(["forwarded", "proxy", "x-host", "x-http-host-override"]);
const REROUTING_PREFIXES = ["x-forwarded-", "x-original-", "x-rewrite-"];
const METHODS = new Set(["x-http-method-override", "x-http-method", "x-method-override"]);

/** Whether a field (lower case name) may name another host or path to whoever reads it. */
export function reroutes(lower: string): boolean {
  const name = asRead(lower);
  return REROUTING.has(name) || REROUTING_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** Whether a field (lower case name) may name another method. */
export function overridesMethod(lower: string): boolean {
  return METHODS.has(asRead(lower));
}

/** Programs behind a gateway get names without `-` (RFC 3875 section 4.1.18), so that both marks are one to them. */
function asRead(lower: string): string {
  return lower.includes("_") ? lower.replaceAll("_", "-") : lower;
}
