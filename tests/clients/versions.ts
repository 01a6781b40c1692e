/**
 * How the version of a client is found.
 *
 * @module
 */

import { programVersion } from "../e2e/programs.ts";
import type { Client } from "./client.ts";

/** The first number with a point in it that a program prints. */
export function ofProgram(command: string, ...args: string[]): Client["version"] {
  return async () => firstNumber(await programVersion(command, ...args));
}

/** Of a distribution that Python can import. */
export function ofPython(distribution: string): Client["version"] {
  return ({ python }) =>
    python === null ? Promise.resolve(null) : programVersion(
      python,
      "-c",
      `from importlib.metadata import version; print(version("${distribution}"))`,
    );
}

/** Of a package in `node_modules`. */
export function ofNpm(name: string): Client["version"] {
  return async ({ nodeModules }) => {
    if (nodeModules === null) return null;
    try {
      return JSON.parse(await Deno.readTextFile(`${nodeModules}/${name}/package.json`)).version;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  };
}

/** The first number with a point in it. */
export function firstNumber(text: string | null): string | null {
  return text?.match(/\d+(\.\d+)+/)?.[0] ?? null;
}
