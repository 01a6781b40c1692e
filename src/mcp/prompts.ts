/**
 * Prompts: ways of working that a person can choose in the client.
 *
 * @module
 */

import { shellQuote } from "../core/shell_quote.ts";
import { foreignText } from "./foreign_text.ts";

/** Longest path that is taken, in UTF-16 units. */
export const MAX_PATH = 4_096;

/** A prompt about one file. */
export interface FilePrompt {
  /** Its name. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** What it does, for people. */
  readonly description: string;
  /** What its one argument, `path`, means; it may be left out. */
  readonly path: string;
  /** The text for the model. */
  text(path: string | undefined): string;
}

/** All prompts. */
export const PROMPTS: readonly FilePrompt[] = [{
  name: "migrate-from-env",
  title: "Move a project off its .env file",
  description: "Puts the secrets of a .env file into the vault and leaves tokens in their place.",
  path: "Path of the file; .env by default",
  text: (path = ".env") => migration(foreignText(path, MAX_PATH)),
}];

function migration(path: string): string {
  const word = shellQuote(path);
  return `Move this project's secrets from ${JSON.stringify(path)} into the WispKey vault.

Rules: never print, read or copy a secret. Do not open the file; 'wispkey import' reads it for you. A wisp token (wk_…) is no
secret, but it is only worth something in requests that go through the WispKey proxy.

1. Call wispkey_proxy_status. If the vault is locked or missing, ask me to run 'wispkey unlock' or 'wispkey init', and wait.
2. Run: wispkey import --help. Then show me what would be imported, without writing anything, if it offers a dry run.
3. When I agree, run: wispkey import ${word}. It keeps the secrets in the vault and writes tokens in their place.
4. Call wispkey_list and check each new credential: does it name the right hosts? One without hosts can be used nowhere.
   Only I can widen where a secret may go; ask for it with wispkey_request_access.
5. Find where the code uses these variables. HTTP calls can stay as they are when the program is started with
   'wispkey run -- COMMAND'; for others use wispkey_how_to_call. What no HTTP proxy can do (databases, SSH) needs
   'wispkey run --reveal', which I start myself.
6. Start the program's tests with 'wispkey run -- COMMAND' and fix what fails.
7. Make sure that ${
    JSON.stringify(path)
  } and its copies are ignored by version control, and tell me which keys were
   committed before: those I have to rotate at their providers.`;
}
