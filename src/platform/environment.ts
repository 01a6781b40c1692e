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

/**
 * The environment for a daemon. Whatever could load code into it, redirect its cache or its keys (`LD_*`, `NODE_OPTIONS`,
 * `DENO_*`, `SSLKEYLOGFILE`) or holds the password stays out, because only listed names pass.
 *
 * @param all the starter's environment
 * @param fromSource whether the program runs from source: then `DENO_DIR` passes, where its own dependencies lie
 */
export function daemonEnvironment(
  all: Readonly<Record<string, string>>,
  fromSource: boolean,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (NAMES.includes(name) || name.startsWith("WISPKEY_FALLBACK_")) kept[name] = value;
  }
  if (fromSource) {
    if (all["DENO_DIR"] !== undefined) kept["DENO_DIR"] = all["DENO_DIR"];
    kept["DENO_NO_UPDATE_CHECK"] = "1";
  }
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
