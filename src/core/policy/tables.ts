/**
 * Reads a TOML text that holds an array of tables and nothing else, with the place of each.
 *
 * @module
 */

import { parse as parseToml, TomlError } from "smol-toml";
import { kindOf, type Mistakes } from "./fields.ts";
import { didYouMean, quoted } from "./mistake.ts";
import { type TomlNode, tomlNodes } from "./positions.ts";

/** What a file holds. */
export interface TableKind {
  /** Key of the array: `policy`. */
  readonly key: string;
  /** The file, for messages: `a policy file`. */
  readonly file: string;
  /** One table, for messages: `policy`. */
  readonly one: string;
  /** Several, for messages: `policies`. */
  readonly many: string;
  /** Most tables. */
  readonly max: number;
}

/** One table and where it stands. */
export interface PlacedTable {
  /** Its content, whatever it is. */
  readonly table: unknown;
  /** Its place. */
  readonly node: TomlNode;
}

/** Reads the tables of a text; what is wrong is noted in `mistakes`, and then the result means nothing. */
export function readTables(text: string, kind: TableKind, mistakes: Mistakes): PlacedTable[] {
  const byteOrderMark = text.startsWith("\ufeff") ? 1 : 0;
  let document: Record<string, unknown>;
  try {
    document = parseToml(text.slice(byteOrderMark));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // A byte order mark was left out of what the parser counts.
    const column = error.column + (error.line === 1 ? byteOrderMark : 0);
    mistakes.atPosition({ line: error.line, column }, syntaxMessage(error));
    return [];
  }
  const header = `[[${kind.key}]]`;
  const root = tomlNodes(text.replace(/^\ufeff/, " "));
  for (const key of Object.keys(document)) {
    if (key === kind.key) continue;
    const message = didYouMean(key, [kind.key], `${kind.file} holds ${header} tables, nothing else`);
    mistakes.at(
      root.entries.get(key)?.key ?? 0,
      `unknown key ${quoted(key)}${message.replace(`'${kind.key}'`, `'${header}'`)}`,
    );
  }
  const tables = document[kind.key];
  const node = root.entries.get(kind.key);
  if (tables === undefined || node === undefined) return [];
  if (!Array.isArray(tables)) {
    mistakes.at(
      node.key,
      `'${kind.key}' is ${kindOf(tables)}: write ${header}, with two brackets, before each ${kind.one}`,
    );
    return [];
  }
  if (tables.length > kind.max) {
    mistakes.at(node.items[kind.max]?.key ?? 0, `more than ${kind.max} ${kind.many}`);
    return [];
  }
  return tables.map((table: unknown, i) => ({ table, node: node.items[i] ?? node }));
}

/** The parser's own words in one line, without its picture of the place. */
function syntaxMessage(error: TomlError): string {
  const [line = ""] = error.message.split("\n");
  return line.replace(/^Invalid TOML document: /, "");
}
