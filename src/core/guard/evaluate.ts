/**
 * Following a script's data without running it: which commands print secrets, and whether what they print is seen, kept in
 * a file or sent away, or only handed to a program that uses it.
 *
 * @module
 */

import { parseScript } from "../shell/parse.ts";
import type { Command, Pipeline, Redirect, Script, SimpleCommand } from "../shell/syntax.ts";
import { expandText, expandWord, shown } from "./expand.ts";
import type { Finding } from "./finding.ts";
import { LEAST_GUESS } from "./least_guess.ts";
import { findLiteral } from "./literals.ts";
import { runProgram } from "./programs.ts";
import { isSecretFile, WELL_KNOWN_FILES } from "./secret_names.ts";
import { ANYTHING, EMPTY, type Field, join, patternOf, type Stream } from "./stream.ts";

/** Steps after which a script is not followed further. */
const MOST_STEPS = 20_000;
/** Scripts within scripts. */
const DEEPEST = 16;

/** The state of a script that is followed. */
export class Evaluation {
  /** What the script has set. */
  readonly variables: Map<string, Stream> = new Map();
  /** Objections to what is done beside printing: written to files, sent. */
  readonly findings: Finding[] = [];
  /** Files that the script has filled with secrets. */
  readonly #files = new Map<string, Finding>();
  readonly #functions = new Map<string, Command>();
  /** What `exec 3< file` has opened. */
  readonly #descriptors = new Map<string, Stream>();
  readonly #running = new Set<string>();
  #source: string | undefined;
  #depth = 0;
  #steps = 0;

  /** Follows a script's text; answers what it prints. */
  runText(text: string, stdin: Stream = ANYTHING): Stream {
    this.#source ??= text;
    return this.runScript(parseScript(text), stdin);
  }

  /** Follows a script; answers what it prints. */
  runScript(script: Script, stdin: Stream = ANYTHING): Stream {
    if (this.#depth >= DEEPEST) return this.#giveUp();
    this.#depth++;
    try {
      return join(script.map((pipeline) => this.#pipeline(pipeline, stdin)));
    } finally {
      this.#depth--;
    }
  }

  /** Follows a program with arguments; answers what it prints. */
  runProgram(fields: readonly Field[], stdin: Stream): Stream {
    const [program, ...args] = fields;
    if (program === undefined) return EMPTY;
    if (++this.#steps > MOST_STEPS) return this.#giveUp();
    const body = this.#functions.get(program.text);
    if (body === undefined) return runProgram(program, args, stdin, this);
    // A function that calls itself does again what it does anyway.
    if (this.#running.has(program.text)) return ANYTHING;
    this.#running.add(program.text);
    try {
      return this.withPositionals(args, () => this.#command(body, stdin));
    } finally {
      this.#running.delete(program.text);
    }
  }

  /** Does something while `$1`, `$2` … and `$@` are arguments. */
  withPositionals(args: readonly Field[], act: () => Stream): Stream {
    const kept = new Map(this.variables);
    args.forEach(({ text, secret }, i) => this.variables.set(String(i + 1), { text, secret }));
    const all = join(args.map(({ text, secret }, i) => ({ text: i === 0 ? text : ` ${text}`, secret })));
    for (const name of ["@", "*"]) this.variables.set(name, all);
    this.#depth++;
    try {
      return act();
    } finally {
      this.#depth--;
      for (const name of [...args.keys()].map((i) => String(i + 1)).concat("@", "*")) {
        const before = kept.get(name);
        if (before === undefined) this.variables.delete(name);
        else this.variables.set(name, before);
      }
    }
  }

  /** What is read from a file. */
  readFile(file: Field): Stream {
    if (file.stream !== undefined) return file.stream;
    const text = file.text.replace(/^@/, "");
    if (text === "/dev/null") return EMPTY;
    const filled = this.#files.get(text);
    if (filled !== undefined) return { text: null, secret: filled };
    return isSecretPath(file)
      ? { text: null, secret: { code: "prints_file", what: fileName(text) } }
      : ANYTHING;
  }

  /** Notes that a file holds what another one does. */
  copyFile(from: Field, to: Field): void {
    const { secret } = this.readFile(from);
    if (secret !== null) this.#files.set(to.text, secret);
  }

  /** Writes what was printed to a file, which is an objection unless secrets lie there anyway. */
  writeFile(file: Field, { secret }: Stream): Stream {
    if (/^\/dev\/(?:stdout|stderr|tty|fd\/[12])$/.test(file.text)) return { text: null, secret };
    if (secret === null || file.text === "/dev/null") return EMPTY;
    if (isSecretPath(file)) return EMPTY;
    this.#files.set(file.text, secret);
    this.findings.push(secret);
    return EMPTY;
  }

  /** Looks for a key in a text that came together only by expansion; the script as it stands is looked through elsewhere. */
  #lookInto(text: string | null): void {
    if (text === null || text.length < LEAST_GUESS || this.#source?.includes(text) !== false) return;
    const finding = findLiteral(text);
    if (finding !== null) this.findings.push(finding);
  }

  #giveUp(): Stream {
    this.findings.push({ code: "too_complex", what: "" });
    return ANYTHING;
  }

  #pipeline(pipeline: Pipeline, stdin: Stream): Stream {
    let stream = stdin;
    for (const command of pipeline) stream = this.#command(command, stream);
    return stream;
  }

  #command(command: Command, stdin: Stream): Stream {
    if (++this.#steps > MOST_STEPS) return this.#giveUp();
    switch (command.kind) {
      case "function":
        this.#functions.set(command.name, command.body);
        return EMPTY;
      case "group": {
        const input = this.#input(command.redirects, stdin);
        if (command.loop !== null) {
          const fields = command.loop.words.flatMap((word) => expandWord(word, this));
          // Each round is like the others but for its value; a value that matters is tried first.
          const rounds = fields.slice(0, 16);
          if (rounds.length > 0) {
            const { variable } = command.loop;
            const outputs = rounds.map((field) => {
              this.variables.set(variable, { text: concreteName(field), secret: field.secret });
              return this.runScript(command.body, input);
            });
            return this.#output(command.redirects, join(outputs));
          }
        }
        return this.#output(command.redirects, this.runScript(command.body, input));
      }
      case "simple":
        return this.#simple(command, stdin);
    }
  }

  #simple({ assignments, words, redirects }: SimpleCommand, stdin: Stream): Stream {
    const fields = words.flatMap((word) => expandWord(word, this));
    for (const { text } of fields) this.#lookInto(text);
    for (const { name, value, appends } of assignments) {
      const added = expandText(value, this);
      this.#lookInto(added.text);
      // Before a program they are that program's alone; what it then prints by that name is not ours to see.
      if (fields.length > 0) continue;
      const before = appends ? this.variables.get(name) ?? ANYTHING : EMPTY;
      this.variables.set(name, join([before, added]));
    }
    const input = this.#input(redirects, stdin);
    if (fields.length === 1 && fields[0]?.text === "exec") {
      for (const { operator, descriptor, target } of redirects) {
        const [file] = operator === "<" || operator === "<>" ? expandWord(target, this) : [];
        if (file !== undefined) this.#descriptors.set(String(descriptor ?? 0), this.readFile(file));
      }
    }
    if (fields.length === 0) {
      // `< file` alone prints it, in zsh and in `$(< file)`.
      const reads = redirects.some(({ operator }) => operator === "<");
      return this.#output(redirects, reads && assignments.length === 0 ? input : EMPTY);
    }
    return this.#output(redirects, this.runProgram(fields, input));
  }

  #input(redirects: readonly Redirect[], stdin: Stream): Stream {
    let input = stdin;
    for (const { operator, target } of redirects) {
      if (operator === "<" || operator === "<>") {
        const [file] = expandWord(target, this);
        if (file !== undefined) input = this.readFile(file);
      } else if (operator === "<&") {
        input = this.#descriptors.get(shown(expandText(target, this))) ?? input;
      } else if (operator === "<<") input = expandText(target, this);
      else if (operator === "<<<") {
        const { text, secret } = expandText(target, this);
        input = { text: text === null ? null : `${text}\n`, secret };
      }
    }
    return input;
  }

  #output(redirects: readonly Redirect[], output: Stream): Stream {
    let stream = output;
    for (const { operator, descriptor, target } of redirects) {
      if (operator !== ">" && operator !== ">>" && operator !== "&>" && operator !== ">&") continue;
      if (descriptor !== null && descriptor !== 1) continue;
      const writes = target.find((part) => part.kind === "process");
      if (writes?.kind === "process") {
        stream = this.runScript(writes.script, stream);
        continue;
      }
      const text = shown(expandText(target, this));
      if (operator === ">&" && /^\d+$|^-$/.test(text)) {
        // To standard error: seen all the same, but nothing for the next program.
        if (text === "2" && stream.secret !== null) this.findings.push(stream.secret);
        if (text === "2") stream = EMPTY;
        continue;
      }
      stream = this.writeFile({ text, secret: null, isPattern: false }, stream);
    }
    return stream;
  }
}

/** The name a pattern stands for, if that of a file with secrets is among them. */
function concreteName(field: Field): string {
  if (!field.isPattern || !isSecretPath(field)) return field.text;
  const slash = field.text.lastIndexOf("/") + 1;
  const pattern = patternOf(field.text.slice(slash));
  return field.text.slice(0, slash) + (WELL_KNOWN_FILES.find((file) => pattern.test(file)) ?? ".env");
}

/** Whether a path, or a pattern of paths, is that of a file with secrets. */
function isSecretPath({ text, isPattern }: Field): boolean {
  if (!isPattern) return isSecretFile(text);
  const slash = text.lastIndexOf("/");
  const name = text.slice(slash + 1);
  const directory = text.slice(0, slash + 1).replaceAll("*", "1");
  if (!/[*?[]/.test(name)) return isSecretFile(directory + name);
  // A leading dot must be written out, and a pattern of all files is not one of these.
  if (/^[*?]+$/.test(name) || /^\.?\*\.[a-z]+$/.test(name) && !/env$/.test(name)) return false;
  const pattern = patternOf(name);
  return WELL_KNOWN_FILES.some((file) =>
    (file.startsWith(".") ? /^[.[]/.test(name) || /^\*[.*]*env/.test(name) : true) && pattern.test(file) &&
    isSecretFile(directory + file)
  );
}

function fileName(path: string): string {
  return /environ$/.test(path)
    ? "a process's environment"
    : path.slice(path.lastIndexOf("/") + 1).slice(0, 64);
}
