/**
 * Completion for Windows PowerShell 5.1 and PowerShell 7.
 *
 * Where nothing is offered PowerShell offers files, so they need no words of ours.
 *
 * @module
 */

import { NAME_KINDS } from "../spec.ts";
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
    $names = @{
${nodes.flatMap(nameKinds).join("\n")}
    }
    $path = ''
    $previous = ''
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        $previous = $element.Extent.Text
        if ($previous -eq '--') { $path = "$path --"; $previous = ''; break }
        $next = "$path $previous".Trim()
        if ($words.ContainsKey($next)) { $path = $next }
    }
    $word = "$wordToComplete".Trim("'", '"')
    $prefix = ''
    if ($word -match '^(--[a-z-]+)=(.*)$') {
        $previous = $Matches[1]
        $prefix = "$previous="
        $word = $Matches[2]
    }
    $place = "\${path}:$previous"
    # A list of one pair would be taken for the pair without @( ).
    $found = @(
        if ($values.ContainsKey($place)) { $values[$place] }
        elseif ($word -like '-*' -and $options.ContainsKey($path)) { $options[$path] }
        elseif ($words.ContainsKey($path)) { $words[$path] }
    )
    $found | Where-Object { $_[0].StartsWith($word, 'OrdinalIgnoreCase') } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new("$prefix$($_[0])", $_[0], 'ParameterValue', $_[1])
    }
    $kind = if ($names.ContainsKey($place)) { $names[$place] } elseif ($word -notlike '-*') { $names[$path] }
    if ($kind -and -not $values.ContainsKey($place)) {
        wispkey completions --names $kind 2>$null | Where-Object {
            $_ -and $_.StartsWith($word, 'OrdinalIgnoreCase')
        } | ForEach-Object {
            # A name may hold whatever PowerShell would run.
            $quoted = if ($_ -match '^[A-Za-z0-9_][A-Za-z0-9_.-]*$') { $_ }
                else { "'" + [System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'" }
            [System.Management.Automation.CompletionResult]::new("$prefix$quoted", $_, 'ParameterValue', $_)
        }
    }
}
`;
}

function table(key: string, words: readonly (readonly [string, string])[]): string {
  const entries = words.map(([word, summary]) => `,@(${quote(word)}, ${quote(summary)})`);
  // The leading comma makes each pair one element, also where there is only one.
  return `        ${quote(key)} = @(${entries.length === 0 ? "" : entries.join("; ")})`;
}

/** Values of options; empty for those of which nothing can be said, so that no words of a command stand in for them. */
function valueTables({ path, options }: CompletionNode): string[] {
  return options.filter(({ value }) => value !== "none" && !isNameKind(value)).map((option) =>
    table(`${path}:${option.long}`, option.values.map((value) => [value, option.summary]))
  );
}

function nameKinds({ path, more, options }: CompletionNode): string[] {
  const row = (key: string, kind: string) => `        ${quote(key)} = ${quote(kind)}`;
  return [
    ...more.filter(isNameKind).map((kind) => row(path, kind)),
    ...options.filter(({ value }) => isNameKind(value)).map(({ long, value }) =>
      row(`${path}:${long}`, value)
    ),
  ];
}

function isNameKind(value: string): boolean {
  return NAME_KINDS.some((kind) => kind === value);
}

/** In PowerShell's single quotes only quotes themselves are special, the curly ones too. */
function quote(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
}
