/**
 * Which of Deno's permission kinds each role of the program keeps. Every process starts with the flags of its role (or,
 * compiled, of all roles together) and gives up the rest before it does anything else. Revoking works by kind, not by path.
 *
 * @module
 */

import { LIBC_CANDIDATES } from "./libc.ts";

/** What a process of this program can be. */
export type Role = "command" | "daemon" | "mcp" | "run" | "guard";

/** The kinds the program uses; `import` belongs to none: all code is part of the program. */
export const PERMISSION_KINDS = ["run", "ffi", "sys", "import", "net", "env", "read", "write"] as const;

/** One of {@linkcode PERMISSION_KINDS}. */
export type PermissionKind = typeof PERMISSION_KINDS[number];

/**
 * The table. `ffi` and `sys` serve `harden` alone, which revokes both when it is done; connecting to a Unix socket
 * takes `net`, `read` and `write`.
 */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly PermissionKind[]>> = {
  /** Reads and writes the vault, talks to the daemon, starts it (`run`), takes the password (`ffi`, `sys`). */
  command: ["run", "ffi", "sys", "net", "env", "read", "write"],
  /** Holds the key, listens and dials. `run` is for ending an older daemon that hangs, and given up before the key comes. */
  daemon: ["run", "ffi", "sys", "net", "env", "read", "write"],
  /** Talks to the daemon, never takes the password. */
  mcp: ["net", "env", "read", "write"],
  /** Reads standard input, talks to the daemon. */
  guard: ["net", "env", "read", "write"],
  /** Talks to the daemon and starts the person's program; `--reveal` takes the password (`ffi`, `sys`). */
  run: ["run", "ffi", "sys", "net", "env", "read", "write"],
};

/** Gives up every kind that the role does not keep; takes force before the call returns. */
export function keepOnly(role: Role): void {
  giveUp(...PERMISSION_KINDS.filter((kind) => !ROLE_PERMISSIONS[role].includes(kind)));
}

/** Gives up kinds for the rest of the process's life, `run` first: a process with it could start one with more. */
export function giveUp(...kinds: readonly PermissionKind[]): void {
  for (const kind of PERMISSION_KINDS) {
    if (kinds.includes(kind)) Deno.permissions.revokeSync({ name: kind });
  }
}

/**
 * Flags for `deno run` that grant a role's kinds and nothing else.
 *
 * @param libraries what `ffi` is granted for; where there is none (Windows) it is not granted at all, as an empty list is
 * an error
 */
export function permissionFlags(role: Role, libraries: readonly string[] = LIBC_CANDIDATES): string[] {
  return ROLE_PERMISSIONS[role].flatMap((kind) => {
    if (kind !== "ffi") return [`--allow-${kind}`];
    return libraries.length === 0 ? [] : [`--allow-ffi=${libraries.join(",")}`];
  });
}
