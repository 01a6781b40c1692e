/**
 * The interpreters and libraries that clients need, found or installed for the occasion.
 *
 * @module
 */

import { programVersion } from "../e2e/programs.ts";

/** Node's own way to a proxy by environment variables came with this version. */
const FIRST_WITH_PROXY = 24;

/** What there is. Paths are absolute, because clients get a home of their own. */
export interface Tools {
  /** Python with the modules that were installed for the occasion, or the machine's. */
  readonly python: string | null;
  /** Directory of Python's programs such as `aws`. */
  readonly pythonPrograms: string | null;
  /** The machine's Node. */
  readonly node: string | null;
  /** Node 24 or later. */
  readonly proxyNode: string | null;
  /** A `node_modules` directory. */
  readonly nodeModules: string | null;
  /** Go's cache of compiled packages, without which each use compiles the standard library. */
  readonly goCache: string | null;
}

/** The tools of this machine; nothing is installed. */
export async function findTools(): Promise<Tools> {
  const python = await programVersion("python3", "-c", "import sys; print(sys.executable)");
  const node = await programVersion("node", "-p", "process.execPath");
  return {
    python,
    pythonPrograms: null,
    node,
    proxyNode: await firstWithProxy(Deno.env.get("WISPKEY_TEST_NODE"), node),
    nodeModules: null,
    goCache: await programVersion("go", "env", "GOCACHE"),
  };
}

/** {@linkcode findTools}, and what npm and pip install into a directory; what they could not is in `failed`. */
export async function installTools(
  directory: string,
  wanted: { npm?: readonly string[]; pip?: readonly string[] },
): Promise<Tools & { failed: string[] }> {
  const tools = await findTools();
  const venv = `${directory}/venv`;
  const [npm, pip] = await Promise.all([
    wanted.npm === undefined ? "not wanted" : npmInstall(directory, wanted.npm),
    wanted.pip === undefined ? "not wanted" : pipInstall(venv, wanted.pip),
  ]);
  const failed: string[] = [];
  if (wanted.npm !== undefined && npm !== null) failed.push(`npm packages: ${npm}`);
  if (wanted.pip !== undefined && pip !== null) failed.push(`Python packages: ${pip}`);
  const nodeModules = npm === null ? `${directory}/node_modules` : null;
  return {
    ...tools,
    ...(pip === null ? { python: `${venv}/bin/python`, pythonPrograms: `${venv}/bin` } : {}),
    nodeModules,
    proxyNode: tools.proxyNode ?? await firstWithProxy(nodeModules && `${nodeModules}/node/bin/node`),
    failed,
  };
}

/** Installs packages; answers why it could not, or null. */
function npmInstall(directory: string, packages: readonly string[]): Promise<string | null> {
  const flags = ["--prefix", directory, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  return attempt("npm", "install", ...flags, ...packages);
}

/** Installs packages into a new virtual environment; answers why it could not, or null. */
async function pipInstall(venv: string, packages: readonly string[]): Promise<string | null> {
  return await attempt("python3", "-m", "venv", venv) ??
    await attempt(`${venv}/bin/pip`, "install", "--quiet", "--disable-pip-version-check", ...packages);
}

async function firstWithProxy(...candidates: (string | null | undefined)[]): Promise<string | null> {
  for (const path of candidates) {
    const version = path == null ? null : await programVersion(path, "--version");
    if (Number(version?.replace(/^v(\d+).*/s, "$1")) >= FIRST_WITH_PROXY) return path ?? null;
  }
  return null;
}

/** Runs a command that may fail; answers why it did, or null. */
async function attempt(command: string, ...args: string[]): Promise<string | null> {
  try {
    const { success, code, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(300_000),
    }).output();
    if (success) return null;
    const lines = new TextDecoder().decode(stderr).split("\n");
    return lines.find((line) => /error/i.test(line)) ?? `exit code ${code}`;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? `there is no ${command}` : String(error);
  }
}
