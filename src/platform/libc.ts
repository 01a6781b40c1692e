/**
 * The few C library calls that close a process to others of the same user. Opened, used and closed within `harden`.
 *
 * @module
 */

/** Where the C library lies, by absolute path: a name alone would be searched for in places others can write. */
export const LIBC_CANDIDATES: readonly string[] = Deno.build.os === "darwin"
  ? ["/usr/lib/libSystem.B.dylib"]
  : Deno.build.os === "linux"
  ? [
    `/lib/${Deno.build.arch}-linux-gnu/libc.so.6`,
    "/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
    `/lib/ld-musl-${Deno.build.arch}.so.1`,
  ]
  : [];

const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PT_DENY_ATTACH = 31;
const RLIMIT_CORE = 4;
const SIG_DFL = 0n;
const SIG_IGN = 1n;
const SIGUSR1 = Deno.build.os === "darwin" ? 30 : 10;

/** The calls, by what they achieve; each returns whether the system confirms it. */
export interface Libc {
  /** Linux: no ptrace, no core dump, `/proc/<pid>` belongs to root. macOS: no debugger attaches. */
  denyTracing(): boolean;
  /** No core file, and no way to raise the limit again. */
  forbidCoreDumps(): boolean;
  /** SIGUSR1 is thrown away by the kernel. */
  ignoreUserSignal(): boolean;
  /** SIGUSR1 ends the process, as it would without us. */
  defaultUserSignal(): void;
  /** Unloads the library. */
  close(): void;
}

/** Opens the C library; null where there is none of the known ones, or `ffi` was not granted. */
export function openLibc(): Libc | null {
  for (const path of LIBC_CANDIDATES) {
    try {
      return Deno.build.os === "darwin" ? openDarwin(path) : openLinux(path);
    } catch {
      // Not this one: another distribution's path.
    }
  }
  return null;
}

const COMMON = {
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
} as const;

function openLinux(path: string): Libc {
  const library = Deno.dlopen(
    path,
    { ...COMMON, prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" } } as const,
  );
  const { prctl } = library.symbols;
  return {
    ...common(library.symbols),
    denyTracing: () =>
      prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n) === 0 && prctl(PR_GET_DUMPABLE, 0n, 0n, 0n, 0n) === 0,
    close: () => library.close(),
  };
}

function openDarwin(path: string): Libc {
  const library = Deno.dlopen(
    path,
    { ...COMMON, ptrace: { parameters: ["i32", "i32", "usize", "i32"], result: "i32" } } as const,
  );
  return {
    ...common(library.symbols),
    denyTracing: () => library.symbols.ptrace(PT_DENY_ATTACH, 0, 0n, 0) === 0,
    close: () => library.close(),
  };
}

function common(
  calls: Deno.DynamicLibrary<typeof COMMON>["symbols"],
): Pick<Libc, "forbidCoreDumps" | "ignoreUserSignal" | "defaultUserSignal"> {
  return {
    forbidCoreDumps: () => {
      const limits = new BigUint64Array(2); // soft, hard
      const set = calls.setrlimit(RLIMIT_CORE, limits) === 0;
      limits.fill(1n);
      const read = calls.getrlimit(RLIMIT_CORE, limits) === 0;
      return set && read && limits[0] === 0n && limits[1] === 0n;
    },
    ignoreUserSignal: () => {
      calls.signal(SIGUSR1, SIG_IGN);
      // The second call answers what the first one set.
      return calls.signal(SIGUSR1, SIG_IGN) === SIG_IGN;
    },
    defaultUserSignal: () => void calls.signal(SIGUSR1, SIG_DFL),
  };
}
