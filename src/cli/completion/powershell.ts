/**
 * Completion for Windows PowerShell 5.1 and PowerShell 7.
 *
 * @module
 */

import type { CompletionNode } from "./tree.ts";

/** The script. */
export function powershellScript(nodes: readonly CompletionNode[]): string {
  return `# PowerShell completion for wispkey
Register-ArgumentCompleter -Native -CommandName wispkey -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @{
${nodes.map((node) => table(node.path, node.words.map(({ word, summary }) => [word, summary]))).join("\n")}
    }
    $options = @{
${nodes.map((node) => table(node.path, node.options.map(({ long, summary }) => [long, summary]))).join("\n")}
    }
    $values = @{
${nodes.flatMap(valueTables).join("\n")}
    }
    $path = ''
    $previous = ''
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
        $previous = $element.Extent.Text
        $next = "$path $previous".Trim()
        if ($words.ContainsKey($next)) { $path = $next }
    }
    $found = if ($values.ContainsKey("\${path}:$previous")) { $values["\${path}:$previous"] }
        elseif ($wordToComplete -like '-*') { $options[$path] }
        else { $words[$path] }
    $found | Where-Object { $_[0] -like "$wordToComplete*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
    }
}
`;
}

function table(key: string, words: readonly (readonly [string, string])[]): string {
  const entries = words.map(([word, summary]) => `,@(${quote(word)}, ${quote(summary)})`);
  // The leading comma makes each pair one element, also where there is only one.
  return `        ${quote(key)} = @(${entries.length === 0 ? "" : entries.join("; ")})`;
}

function valueTables({ path, options }: CompletionNode): string[] {
  return options.filter((option) => option.value === "words").map((option) =>
    table(`${path}:${option.long}`, option.values.map((value) => [value, option.summary]))
  );
}

/** In PowerShell's single quotes only the quote itself is special. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
