/**
 * Completion for bash 3.2 and later, without the bash-completion package.
 *
 * Names out of the vault may hold whatever a shell would run: they never come near `compgen -W`, which expands its words,
 * and are quoted before they reach the line.
 *
 * @module
 */

import { shellQuote } from "../../core/shell_quote.ts";
import type { CompletionNode, CompletionOption } from "./tree.ts";

/** The script. */
export function bashScript(nodes: readonly CompletionNode[]): string {
  return `# bash completion for wispkey
_wispkey_offer() {
  local word quoted= bare=
  case "$1" in
    file | program)
      # Before bash 4 nobody else quotes what is put into the line.
      compopt -o filenames 2>/dev/null && quoted=no
      while IFS= read -r word; do
        [[ $quoted == no ]] || printf -v word %q "$word"
        COMPREPLY+=("$word")
      done < <(compgen -f -- "$cur"; [[ $1 == file || $cur == */* ]] || compgen -c -- "$cur")
      ;;
    *)
      bare=\${cur#[\\'\\"]}
      while IFS= read -r word; do
        quoted=
        case "$cur" in
          \\'*) [[ $word == *\\'* ]] || quoted=$word ;;
          \\"*) [[ $word == *[\\"\\$\\\`\\\\!]* ]] || quoted=$word ;;
          *) printf -v quoted %q "$word" ;;
        esac
        if [[ -n $quoted && ( $word == "$bare"* || $quoted == "$cur"* ) ]]; then COMPREPLY+=("$quoted"); fi
      done < <(command wispkey completions --names "$1" 2>/dev/null </dev/null)
      ;;
  esac
}
_wispkey() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path= word i
  COMPREPLY=()
  # A word --option=value is three words here.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]//[\\"\\']/}
    if [[ $word == -- ]]; then path="$path --" prev=; break; fi
    case "$path $word" in
${nodes.filter((node) => isCommand(node)).map(pathCase).join("\n")}
    esac
  done
  case "$path:$prev" in
${nodes.flatMap(valueCases).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case "$path" in
${nodes.filter(({ options }) => options.length > 0).map(optionCase).join("\n")}
    esac
  else
    case "$path" in
${nodes.filter(({ words, more }) => words.length + more.length > 0).map(wordCase).join("\n")}
    esac
  fi
}
complete -F _wispkey wispkey
`;
}

function isCommand({ path }: CompletionNode): boolean {
  return path !== "" && !path.endsWith("--");
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
  if (option.value === "words") return reply(option.values);
  return option.value === "any" ? ":" : `_wispkey_offer ${option.value}`;
}

function optionCase({ path, options }: CompletionNode): string {
  return `      ${pattern(path)}) ${reply(options.map(({ long }) => long))} ;;`;
}

function wordCase({ path, words, more }: CompletionNode): string {
  const offers = more.map((kind) => `_wispkey_offer ${kind}`);
  if (words.length > 0) offers.unshift(reply(words.map(({ word }) => word)));
  return `      ${pattern(path)}) ${offers.join("; ")} ;;`;
}

function pattern(path: string): string {
  return path === "" ? "''" : shellQuote(path);
}

function reply(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${shellQuote(words.join(" "))} -- "$cur"))`;
}
