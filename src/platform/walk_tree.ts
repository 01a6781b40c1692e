/**
 * The files of a tree, in a fixed order, without following links, leaving out what the caller ignores.
 *
 * @module
 */

import { join } from "node:path";

/** A regular file of a tree. */
export interface TreeFile {
  /** Where it lies. */
  readonly path: string;
  /** The same from the root of the tree, with `/`. */
  readonly relative: string;
}

/** What a walk leaves out. */
export interface WalkOptions<State> {
  /** What holds at the root. */
  readonly state: State;
  /** What holds in a directory, given the names of its entries and what holds around it. */
  readonly enter: (directory: string, relative: string, names: readonly string[], around: State) => State;
  /** Whether an entry is left out. */
  readonly skip: (relative: string, name: string, isDirectory: boolean, state: State) => boolean;
  /** Told of each directory that cannot be read. */
  readonly unreadable: (path: string) => void;
}

/** Walks a directory. Links are never followed: what they point to is in the tree itself, or outside of it. */
export function* walkTree<State>(root: string, options: WalkOptions<State>): Generator<TreeFile, void> {
  yield* walk(root, "", options, options.state);
}

function* walk<State>(
  directory: string,
  relative: string,
  options: WalkOptions<State>,
  around: State,
): Generator<TreeFile, void> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(directory)];
  } catch {
    options.unreadable(directory);
    return;
  }
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  const state = options.enter(directory, relative, entries.map(({ name }) => name), around);
  for (const { name, isFile, isDirectory } of entries) {
    const path = join(directory, name);
    const below = relative === "" ? name : `${relative}/${name}`;
    if (!(isFile || isDirectory) || options.skip(below, name, isDirectory, state)) continue;
    if (isDirectory) yield* walk(path, below, options, state);
    else yield { path, relative: below };
  }
}

/** The bytes of a file, or null if it is larger than `maxBytes` or cannot be read. Synchronous: thousands are read. */
export function readSmallFile(path: string, maxBytes: number): Uint8Array<ArrayBuffer> | null {
  try {
    const { size, isFile } = Deno.statSync(path);
    return isFile && size <= maxBytes ? Deno.readFileSync(path) : null;
  } catch {
    return null; // It went away, or is not ours to read; the caller counts it.
  }
}

/** Whether a path is a directory; false if there is nothing. */
export function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether a path is a regular file; false if there is nothing. */
export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
