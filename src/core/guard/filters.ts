/**
 * Programs that print what they read, whole or in part. Some uses leave the secret out: a count, a file's name, the names
 * of variables without their values.
 *
 * @module
 */

import type { Evaluation } from "./evaluate.ts";
import { decodeBase64 } from "./literals.ts";
import { findsSecretVariables } from "./secret_names.ts";
import { ANYTHING, EMPTY, type Field, join, type Stream } from "./stream.ts";

/** Names of the programs. */
export const FILTERS: ReadonlySet<string> = new Set([
  ..."cat tac bat batcat ccat less more most head tail nl od xxd hexdump hd strings rev fold fmt pr expand"
    .split(" "),
  ..."unexpand column paste sort uniq shuf cut tr grep egrep fgrep zgrep rg ag ack sed gsed awk gawk mawk nawk"
    .split(" "),
  ..."jq yq gojq base64 base32 basenc openssl gzip gunzip zcat bzip2 xz iconv dd diff sdiff colordiff delta"
    .split(" "),
  ..."comm join pygmentize glow get-content gc type select-string sls findstr out-string out-host ts pv sponge"
    .split(" "),
  ..."mlr xsv csvcut csvlook tsort ed ex vis look split csplit zstdcat view vimcat highlight source-highlight"
    .split(" "),
]);

/** Programs whose first plain argument is what to look for, or what to do, and not a file. */
const EXPRESSION_FIRST = new Set([
  ..."grep egrep fgrep zgrep rg ag ack sed gsed awk gawk mawk nawk jq yq gojq tr select-string sls findstr"
    .split(" "),
]);
const GREPS = new Set([
  "grep",
  "egrep",
  "fgrep",
  "zgrep",
  "rg",
  "ag",
  "ack",
  "select-string",
  "sls",
  "findstr",
]);
const AWKS = new Set(["awk", "gawk", "mawk", "nawk"]);
/** Options of those programs that are followed by a value, which is neither. */
const VALUED: Readonly<Record<string, RegExp>> = {
  grep: /^(?:-[ABCm]|--(?:max-count|include|exclude))$/,
  rg: /^(?:-[ABCmgtT]|--(?:max-count|glob|type))$/,
  awk: /^-[Fv]$/,
  jq: /^--(?:indent|tab)$/,
};

/** Follows one of {@linkcode FILTERS}. */
export function runFilter(
  args: readonly Field[],
  stdin: Stream,
  evaluation: Evaluation,
  name: string,
): Stream {
  const { expression, files } = name === "tr" ? { expression: args[0], files: [] } : operands(args, name);
  const flags = args.map(({ text }) => text).filter((text) => /^-/.test(text));
  if (name === "sed" && flags.some((flag) => /^-[a-zA-Z]*i|^--in-place/.test(flag))) return EMPTY;
  if (name === "dd") return runDd(args, stdin, evaluation);
  if (name === "openssl") return runOpenssl(args, stdin, evaluation);
  const direct = AWKS.has(name) || name === "jq" || name === "gojq" || name === "yq"
    ? ofEnvironment(expression?.text ?? "", name)
    : null;
  if (direct !== null) return direct;
  // A word that is taken for a file may be an option's value, so what is known to come in counts all the same.
  const read = [
    ...files.map((file) => file.text === "-" ? stdin : evaluation.readFile(file)),
    ...(files.length === 0 || stdin.secret !== null ? [stdin] : []),
  ];
  const patterns = args.filter((field) => field.stream !== undefined).map((field) => field.stream ?? EMPTY);
  const input = join([...read, ...patterns]);
  const secret = input.secret !== null && leavesOut(name, args, expression, input) ? null : input.secret;
  return { text: input.text === null ? null : transformed(name, args, input.text), secret };
}

function operands(args: readonly Field[], name: string): { expression: Field | undefined; files: Field[] } {
  const files: Field[] = [];
  let expression: Field | undefined;
  let given = false;
  for (let i = 0; i < args.length; i++) {
    const field = args[i];
    if (field === undefined) continue;
    const { text } = field;
    if (text.startsWith("-") && text !== "-") {
      if (
        EXPRESSION_FIRST.has(name) && /^(?:-[a-zA-Z]*[ef]|--regexp|--expression|--file)$/.test(text) &&
        !["awk", "jq"].includes(name)
      ) {
        given = true;
        if (!text.endsWith("f")) expression = args[i + 1];
        i++;
      } else if (
        name === "awk" && text === "-v" || name === "jq" && /^--(?:arg|argjson|slurpfile|rawfile)$/.test(text)
      ) {
        if (/file$/.test(text) && args[i + 2] !== undefined) files.push(args[i + 2] as Field);
        i += text === "-v" ? 1 : 2;
      } else if (
        VALUED[GREPS.has(name) && name !== "rg" ? "grep" : AWKS.has(name) ? "awk" : name]?.test(text)
      ) i++;
      else if (/^--[\w-]+=/.test(text)) files.push({ ...field, text: text.slice(text.indexOf("=") + 1) });
    } else if (EXPRESSION_FIRST.has(name) && !given) {
      expression = field;
      given = true;
    } else files.push(field);
  }
  return { expression, files };
}

/** Whether what is printed holds no value. */
function leavesOut(
  name: string,
  args: readonly Field[],
  expression: Field | undefined,
  input: Stream,
): boolean {
  const flags = args.map(({ text }) => text).filter((text) => /^-/.test(text)).join(" ");
  const text = expression?.text ?? "";
  if (GREPS.has(name)) {
    if (
      /(?:^| )-[a-zA-Z]*[qlLc](?![a-zA-Z]*o)|--(?:quiet|silent|count|files-with-matches|files-without-match)/
        .test(flags)
    ) return true;
    if (
      /(?:^| )-[a-zA-Z]*o/.test(flags) && /^\^?\(?\[?[\w\]\[^:-]*[\])]?[*+]?\)?=?$/.test(text) &&
      /[\]+*]/.test(text)
    ) return !/\./.test(text);
    const inverted = /(?:^| )-[a-zA-Z]*v|--invert-match/.test(flags);
    // One of the environment's ordinary variables.
    return !inverted && input.secret?.code === "prints_environment" && text !== "" &&
      text.split(/\\?\|/).every((word) => !findsSecretVariables(word));
  }
  switch (name) {
    case "cut":
      return /(?:^| )(?:-d ?|--delimiter[= ])?/.test(flags) && isFirstFieldOnly(args);
    case "sed":
    case "gsed":
      return /^s(.)(?:\^\(?\[?[^=]*)?=\.[*+]\1(?:=?[^&\\]{0,16}|\\1=?[^&\\]{0,16})\1g?$/.test(text);
    case "awk":
    case "gawk":
    case "mawk":
    case "nawk":
      return /^(?:![^{}]*|\/[^/]*\/|NF)?\s*\{\s*print\s*\$1\s*;?\s*\}$/.test(text) &&
          args.some(({ text: arg }, i) =>
            /^-F["']?=$/.test(arg) || arg === "-F" && args[i + 1]?.text === "="
          ) ||
        /^(?:END\s*\{\s*print\s+NR\s*\}|\{\s*\w+\+\+\s*\}\s*END\s*\{\s*print\s+\w+\s*\})$/.test(text);
    case "jq":
    case "gojq":
    case "yq":
      return /^(?:\.[\w.[\]]*\s*\|\s*)?(?:keys|keys_unsorted|length|type|paths|to_entries\[\]\.key)(?:\[\]|\s*\|\s*\.\[\])?$/
        .test(text);
    case "diff":
      return /(?:^| )(?:-[a-z]*q|--brief)/.test(flags);
    default:
      return false;
  }
}

/** `cut -d= -f1`: the names. */
function isFirstFieldOnly(args: readonly Field[]): boolean {
  const words = args.map(({ text }) => text).join("\n");
  return /(?:^|\n)(?:-d\n?|--delimiter[=\n])=(?:\n|$)/.test(words) &&
    /(?:^|\n)(?:-f\n?|--fields[=\n])1(?:\n|$)/.test(words);
}

/** Programs of awk and jq can read the environment themselves. */
function ofEnvironment(program: string, name: string): Stream | null {
  const reads = AWKS.has(name) ? /\bENVIRON\b/.test(program) : /\$ENV\b|(?<![\w.$"])env\b/.test(program);
  if (!reads) return null;
  const named = [
    ...program.matchAll(/(?:ENVIRON\s*\[\s*"(\w+)"|(?:\$ENV|env)\s*\.\s*(\w+)|\$ENV\["(\w+)"\])/g),
  ]
    .map(([, a, b, c]) => a ?? b ?? c ?? "");
  const whole = /\bin\s+ENVIRON\b/.test(program) && /ENVIRON\s*\[\s*\w+\s*\]/.test(program) ||
    !AWKS.has(name) && /(?:\$ENV|(?<![\w.$"])env)(?!\s*\.\s*\w|\s*\[|\w)(?!\s*\|\s*keys)/.test(program);
  const secret = named.find((variable) => findsSecret(variable));
  if (whole) return { text: null, secret: { code: "prints_environment", what: `\`${name}\`` } };
  return secret === undefined
    ? null
    : { text: null, secret: { code: "prints_variable", what: `$${secret}` } };
}

function findsSecret(variable: string): boolean {
  return findsSecretVariables(variable) && /KEY|TOKEN|SECRET|PASS|CRED|AUTH|PAT|DSN|URL/i.test(variable);
}

function runDd(args: readonly Field[], stdin: Stream, evaluation: Evaluation): Stream {
  const value = (key: string) => args.find(({ text }) => text.startsWith(`${key}=`));
  const from = value("if");
  const to = value("of");
  const input = from === undefined ? stdin : evaluation.readFile({ ...from, text: from.text.slice(3) });
  return to === undefined ? input : evaluation.writeFile({ ...to, text: to.text.slice(3) }, input);
}

/** Encodings are filters; of certificates and keys only what prints a private key. */
function runOpenssl(args: readonly Field[], stdin: Stream, evaluation: Evaluation): Stream {
  const words = args.map(({ text }) => text);
  const [verb = ""] = words;
  if (!/^(?:base64|enc|rsa|pkey|ec|pkcs8|pkcs12)$/.test(verb)) return ANYTHING;
  if (words.some((word) => /^-(?:noout|pubout|check|out)$/.test(word))) return ANYTHING;
  const at = words.indexOf("-in");
  const file = args[at + 1];
  const input = at < 0 || file === undefined ? stdin : evaluation.readFile(file);
  const decodes = words.includes("-d") &&
    (verb === "base64" || words.includes("-base64") || words.includes("-a"));
  return { text: decodes && input.text !== null ? decodeBase64(input.text) : null, secret: input.secret };
}

/** What becomes of a text that is known; null if that is not known. */
function transformed(name: string, args: readonly Field[], text: string): string | null {
  const flags = args.map((arg) => arg.text);
  switch (name) {
    case "cat":
    case "tee":
    case "bat":
    case "less":
    case "more":
    case "sponge":
    case "uniq":
    case "sort":
      return text;
    case "rev":
      return text.split("\n").map((line) => [...line].reverse().join("")).join("\n");
    case "base64":
      return flags.some((flag) => /^-[a-zA-Z]*[dD]|^--decode$/.test(flag)) ? decodeBase64(text) : null;
    case "xxd":
      return flags.some((flag) => /r/.test(flag)) ? fromHex(text) : null;
    case "tr":
      return translated(flags, text);
    case "sed":
    case "gsed": {
      const [, , from = "", to = ""] = /^s(.)([\w.-]*)\1([\w./-]*)\1g?$/.exec(flags.at(-1) ?? "") ?? [];
      return from === "" ? null : text.replaceAll(from, () => to);
    }
    case "head":
    case "tail":
      return flags.length === 0 ? text : null;
    default:
      return null;
  }
}

function fromHex(text: string): string | null {
  const digits = text.replaceAll(/\s/g, "");
  return /^(?:[0-9a-fA-F]{2})+$/.test(digits) ? new TextDecoder().decode(Uint8Array.fromHex(digits)) : null;
}

function translated(flags: readonly string[], text: string): string | null {
  const sets = flags.filter((flag) => !flag.startsWith("-")).map(spread);
  if (flags[0] === "-d") return [...text].filter((c) => !sets[0]?.includes(c)).join("");
  const [from, to] = sets;
  if (from === undefined || to === undefined || flags.length !== 2) return null;
  return [...text].map((c) => {
    const at = from.indexOf(c);
    return at < 0 ? c : to[Math.min(at, to.length - 1)] ?? "";
  }).join("");
}

/** `a-c` as `abc`. */
function spread(set: string): string[] {
  const written = set.replaceAll("[:upper:]", "A-Z").replaceAll("[:lower:]", "a-z").replaceAll("\\n", "\n");
  return [...written.replaceAll(/(.)-(.)/g, (_, a: string, b: string) => {
    const [first, last] = [a.charCodeAt(0), b.charCodeAt(0)];
    if (last < first || last - first > 200) return "";
    return String.fromCharCode(...Array.from({ length: last - first + 1 }, (_unused, i) => first + i));
  })];
}
