/**
 * Completion for zsh, as an autoloaded function or through `eval`.
 *
 * @module
 */

import { shellQuote } from "../../core/shell_quote.ts";
import type { CompletionNode, CompletionOption } from "./tree.ts";

/** The script. */
export function zshScript(nodes: readonly CompletionNode[]): string {
  return `#compdef wispkey
# zsh completion for wispkey
_wispkey_offer() {
  case "$1" in
    file) _files ;;
    program) _alternative 'commands:program:_command_names -e' 'files:file:_files' ;;
    *)
      # What compadd offers it also quotes.
      local -a names=("\${(@f)$(command wispkey completions --names "$1" 2>/dev/null </dev/null)}")
      names=("\${(@)names:#}")
      compadd -a names
      ;;
  esac
}
_wispkey() {
  local place='' previous word i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${(Q)words[i]}
    if [[ "$word" == -- ]]; then place="$place --"; break; fi
    case "$place $word" in
${nodes.filter((node) => isCommand(node)).map(pathCase).join("\n")}
    esac
  done
  previous=\${(Q)words[CURRENT-1]}
  if [[ "$place" == *-- ]]; then previous=''
  elif [[ "$PREFIX" == --*=* ]]; then previous=\${PREFIX%%=*}; compset -P '*='
  fi
  case "$place:$previous" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  local -a found
  if [[ "$PREFIX" == -* ]]; then
    case "$place" in
${nodes.filter(({ options }) => options.length > 0).map(optionCase).join("\n")}
    esac
  else
    case "$place" in
${nodes.filter(({ words, more }) => words.length + more.length > 0).map(wordCase).join("\n")}
    esac
  fi
  (( $#found )) && _describe 'wispkey' found
}
if [ "\${funcstack[1]}" = _wispkey ]; then
  _wispkey "$@"
else
  compdef _wispkey wispkey
fi
`;
}

function isCommand({ path }: CompletionNode): boolean {
  return path !== "" && !path.endsWith("--");
}

function pathCase({ path }: CompletionNode): string {
  const words = path.split(" ");
  const before = words.slice(0, -1).join(" ");
  return `      ${shellQuote(`${before} ${words.at(-1)}`)}) place=${shellQuote(path)} ;;`;
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options.filter((option) => option.value !== "none").map((option) =>
    `    ${shellQuote(`${path}:${option.long}`)}) ${valueReply(option)}; return ;;`
  );
}

function valueReply(option: CompletionOption): string {
  if (option.value === "words") return `compadd -- ${option.values.map(shellQuote).join(" ")}`;
  return option.value === "any" ? ":" : `_wispkey_offer ${option.value}`;
}

function optionCase({ path, options }: CompletionNode): string {
  return `      ${pattern(path)}) ${described(options.map(({ long, summary }) => [long, summary]))} ;;`;
}

function wordCase({ path, words, more }: CompletionNode): string {
  const offers = more.map((kind) => `_wispkey_offer ${kind}`);
  if (words.length > 0) offers.unshift(described(words.map(({ word, summary }) => [word, summary])));
  return `      ${pattern(path)}) ${offers.join("; ")} ;;`;
}

function pattern(path: string): string {
  return path === "" ? "''" : shellQuote(path);
}

function described(words: readonly (readonly [string, string])[]): string {
  // In a description list a colon parts the word from its text; backslash escapes it.
  const entries = words.map(([word, summary]) =>
    shellQuote(`${word.replaceAll(":", "\\:")}:${summary.replaceAll("\\", "\\\\")}`)
  );
  return `found=(${entries.join(" ")})`;
}
