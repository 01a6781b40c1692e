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
_wispkey() {
  local place='' word i
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case "$place $word" in
${nodes.filter((node) => node.path !== "").map(pathCase).join("\n")}
    esac
  done
  case "$place:\${words[CURRENT-1]}" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  local -a found
  if [[ "\${words[CURRENT]}" == -* ]]; then
    case "$place" in
${nodes.map((node) => described(node, node.options.map(({ long, summary }) => [long, summary]))).join("\n")}
    esac
  else
    case "$place" in
${nodes.map((node) => described(node, node.words.map(({ word, summary }) => [word, summary]))).join("\n")}
    esac
  fi
  _describe 'wispkey' found
}
if [ "\${funcstack[1]}" = _wispkey ]; then
  _wispkey "$@"
else
  compdef _wispkey wispkey
fi
`;
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
  return option.value === "file" ? "_files" : ":";
}

function described({ path }: CompletionNode, words: readonly (readonly [string, string])[]): string {
  const pattern = path === "" ? "''" : shellQuote(path);
  // In a description list a colon parts the word from its text; backslash escapes it.
  const entries = words.map(([word, summary]) =>
    shellQuote(`${word.replaceAll(":", "\\:")}:${summary.replaceAll("\\", "\\\\")}`)
  );
  return `      ${pattern}) found=(${entries.join(" ")}) ;;`;
}
