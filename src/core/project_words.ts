/**
 * Commands that are printed for people, wherever they stand when they run them.
 *
 * @module
 */

import { DEFAULT_PROJECT } from "./credential.ts";
import { shellQuote } from "./shell_quote.ts";

/** What a printed command ends with so that it is about a credential of this project: ` --project acme`, or nothing. */
export function inProject(project: string): string {
  return project === DEFAULT_PROJECT ? "" : ` --project ${shellQuote(project)}`;
}
