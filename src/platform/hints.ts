/**
 * Commands that are printed for a person, as each system has them.
 *
 * @module
 */

/** Commands by which a person looks at a process and ends it; by the daemon's command line where its number is not known. */
export function endingHint(pid: number | undefined, os: typeof Deno.build.os = Deno.build.os): string {
  if (os === "windows") {
    return pid === undefined
      ? "look for the process in the Task Manager, by its command line 'daemon --', and end it"
      : `look at the process, and end it: tasklist /fi "PID eq ${pid}"; taskkill /f /pid ${pid}`;
  }
  return pid === undefined
    ? "look for the process and end it: pgrep -fl 'daemon --'"
    : `look at the process, and end it: ps -p ${pid}; kill ${pid}`;
}

/** The command that says where the vault lies. */
export function vaultPathHint(os: typeof Deno.build.os = Deno.build.os): string {
  return os === "windows"
    ? "$env:WISPKEY_VAULT_PATH = 'C:\\path\\to\\vault'"
    : "export WISPKEY_VAULT_PATH=/path/to/vault";
}
