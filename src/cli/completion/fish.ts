/**
 * Completion for fish.
 *
 * @module
 */

import type { CompletionNode, CompletionOption } from "./tree.ts";

/** The script. */
export function fishScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter((node) => node.path !== "").map((node) => node.path);
  return `# fish completion for wispkey
function __wispkey_path
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l next (string join ' ' $path $word)
        switch $next
            case ${paths.map(quote).join(" ")}
                set path (string split ' ' $next)
        end
    end
    string join ' ' $path
end
function __wispkey_at
    test (__wispkey_path | string collect --allow-empty) = "$argv"
end
complete -c wispkey -f
${nodes.flatMap(nodeLines).join("\n")}
`;
}

function nodeLines(node: CompletionNode): string[] {
  const at = `complete -c wispkey -n ${quote(`__wispkey_at ${node.path}`.trim())}`;
  return [
    ...node.words.map(({ word, summary }) => `${at} -a ${quote(word)} -d ${quote(summary)}`),
    ...node.options.map((option) => `${at} ${optionWords(option)} -d ${quote(option.summary)}`),
  ];
}

function optionWords(option: CompletionOption): string {
  const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
  return `-l ${option.long.slice(2)}${short}${valueWords(option)}`;
}

function valueWords(option: CompletionOption): string {
  if (option.value === "none") return "";
  if (option.value === "words") return ` -x -a ${quote(option.values.join(" "))}`;
  return option.value === "file" ? " -r -F" : " -x";
}

/** In fish's single quotes only the backslash and the quote itself are special. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
