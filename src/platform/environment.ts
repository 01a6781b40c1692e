/**
 * What a daemon gets of its starter's environment: a short list of names, nothing else.
 *
 * @module
 */

const NAMES: readonly string[] = [
  "HOME",
  "USERPROFILE",
  "XDG_RUNTIME_DIR",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "SystemRoot",
  "NO_COLOR",
  "WISPKEY_VAULT_PATH",
  "WISPKEY_SESSION_TIMEOUT",
  "WISPKEY_PROJECT",
  "WISPKEY_LOG",
];

/** Where the runtime looks for what it has downloaded. */
const CACHE_NAMES: readonly string[] = ["DENO_DIR", "XDG_CACHE_HOME"];

const windows = Deno.build.os === "windows";

/**
 * A variable's name as our lists spell it. On Windows the case of a name does not count, and who starts us may have changed
 * it: a Unix shell there makes `SystemRoot`, without which there are no sockets, `SYSTEMROOT`.
 */
export function spelled(name: string, onWindows: boolean = windows): string {
  if (!onWindows) return name;
  const upper = name.toUpperCase();
  return upper === "SYSTEMROOT" ? "SystemRoot" : upper;
}

/**
 * The environment for a daemon. Whatever could load code into it, redirect its cache or its keys (`LD_*`, `NODE_OPTIONS`,
 * `DENO_*`, `SSLKEYLOGFILE`) or holds the password stays out, because only listed names pass.
 *
 * @param all the starter's environment
 * @param fromSource whether the program runs from source: then `DENO_DIR` and `XDG_CACHE_HOME` pass, by which its own
 * dependencies are found
 * @param onWindows see {@linkcode spelled}
 */
export function daemonEnvironment(
  all: Readonly<Record<string, string>>,
  fromSource: boolean,
  onWindows: boolean = windows,
): Record<string, string> {
  const names = fromSource ? [...NAMES, ...CACHE_NAMES] : NAMES;
  const kept: Record<string, string> = {};
  for (const [given, value] of Object.entries(all)) {
    const name = spelled(given, onWindows);
    if (names.includes(name) || name.startsWith("WISPKEY_FALLBACK_")) kept[name] = value;
  }
  if (fromSource) kept["DENO_NO_UPDATE_CHECK"] = "1";
  return kept;
}

/** All of the environment this process was started with. Its values are strings already, before anybody asks. */
export function currentEnvironment(): Record<string, string> {
  return Deno.env.toObject();
}

/** Takes variables out of this process's own environment, for libraries that print what they read if one is set. */
export function forgetVariables(...names: readonly string[]): void {
  for (const name of names) Deno.env.delete(name);
}
