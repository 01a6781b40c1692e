/**
 * What programs do with their arguments and their input, as far as secrets are concerned: which print the environment,
 * which print what they read, which run others.
 *
 * @module
 */

import { codeOf, INTERPRETERS, runCode } from "./interpreters.ts";
import type { Evaluation } from "./evaluate.ts";
import { FILTERS, runFilter } from "./filters.ts";
import { printedSecret } from "./secret_programs.ts";
import { isSecretVariable } from "./secret_names.ts";
import { ANYTHING, EMPTY, type Field, join, patternOf, secretStream, type Stream } from "./stream.ts";
import { runSender, SENDERS } from "./senders.ts";
import { decodeEscapes } from "../shell/escapes.ts";
import { unwrap } from "./wrappers.ts";
import { runXargs } from "./xargs.ts";
import { runFind } from "./find.ts";
import { runShell, SHELLS } from "./shells.ts";

/** Follows one program; answers what it prints. */
export type Run = (args: readonly Field[], stdin: Stream, evaluation: Evaluation, name: string) => Stream;

const silent: Run = () => EMPTY;

const TABLE: Readonly<Record<string, Run>> = {
  echo: runEcho,
  print: runEcho,
  "write-output": runEcho,
  "write-host": runEcho,
  printf: runPrintf,
  printenv: runPrintenv,
  set: runSet,
  export: runExport,
  declare: runDeclare,
  typeset: runDeclare,
  readonly: runDeclare,
  local: runDeclare,
  ps: runPs,
  read: runRead,
  mapfile: runRead,
  readarray: runRead,
  eval: (args, stdin, evaluation) => evaluation.runText(args.map(({ text }) => text).join(" "), stdin),
  // What it runs at the end it prints all the same.
  trap: (args, stdin, evaluation) =>
    args.length < 2 ? ANYTHING : evaluation.runText(args[0]?.text ?? "", stdin),
  source: runSource,
  ".": runSource,
  xargs: runXargs,
  parallel: runXargs,
  find: runFind,
  fd: runFind,
  cp: runCopy,
  mv: runCopy,
  ln: runCopy,
  install: runCopy,
  test: silent,
  "[": silent,
  "[[": silent,
  ":": silent,
  ls: (args) => args.some(isEnvDrive) ? environment("ls") : listed(args),
  dir: (args) => args.some(isEnvDrive) ? environment("dir") : listed(args),
  "get-childitem": (args) => args.some(isEnvDrive) ? environment("Get-ChildItem") : ANYTHING,
  gci: (args) => args.some(isEnvDrive) ? environment("gci") : ANYTHING,
  "get-item": (args) => args.some(isEnvDrive) ? environment("Get-Item") : ANYTHING,
  "get-variable": () => ANYTHING,
  git: runGit,
  tee: (args, stdin, evaluation) => {
    for (const file of args) if (!file.text.startsWith("-")) evaluation.writeFile(file, stdin);
    return stdin;
  },
};

/** Programs whose names are looked for when a pattern stands in the place of one. */
const KNOWN_NAMES: readonly string[] = [
  ...Object.keys(TABLE),
  ...FILTERS,
  ...Object.keys(INTERPRETERS),
  ...SHELLS,
  "env",
  "sudo",
];

/** Follows a program by its name; one that is not known prints nothing secret. */
export function runProgram(
  program: Field,
  args: readonly Field[],
  stdin: Stream,
  evaluation: Evaluation,
): Stream {
  const name = nameOf(program);
  const own = Object.hasOwn(TABLE, name) ? TABLE[name] : undefined;
  if (own !== undefined) return own(args, stdin, evaluation, name);
  if (name === "env") return runEnv(args, stdin, evaluation);
  const inner = unwrap(name, args);
  if (inner !== null) return inner.length === 0 ? EMPTY : evaluation.runProgram(inner, stdin);
  if (SHELLS.has(name)) return runShell(args, stdin, evaluation, name);
  if (FILTERS.has(name)) return runFilter(args, stdin, evaluation, name);
  if (SENDERS.has(name)) return runSender(args, stdin, evaluation, name);
  const printed = printedSecret(name, args);
  if (printed !== null) return secretStream(printed);
  const code = codeOf(name, args, stdin);
  if (code !== null) return runCode(code, args, evaluation, name);
  return ANYTHING;
}

function nameOf({ text, isPattern }: Field): string {
  const base = text.slice(Math.max(text.lastIndexOf("/"), text.lastIndexOf("\\")) + 1).toLowerCase();
  if (!isPattern || base === "[" || base === "[[") return base.replace(/\.exe$/, "");
  const pattern = patternOf(base);
  return KNOWN_NAMES.find((name) => pattern.test(name)) ?? base;
}

function environment(what: string): Stream {
  return secretStream({ code: "prints_environment", what: `\`${what}\`` });
}

function isEnvDrive({ text }: Field): boolean {
  return /^env:[\\/]?$/i.test(text) ||
    (/^env:[\\/]?[\w*]+$/i.test(text) && isSecretVariable(text.replace(/^env:[\\/]?/i, "")));
}

function listed(args: readonly Field[]): Stream {
  const names = args.filter(({ text }) => !text.startsWith("-")).map(({ text }) => text);
  return names.length === 0 ? ANYTHING : { text: `${names.join("\n")}\n`, secret: null };
}

function runEcho(args: readonly Field[]): Stream {
  const flags = args.findIndex(({ text }) => !/^-[neEr]+$/.test(text));
  const words = flags < 0 ? [] : args.slice(flags);
  const escapes = args.slice(0, Math.max(flags, 0)).some(({ text }) => text.includes("e"));
  const { text, secret } = join(
    words.map((word, i) => ({ text: i === 0 ? word.text : ` ${word.text}`, secret: word.secret })),
  );
  return { text: `${escapes ? decodeEscapes(text ?? "") : text}\n`, secret };
}

function runPrintf(args: readonly Field[], _stdin: Stream, evaluation: Evaluation): Stream {
  const assigns = args[0]?.text === "-v" ? args[1]?.text : undefined;
  const [format, ...values] = assigns === undefined
    ? args.filter(({ text }) => text !== "--")
    : args.slice(2);
  const all = join([...(format === undefined ? [] : [format]), ...values]);
  const queue = [...values];
  let text = "";
  do {
    text += decodeEscapes(format?.text ?? "").replaceAll(
      /%%|%[-+ #0]*\d*(?:\.\d+)?([sbqdicoxXufeg])/g,
      (spec, kind?: string) => {
        if (kind === undefined) return "%";
        const value = queue.shift()?.text ?? "";
        if (kind === "b") return decodeEscapes(value);
        return kind === "c" ? value.slice(0, 1) : spec.length >= 2 ? value : "";
      },
    );
  } while (queue.length > 0 && /%[^%]/.test(format?.text ?? "") && text.length < 65_536);
  const output = { text, secret: all.secret };
  if (assigns === undefined) return output;
  evaluation.variables.set(assigns, output);
  return EMPTY;
}

function runPrintenv(args: readonly Field[]): Stream {
  const names = args.filter(({ text }) => !text.startsWith("-"));
  if (args.some(({ text }) => text === "--help" || text === "--version")) return ANYTHING;
  if (names.length === 0) return environment("printenv");
  const secret = names.find(({ text }) => isSecretVariable(text));
  return secret === undefined ? ANYTHING : secretStream({ code: "prints_variable", what: `$${secret.text}` });
}

/** `env`: without a program it prints the environment. */
function runEnv(args: readonly Field[], stdin: Stream, evaluation: Evaluation): Stream {
  let clean = false;
  for (let i = 0; i < args.length; i++) {
    const text = args[i]?.text ?? "";
    if (text === "--help" || text === "--version") return ANYTHING;
    if (text === "-" || text === "--ignore-environment" || /^-[a-z0]*i/.test(text)) clean = true;
    else if (/^(?:-S|--split-string)/.test(text)) {
      const joined = text.replace(/^(?:-S|--split-string=?)/, "");
      const rest = args.slice(i + 1).map((arg) => arg.text);
      return evaluation.runText(`env ${[joined, ...rest].join(" ")}`, stdin);
    } else if (/^(?:-[uCP]|--unset|--chdir)$/.test(text)) i++;
    else if (text === "--" || text.startsWith("-")) continue;
    else if (/^[A-Za-z_]\w*=/.test(text)) continue;
    else return evaluation.runProgram(args.slice(i), stdin);
  }
  return clean ? ANYTHING : environment("env");
}

function runSet(args: readonly Field[], _stdin: Stream, evaluation: Evaluation): Stream {
  if (args.length === 0) return environment("set");
  if (args[0]?.text === "--") {
    args.slice(1).forEach(({ text, secret }, i) => evaluation.variables.set(String(i + 1), { text, secret }));
  }
  return EMPTY;
}

function runExport(args: readonly Field[], _stdin: Stream, evaluation: Evaluation): Stream {
  const names = args.filter(({ text }) => !text.startsWith("-"));
  if (names.length === 0) return environment("export");
  assign(names, evaluation);
  return EMPTY;
}

function runDeclare(args: readonly Field[], _stdin: Stream, evaluation: Evaluation, name: string): Stream {
  const names = args.filter(({ text }) => !/^[-+]/.test(text));
  const flags = args.filter(({ text }) => /^-/.test(text)).map(({ text }) => text).join("");
  if (/[fF]/.test(flags)) return ANYTHING;
  if (names.length === 0) return name === "local" ? ANYTHING : environment(name);
  if (!flags.includes("p")) {
    assign(names, evaluation);
    return EMPTY;
  }
  const secret = names.find(({ text }) => evaluation.variables.get(text)?.secret ?? isSecretVariable(text));
  return secret === undefined ? ANYTHING : secretStream({ code: "prints_variable", what: `$${secret.text}` });
}

function assign(fields: readonly Field[], evaluation: Evaluation): void {
  for (const { text, secret } of fields) {
    const at = text.indexOf("=");
    if (at > 0) {
      evaluation.variables.set(text.slice(0, at).replace(/\+$/, ""), { text: text.slice(at + 1), secret });
    }
  }
}

/** `ps e` and its like show each process's environment. */
function runPs(args: readonly Field[]): Stream {
  const [first] = args;
  if (first === undefined) return ANYTHING;
  const bsd = args.some(({ text }) =>
    /^[a-zA-Z]+$/.test(text) && text.includes("e") && /^[aAcefghjlmnrSTuvwxXZ]+$/.test(text)
  );
  const mac = args.some(({ text }) => /^-[a-zA-Z]*E/.test(text));
  const column = args.some(({ text }) => /(?:^|,|=)environ$/.test(text));
  return bsd && !["-o", "-p", "-C", "-U", "-u"].includes(first.text) || mac || column
    ? environment("ps e")
    : ANYTHING;
}

function runRead(args: readonly Field[], stdin: Stream, evaluation: Evaluation, name: string): Stream {
  const names = args.filter(({ text }) => /^[A-Za-z_]\w*$/.test(text)).map(({ text }) => text);
  const fallback = name === "read" ? "REPLY" : "MAPFILE";
  for (const variable of names.length === 0 ? [fallback] : names) {
    evaluation.variables.set(variable, { text: stdin.text?.trim() ?? null, secret: stdin.secret });
  }
  return EMPTY;
}

function runSource(args: readonly Field[], stdin: Stream, evaluation: Evaluation): Stream {
  const text = args[0]?.stream?.text ?? (args[0]?.text === "/dev/stdin" ? stdin.text : null);
  return text === null || text === undefined ? EMPTY : evaluation.runText(text);
}

function runCopy(args: readonly Field[], _stdin: Stream, evaluation: Evaluation): Stream {
  const files = args.filter(({ text }) => !text.startsWith("-"));
  const target = files.at(-1);
  if (target === undefined) return EMPTY;
  for (const file of files.slice(0, -1)) {
    evaluation.copyFile(file, target);
    if (/^\/dev\/(?:stdout|stderr|tty)$/.test(target.text)) return evaluation.readFile(file);
  }
  return EMPTY;
}

/** `git show HEAD:.env`, `git diff .env` and their like show a file. */
function runGit(args: readonly Field[], _stdin: Stream, evaluation: Evaluation): Stream {
  const words = args.map(({ text }) => text);
  const verb = words.find((word, i) => !word.startsWith("-") && !/^-[cC]$/.test(words[i - 1] ?? "")) ?? "";
  if (verb === "credential" && words.includes("fill")) {
    return secretStream({ code: "prints_stored_secret", what: "`git credential fill`" });
  }
  if (!["show", "diff", "log", "blame", "annotate", "cat-file", "grep"].includes(verb)) return ANYTHING;
  if (words.some((word) => /^--(?:stat|name-only|name-status|shortstat|numstat|quiet|oneline)$/.test(word))) {
    return ANYTHING;
  }
  if (verb === "log" && !words.some((word) => /^-(?:p|u|-patch)$/.test(word))) return ANYTHING;
  const files = args.slice(words.indexOf(verb) + 1 + (verb === "grep" ? 1 : 0))
    .filter(({ text }) => !text.startsWith("-"))
    .map((field) => ({ ...field, text: field.text.slice(field.text.lastIndexOf(":") + 1) }));
  return join(files.map((file) => evaluation.readFile(file)));
}
