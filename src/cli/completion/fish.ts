/**
 * Completion for fish.
 *
 * @module
 */

import type { CompletionNode, CompletionOption } from "./tree.ts";

/** The script. */
export function fishScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.map(({ path }) => path).filter((path) => path !== "" && !path.endsWith("--"));
  return `# fish completion for wispkey
function __wispkey_path
    set -l path
    for word in (commandline -opc)[2..-1]
        if test "$word" = --
            set path $path --
            break
        end
        # Words of the line may begin with a dash, which string would take for its own option.
        set -l next (string join -- ' ' $path $word)
        switch "$next"
            case ${paths.map(quote).join(" ")}
                set path (string split -- ' ' $next)
        end
    end
    string join -- ' ' $path
end
function __wispkey_at
    test (__wispkey_path | string collect --allow-empty) = "$argv"
end
function __wispkey_names
    # fish quotes what is offered, but for a tilde at its begin.
    command wispkey completions --names $argv[1] 2>/dev/null </dev/null | string match -v -- '~*'
end
function __wispkey_programs
    complete -C -- (commandline -ct)
end
complete -c wispkey -f
${nodes.flatMap(nodeLines).join("\n")}
`;
}

function nodeLines(node: CompletionNode): string[] {
  const at = `complete -c wispkey -n ${quote(`__wispkey_at ${node.path}`.trim())}`;
  return [
    ...node.words.map(({ word, summary }) => `${at} -a ${quote(word)} -d ${quote(summary)}`),
    ...node.more.map((kind) => `${at}${offer(kind)}`),
    ...node.options.map((option) => `${at} ${optionWords(option)} -d ${quote(option.summary)}`),
  ];
}

function offer(kind: CompletionNode["more"][number]): string {
  if (kind === "file") return " -F";
  return kind === "program" ? ` -F -a '(__wispkey_programs)'` : ` -a '(__wispkey_names ${kind})'`;
}

function optionWords(option: CompletionOption): string {
  const short = option.short === undefined ? "" : ` -s ${option.short.slice(1)}`;
  return `-l ${option.long.slice(2)}${short}${valueWords(option)}`;
}

function valueWords({ value, values }: CompletionOption): string {
  if (value === "none") return "";
  if (value === "any") return " -x";
  if (value === "words") return ` -x -a ${quote(values.join(" "))}`;
  return value === "file" ? " -r -F" : ` -x${offer(value)}`;
}

/** In fish's single quotes only the backslash and the quote itself are special. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
