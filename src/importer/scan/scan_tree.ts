/**
 * Scans the files of a tree.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "node:path";
import { isDirectory, readSmallFile, walkTree } from "../../platform/walk_tree.ts";
import { IgnoreRules } from "./gitignore.ts";
import { type Finding, isBareFile, isBinary, scanBytes } from "./scanner.ts";

/** A secret in a file or in a commit. */
export interface LocatedFinding extends Finding {
  /** The file: as the root was named, or from the root of the repository. */
  readonly path: string;
  /** The commit that added it, for what was found in a history. */
  readonly commit?: string;
}

/** How a tree is scanned. */
export interface ScanOptions {
  /** Whether files that git ignores are scanned too. */
  readonly ignored: boolean;
  /** Told now and then how many files were looked at. */
  readonly progress: (files: number) => void;
}

/** What a scan found, and what it looked at. */
export interface ScanResult {
  /** The secrets, in the order of their files. */
  readonly findings: LocatedFinding[];
  /** Files that were read. */
  files: number;
  /** Bytes that were read. */
  bytes: number;
  /** Files and directories that were too large, or could not be read. */
  unread: number;
}

const IGNORE_FILE = ".gitignore";
/** Larger files are data, bytes. */
const MAX_FILE = 16 * 1024 * 1024;
/** Between two reports of progress. */
const PROGRESS_FILES = 2_000;
/** Never of interest: git's own data, and what package managers fetched. */
const NEVER = new Set([".git", ".hg", ".svn", "node_modules"]);

/** Scans a file, or all files below a directory. */
export function scanTree(root: string, options: ScanOptions): ScanResult {
  const result: ScanResult = { findings: [], files: 0, bytes: 0, unread: 0 };
  if (!isDirectory(root)) {
    scanFile(root, root, result);
    return result;
  }
  const top = resolve(root);
  const repository = options.ignored ? null : repositoryOf(top);
  const prefix = repository === null ? "" : relative(repository, top).replaceAll("\\", "/");
  const inRepository = (path: string) => prefix === "" ? path : path === "" ? prefix : `${prefix}/${path}`;
  const files = walkTree<IgnoreRules | null>(top, {
    state: options.ignored ? null : rulesAbove(repository, top),
    enter: (directory, below, names, around) =>
      options.ignored || !names.includes(IGNORE_FILE)
        ? around
        : rulesIn(directory, inRepository(below), around),
    skip: (below, name, isFolder, rules) =>
      (isFolder && NEVER.has(name)) || (rules?.ignores(inRepository(below), isFolder) ?? false),
    unreadable: () => result.unread++,
  });
  for (const file of files) {
    scanFile(file.path, root === "." ? file.relative : join(root, file.relative), result);
    if (result.files % PROGRESS_FILES === 0) options.progress(result.files);
  }
  return result;
}

function scanFile(path: string, shown: string, result: ScanResult): void {
  const bytes = readSmallFile(path, MAX_FILE);
  if (bytes === null) {
    result.unread++;
    return;
  }
  result.files++;
  result.bytes += bytes.length;
  if (isBinary(bytes)) return;
  for (const finding of scanBytes(bytes, isBareFile(shown))) {
    result.findings.push({ ...finding, path: shown });
  }
}

/** The root of the repository that a directory belongs to; the directory itself if it belongs to none. */
function repositoryOf(directory: string): string {
  for (let at = directory;;) {
    if (isDirectory(join(at, ".git"))) return at;
    const parent = dirname(at);
    if (parent === at) return directory;
    at = parent;
  }
}

/** What holds above the scanned directory: the repository's own list and the files on the way down. */
function rulesAbove(repository: string | null, top: string): IgnoreRules | null {
  if (repository === null) return null;
  let rules = rulesOf(join(repository, ".git", "info", "exclude"), "", null);
  const steps = relative(repository, top).split(/[\\/]/).filter((step) => step !== "");
  for (const [index] of steps.entries()) {
    const base = steps.slice(0, index).join("/");
    rules = rulesIn(join(repository, ...steps.slice(0, index)), base, rules);
  }
  return rules;
}

function rulesIn(directory: string, base: string, around: IgnoreRules | null): IgnoreRules | null {
  return rulesOf(join(directory, IGNORE_FILE), base, around);
}

function rulesOf(path: string, base: string, around: IgnoreRules | null): IgnoreRules | null {
  const bytes = readSmallFile(path, 1024 * 1024);
  return bytes === null ? around : new IgnoreRules(new TextDecoder().decode(bytes), base, around);
}
