/**
 * The formats of sources: which one a file is in, and what stands in it.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import { readCsv } from "./csv.ts";
import { readDotenv } from "./dotenv.ts";
import { readGitCredentials } from "./git_credentials.ts";
import { readIni } from "./ini.ts";
import { readJson } from "./json.ts";
import { readNetrc } from "./netrc.ts";
import { readNpmrc } from "./npmrc.ts";
import { type Format, FORMATS, type Reader, type SourceEntry } from "./types.ts";
import { readYaml } from "./yaml.ts";

export { type Format, FORMATS, type SourceEntry };

const READERS: Readonly<Record<Format, Reader>> = {
  dotenv: readDotenv,
  json: readJson,
  yaml: readYaml,
  ini: readIni,
  npmrc: readNpmrc,
  netrc: readNetrc,
  "git-credentials": readGitCredentials,
  csv: readCsv,
};

const BY_NAME: readonly (readonly [RegExp, Format])[] = [
  [/^\.?npmrc$/, "npmrc"],
  [/^\.?pypirc$/, "ini"],
  [/^[._]?netrc$/, "netrc"],
  [/^\.?git-credentials$/, "git-credentials"],
  [/^\.env(?:rc)?$|^\.env\.|\.env$|^\.dev\.vars$|\.env\.[\w.-]+$/, "dotenv"],
  [/\.jsonc?$|^\.dockerconfigjson$/, "json"],
  [/\.ya?ml$/, "yaml"],
  [/\.csv$/, "csv"],
  [/\.(?:ini|cfg|conf|toml)$/, "ini"],
];

const BY_CONTENT: readonly (readonly [RegExp, Format])[] = [
  [/^\ufeff?\s*[{[]\s*(?:["{[}\]]|$)/, "json"],
  [/^\s*(?:#[^\n]*\n\s*)*(?:machine\s+\S+|default)\s+(?:login|password|account)\s/, "netrc"],
  [/^\s*https?:\/\/[^\s:/@]*:[^\s/@]+@[^\s/@]+\s*$/m, "git-credentials"],
  [/^\s*\/\/[^\s=]+:_(?:authToken|auth|password)\s*=/m, "npmrc"],
  [/^\s*(?:[#;][^\n]*\n\s*)*\[[^\]\n]+\]\s*$/m, "ini"],
  [/^\s*(?:export\s+)?[\w.-]+\s*=/m, "dotenv"],
  [/^---\s*$|^[\w.-]+:(?:\s|$)/m, "yaml"],
];

/**
 * The format of a source, by the name of its file, else by what stands in it.
 *
 * @param path the file; only its last part is looked at
 * @throws {FailedError} `unknown_format`.
 */
export function detectFormat(path: string, text: string): Format {
  const base = path.split(/[\\/]/).at(-1)?.toLowerCase() ?? "";
  const found = BY_NAME.find(([name]) => name.test(base)) ??
    BY_CONTENT.find(([content]) => content.test(text.slice(0, 64 * 1024)));
  if (found !== undefined) return found[1];
  throw new FailedError("cannot tell the format of the source", {
    code: "unknown_format",
    hint: `say it with --as: ${FORMATS.join(", ")}`,
  });
}

/** Reads a source in a format. */
export async function readSource(format: Format, text: string): Promise<SourceEntry[]> {
  return await READERS[format](text);
}
