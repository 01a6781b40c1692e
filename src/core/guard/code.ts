/**
 * What a line of Python, JavaScript, Perl, Ruby or PHP prints of the environment or of files with secrets. Not a parser of
 * these languages: it looks for what is printed, and whether the environment stands in it.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import { decodeBase64 } from "./literals.ts";
import { isSecretFile, isSecretVariable } from "./secret_names.ts";

/** What was found in code. */
export interface CodeReport {
  /** The objection, if there is one. */
  readonly finding: Finding | null;
  /** Shell scripts that the code runs. */
  readonly scripts: readonly string[];
}

const DEEPEST = 3;

/** One variable by its name; the name is in one of the groups. */
const NAMED =
  /(?:\benviron(?:b)?\s*(?:\[\s*b?|\.(?:get|pop|setdefault|__getitem__)\(\s*b?)["'](\w+)["']\s*[\])]?|\bgetenvb?\(\s*["'](\w+)["'][^()]*\)|process\.env(?:\?)?\.(\w+)|process\.env\[\s*["'`](\w+)["'`]\s*\]|\.env\.get\(\s*["'](\w+)["']\s*\)|(?:Bun|import\.meta)\.env\.(\w+)|\$ENV\{\s*["']?(\w+)["']?\s*\}|\bENV(?:\[\s*|\.fetch\(\s*)["'](\w+)["']\s*[\])]?|\$_(?:ENV|SERVER)\[\s*["'](\w+)["']\s*\]|Sys\.getenv\(\s*["'](\w+)["']\s*\))/g;
/** All of it. */
const WHOLE =
  /\benviron(?:b)?\b(?!\s*(?:\[\s*b?["']|\.(?:get|pop|setdefault|update|keys|__contains__)\b))|process\.env\b(?!\s*(?:\??\.\w|\[\s*["'`]))|Deno\.env\.toObject\(\)|Bun\.env\b(?!\s*[.[])|import\.meta\.env\b(?!\s*[.[])|%ENV\b|\$ENV\{\s*\$|\bENV\b(?=\.(?:to_h|to_a|each|map|inspect|values|sort|select|entries)|\s*[),;}]|\s*$|\[\s*[a-z_])|\bgetenv\(\s*\)|\$_(?:ENV|SERVER)\b(?!\s*\[)|["']environ["']|Sys\.getenv\(\s*\)|\benv\b(?=\(\)\s*\|)/;
/** All values, one after another. */
const ALL_VALUES =
  /\benviron\.(?:items|values)\(\)|Object\.(?:entries|values)\(\s*process\.env|\bENV\.(?:each|map|values|to_h|inspect)|\bfor\b[^\n]*(?:%ENV|in\s+process\.env)[\s\S]*(?:\$ENV\{|\[\w+\])/;
const NAMES_ONLY =
  /\b(?:list|sorted|len|set|tuple|iter)\(\s*(?:os\.)?environ\s*\)|Object\.keys\(\s*process\.env\s*\)(?:\.\w+(?:\([^()]*\))?)*|(?:os\.)?environ\.keys\(\)|\bkeys\s+%ENV\b|\bENV\.keys\b|\b(?:not\s+)?in\s+(?:os\.)?environ\b(?!\s*\.)|\bexists\s+\$ENV\{\w+\}|["'`]\w+["'`]\s+in\s+process\.env/g;
const PASSED_ON =
  /\benv\s*[=:]\s*(?:\{\s*)?(?:\*\*|\.\.\.|dict\(\s*)?(?:os\.environ(?:\.copy\(\))?|process\.env)|\{\s*(?:\*\*\s*os\.environ|\.\.\.\s*process\.env)/g;
const OUTPUT =
  /(?:\b(?:print|printf|println|pprint|pp|puts|say|print_r|var_dump|var_export|echo|IO\.puts|cat)\b|\b(?:console\.(?:log|error|info|warn|debug|dir|table)|process\.stdout\.write|sys\.std(?:out|err)\.write|Deno\.std(?:out|err)\.write(?:Sync)?|os\.write|\w+\.write|write_text|writeFileSync|writeFile|writeTextFile(?:Sync)?|STDOUT\.\w+|\$std(?:out|err)\.\w+|exit|raise|throw|Bun\.write|logging\.\w+)|(?<![\w.])p)\s*(?=[\s("'$%@{A-Z])/g;
/** What sends: all of the environment goes nowhere, while one key in a request is its ordinary use. */
const SENDING = /\b(?:fetch|urlopen|requests\.\w+|httpx\.\w+|axios(?:\.\w+)?|sendall|send)\s*(?=\()/g;
const READS =
  /\bopen\s*\(|readFile(?:Sync)?|readTextFile(?:Sync)?|read_text|read_bytes|File\.(?:read|open|readlines|foreach)|IO\.read(?:lines)?|file_get_contents|\breadfile\(|\bfile\(|fileinput|\bslurp\b|Bun\.file|linecache|dotenv_values|createReadStream/;
const SHELL_CALL =
  /\b(?:system|popen\d?|exec(?:Sync|File|FileSync)?|spawn(?:Sync)?|execlp?|execvp?e?|check_output|check_call|getoutput|getstatusoutput|Popen|subprocess\.\w+|shell_exec|passthru|proc_open|IO\.popen|Open3\.\w+|run|qx|output)\b\s*\(?\s*\[?\s*f?(["'`])((?:\\.|(?!\1)[\s\S])*)\1([^)\]]*)/g;
/** Calls that use what they are given and do not show it, and tests. */
const USES =
  /\b(?:len|bool|Boolean|type|isinstance|defined|OpenAI|Anthropic|sha256|md5|createHash|\w*[cC]lient|requests\.\w+|httpx\.\w+|axios(?:\.\w+)?|fetch|urlopen|Request|load|connect|\w*[cC]onnect)\s*\(/g;

/**
 * Looks at code.
 *
 * @param language the interpreter's name; Perl, Ruby and PHP run what stands in backquotes
 */
export function examineCode(source: string, language: string, depth = 0): CodeReport {
  const code = folded(source);
  const scripts = shellScripts(code, language);
  const finding = ofEnvironment(code) ?? ofFiles(code);
  if (finding !== null || depth >= DEEPEST) return { finding, scripts };
  for (const inner of encoded(code)) {
    const report = examineCode(inner, language, depth + 1);
    if (report.finding !== null) return report;
    scripts.push(...report.scripts);
  }
  return { finding: null, scripts };
}

/** Strings that are put together from pieces, and members by their quoted names. */
function folded(source: string): string {
  return source
    .replaceAll(/(["'`])\s*\+\s*\1/g, "")
    .replaceAll(/\b(process|globalThis|os|Deno|Bun)\s*\[\s*["'`](\w+)["'`]\s*\]/g, "$1.$2")
    .replaceAll(/\bglobalThis\./g, "")
    .replaceAll(
      /(["'])((?:\\x[0-9a-fA-F]{2}){3,})\1/g,
      (_, quote: string, text: string) =>
        quote + text.replaceAll(/\\x(..)/g, (_whole, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16))) +
        quote,
    );
}

function ofEnvironment(source: string): Finding | null {
  const code = source.replaceAll(NAMES_ONLY, " ").replaceAll(PASSED_ON, " ");
  const tainted = taintedNames(code);
  const outputs = argumentsOf(code, OUTPUT);
  if (argumentsOf(code, SENDING).some((text) => WHOLE.test(text))) {
    return { code: "prints_environment", what: "this code" };
  }
  for (const text of outputs) {
    const left = withoutUses(text);
    if (WHOLE.test(left)) return { code: "prints_environment", what: "this code" };
    const named = namesIn(left).find(isSecretVariable);
    if (named !== undefined) return { code: "prints_variable", what: `$${named}` };
    for (const [name, finding] of tainted) {
      if (new RegExp(`(?<![\\w.])${name}(?!\\w|\\s*=[^=])`).test(withoutQuotes(left))) return finding;
    }
  }
  // Going through all of it, whatever the line says that prints.
  return outputs.length > 0 && ALL_VALUES.test(code)
    ? { code: "prints_environment", what: "this code" }
    : null;
}

/** Names that are given a secret of the environment, or all of it. */
function taintedNames(code: string): Map<string, Finding> {
  const names = new Map<string, Finding>();
  for (const [, name = "", value = ""] of code.matchAll(/[$@%]?\b(\w+)\s*(?<![=!<>])=(?!=)\s*([^;\n]+)/g)) {
    const left = withoutUses(value);
    const secret = namesIn(left).find(isSecretVariable);
    if (secret !== undefined) names.set(name, { code: "prints_variable", what: `$${secret}` });
    else if (WHOLE.test(left)) names.set(name, { code: "prints_environment", what: "this code" });
  }
  for (const [, inner = ""] of code.matchAll(/\{([^{}]*)\}\s*=\s*process\.env\b/g)) {
    for (const word of inner.split(",")) {
      const [name = "", alias = name] = word.trim().split(/\s*:\s*/);
      if (isSecretVariable(name)) names.set(alias, { code: "prints_variable", what: `$${name}` });
    }
  }
  return names;
}

function namesIn(code: string): string[] {
  return [...code.matchAll(NAMED)].map((groups) =>
    groups.slice(1).find((group) => group !== undefined) ?? ""
  );
}

/** What stands behind each of those words: its arguments, else the rest of the statement. */
function argumentsOf(code: string, words: RegExp): string[] {
  return [...code.matchAll(words)].map((match) => {
    const start = match.index + match[0].length;
    if (code[start] === "(") return code.slice(start, closing(code, start));
    return /^[^;\n]*/.exec(code.slice(start))?.[0] ?? "";
  });
}

/** One past the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === "(") depth++;
    else if (code[at] === ")" && --depth === 0) return at + 1;
  }
  return code.length;
}

/** Without calls that keep what they get, comparisons, and choices between two texts. */
function withoutUses(text: string): string {
  let left = text;
  for (const match of [...text.matchAll(USES)].reverse()) {
    const open = match.index + match[0].length - 1;
    left = left.slice(0, match.index) + " " + left.slice(Math.max(closing(text, open), match.index + 1));
  }
  return left
    .replaceAll(new RegExp(`(?:!!|\\bnot\\s+)\\s*(?:os\\.)?${NAMED.source}`, "g"), " ")
    .replaceAll(
      new RegExp(
        `(?:os\\.)?${NAMED.source}\\s*(?:is\\s+(?:not\\s+)?None|[!=]==?\\s*\\S+|\\?\\.length|\\.length|\\?\\s*["'\`][^"'\`]*["'\`]\\s*:)`,
        "g",
      ),
      " ",
    )
    .replaceAll(new RegExp(`\\bif\\s+(?:os\\.)?${NAMED.source}\\s*else\\b`, "g"), " ");
}

function withoutQuotes(text: string): string {
  // In f-strings and templates a name in braces is code.
  return text.replaceAll(
    /(["'])((?:\\.|(?!\1).)*)\1/g,
    (_, _quote: string, inner: string) =>
      [...inner.matchAll(/[#$]?\{([^{}]*)\}|[$@](\w+)/g)].map(([, braced, plain]) => ` ${braced ?? plain} `)
        .join(""),
  );
}

function ofFiles(code: string): Finding | null {
  if (!READS.test(code) || argumentsOf(code, OUTPUT).length === 0) return null;
  for (const [, , text = ""] of code.matchAll(/(["'`])((?:\\.|(?!\1).){1,200})\1/g)) {
    if (isSecretFile(text)) return { code: "prints_file", what: text.slice(text.lastIndexOf("/") + 1) };
  }
  return null;
}

function shellScripts(code: string, language: string): string[] {
  const scripts = [...code.matchAll(SHELL_CALL)].map(([call, , first = "", rest = ""]) => {
    // More arguments: in a list, or nothing but texts; what else follows are options.
    const isList = /\[\s*f?["'`]/.test(call) || /^(?:\s*,\s*(?:"[^"]*"|'[^']*'))+\s*$/.test(rest);
    const words = isList ? [...rest.matchAll(/(["'])((?:\\.|(?!\1).)*)\1/g)] : [];
    return [first.replaceAll(/\\(["'`])/g, "$1"), ...words.map(([, , word = ""]) => `'${word}'`)].join(" ");
  });
  if (/^(?:perl|ruby|php)$/.test(language)) {
    for (const [, script = ""] of code.matchAll(/`([^`]*)`/g)) scripts.push(script);
    for (const [, script = ""] of code.matchAll(/%x[({[]([^)}\]]*)[)}\]]/g)) scripts.push(script);
  }
  return scripts;
}

/** Texts in Base64 or hexadecimal. */
function encoded(code: string): string[] {
  const texts: string[] = [];
  for (const [, , word = ""] of code.matchAll(/(["'`])([A-Za-z0-9+/_-]{12,}={0,2})\1/g)) {
    const text = /^(?:[0-9a-f]{2})+$/i.test(word)
      ? new TextDecoder().decode(Uint8Array.fromHex(word))
      : decodeBase64(word);
    if (text !== null) texts.push(text);
  }
  return texts;
}
