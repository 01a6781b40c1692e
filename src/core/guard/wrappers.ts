/**
 * Programs that run another one, named behind their own options.
 *
 * @module
 */

import type { Field } from "./stream.ts";

interface Wrapper {
  /** Options that are followed by a value, one by one. */
  readonly valued?: RegExp;
  /** Plain words between its options and the program: a duration, a directory. */
  readonly operands?: number;
  /** Words that must come first: `uv run`. */
  readonly verb?: RegExp;
  /** Whether the program stands behind `--`. */
  readonly dashes?: boolean;
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: { valued: /^-[ugpCcDhRrTt]$|^--(?:user|group|prompt|chdir|host)$/ },
  doas: { valued: /^-[uC]$/ },
  command: {},
  builtin: {},
  exec: { valued: /^-a$/ },
  nohup: {},
  nice: { valued: /^-n$|^--adjustment$/ },
  ionice: { valued: /^-[cnp]$/ },
  timeout: { valued: /^-[ks]$|^--(?:signal|kill-after)$/, operands: 1 },
  gtimeout: { valued: /^-[ks]$/, operands: 1 },
  time: { valued: /^-[fo]$/ },
  stdbuf: { valued: /^-[ioe]$/ },
  setsid: {},
  unbuffer: {},
  busybox: {},
  toybox: {},
  chronic: {},
  caffeinate: {},
  watch: { valued: /^-n$|^--interval$/ },
  strace: { valued: /^-[eopsu]$/ },
  chroot: { operands: 1 },
  flock: { operands: 1 },
  direnv: { verb: /^exec$/, operands: 1 },
  npx: {},
  uv: { verb: /^run$/, valued: /^--(?:env-file|with|python)$/ },
  poetry: { verb: /^run$/ },
  pipenv: { verb: /^run$/ },
  bundle: { verb: /^exec$/ },
  npm: { verb: /^(?:exec|x)$/, dashes: true },
  dotenv: { valued: /^-[ef]$/, dashes: true },
  op: { verb: /^run$/, dashes: true },
  doppler: { verb: /^run$/, dashes: true },
  infisical: { verb: /^run$/, dashes: true },
  chamber: { verb: /^exec$/, dashes: true },
};

/** The program that a wrapper runs, with its arguments; empty if it runs none, null if the name is that of no wrapper. */
export function unwrap(name: string, args: readonly Field[]): readonly Field[] | null {
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (wrapper === undefined) return null;
  let at = 0;
  if (wrapper.verb !== undefined) {
    if (!wrapper.verb.test(args[0]?.text ?? "")) return null;
    at = 1;
  }
  if (wrapper.dashes === true) {
    const dashes = args.findIndex(({ text }) => text === "--");
    if (dashes >= 0) return args.slice(dashes + 1);
  }
  let operands = wrapper.operands ?? 0;
  for (; at < args.length; at++) {
    const text = args[at]?.text ?? "";
    if (text === "--") continue;
    // `command -v name` only says where it is.
    if (name === "command" && /^-[vV]+$/.test(text)) return [];
    if (wrapper.valued?.test(text)) at++;
    else if (text.startsWith("-") && text.length > 1) continue;
    else if (name === "sudo" && /^[A-Za-z_]\w*=/.test(text)) continue;
    else if (operands > 0) operands--;
    else return args.slice(at);
  }
  return [];
}
