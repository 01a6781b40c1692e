/**
 * Completion for bash 3.2 and later, without the bash-completion package.
 *
 * @module
 */

import { shellQuote } from "../../core/shell_quote.ts";
import type { CompletionNode, CompletionOption } from "./tree.ts";

/** The script. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  return `# bash completion for wispkey
_wispkey() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$path $word" in
${nodes.filter((node) => node.path !== "").map(pathCase).join("\n")}
    esac
  done
  case "$path:$prev" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case "$path" in
${nodes.map((node) => replyCase(node, node.options.map((option) => option.long))).join("\n")}
    esac
  else
    case "$path" in
${nodes.map((node) => replyCase(node, node.words.map(({ word }) => word))).join("\n")}
    esac
  fi
}
complete -F _wispkey wispkey
`;
}

function pathCase({ path }: CompletionNode): string {
  const words = path.split(" ");
  const before = words.slice(0, -1).join(" ");
  return `      ${shellQuote(`${before} ${words.at(-1)}`)}) path=${shellQuote(path)} ;;`;
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options.filter((option) => option.value !== "none").map((option) =>
    `    ${shellQuote(`${path}:${option.long}`)}) ${valueReply(option)}; return ;;`
  );
}

function valueReply(option: CompletionOption): string {
  if (option.value === "words") {
    return `COMPREPLY=($(compgen -W ${shellQuote(option.values.join(" "))} -- "$cur"))`;
  }
  return option.value === "file" ? `COMPREPLY=($(compgen -f -- "$cur"))` : ":";
}

function replyCase({ path }: CompletionNode, words: readonly string[]): string {
  const pattern = path === "" ? "''" : shellQuote(path);
  return `      ${pattern}) COMPREPLY=($(compgen -W ${quoteWords(words)} -- "$cur")) ;;`;
}

/** An empty list still needs its quotes. */
function quoteWords(words: readonly string[]): string {
  return words.length === 0 ? "''" : shellQuote(words.join(" "));
}
