/**
 * Reads back what `deno compile` put into an executable, so that a test can say what ships.
 *
 * @module
 */

/** What an executable carries. */
export interface Embedded {
  /** Path of the entry module among its files. */
  readonly entrypoint: string;
  /** Name of the program. */
  readonly name: string;
  /** Version, from `deno.json`. */
  readonly version: string;
  /** Whether Deno would ask for permissions that were not given. */
  readonly prompt: boolean;
  /** Whether it loads compiled code from a file outside itself. */
  readonly codeCache: boolean;
  /** Permission kind → what it is limited to; an empty list is no limit. */
  readonly permissions: Readonly<Record<string, readonly string[]>>;
  /** Paths of all embedded files, sorted. */
  readonly files: readonly string[];
}

/** The JSON value that begins at `start` of a text with other bytes around it. */
function jsonAt(text: string, start: number): unknown {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") depth++;
    else if ((character === "}" || character === "]") && --depth === 0) {
      return JSON.parse(text.slice(start, at + 1));
    }
  }
  throw new Error("the embedded JSON has no end");
}

interface Metadata {
  entrypoint_key: string;
  app_name: string;
  app_version: string;
  code_cache_key: string | number | null;
  permissions: Record<string, unknown>;
}

type Entry = { Dir: { n: string; e: Entry[] } } | { File: { n: string } } | { Symlink: { n: string } };

function paths(entries: readonly Entry[], parent: string): string[] {
  return entries.flatMap((entry) => {
    if ("Dir" in entry) return paths(entry.Dir.e, `${parent}${entry.Dir.n}/`);
    return [`${parent}${"File" in entry ? entry.File.n : entry.Symlink.n}`];
  });
}

/**
 * Reads an executable.
 *
 * @throws {Error} if it was not made by `deno compile`.
 */
export function readEmbedded(executable: Uint8Array): Embedded {
  const text = new TextDecoder("latin1").decode(executable);
  const start = text.lastIndexOf('{"argv":');
  const tree = text.indexOf('[{"', start);
  if (start < 0 || tree < 0) throw new Error("no metadata of deno compile in this file");
  const metadata = jsonAt(text, start) as Metadata;
  const listing = text.slice(start).search(/\[\{"(?:Dir|File|Symlink)":/);
  const permissions = Object.entries(metadata.permissions).flatMap(([name, limits]) =>
    name.startsWith("allow_") && Array.isArray(limits)
      ? [[name.slice("allow_".length), limits as string[]]]
      : []
  );
  return {
    entrypoint: metadata.entrypoint_key,
    name: metadata.app_name,
    version: metadata.app_version,
    prompt: metadata.permissions["prompt"] === true,
    codeCache: metadata.code_cache_key !== null,
    permissions: Object.fromEntries(permissions),
    files: paths(jsonAt(text, start + listing) as Entry[], "").sort(),
  };
}
