/**
 * Finds the credential of the active project that a request to a URL takes, with its token.
 *
 * @module
 */

import { NotFoundError, UsageError } from "../core/errors.ts";
import { fittingCredentials } from "../core/fitting_credentials.ts";
import { parseTarget, type Target } from "../core/target.ts";
import { type Slot, usualSlot } from "../core/usual_slot.ts";
import type { CredentialView } from "../daemon/api.ts";
import type { McpContext } from "./context.ts";
import { foreignText } from "./foreign_text.ts";

/** A credential for a URL. */
export interface Found {
  /** The credential. */
  readonly credential: CredentialView;
  /** Its token; that it was given out is in the log. */
  readonly token: string;
  /** Where the token usually stands; null where nothing can be said. */
  readonly slot: Slot | null;
}

/**
 * Reads a URL as a model writes it.
 *
 * @returns the URL as programs spell it, without fragment, and what the proxy will make of it
 * @throws {UsageError} `invalid_url`; {FailedError} `bad_target`.
 */
export function readUrl(text: string): { url: string; target: Target } {
  if (!URL.canParse(text)) throw invalidUrl("it is no absolute URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw invalidUrl("it is neither http nor https");
  if (url.username !== "" || url.password !== "") throw invalidUrl("it holds a user or password");
  url.hash = "";
  return { url: url.href, target: parseTarget(url.href) };
}

/** The credentials of a project that may go to a target, the closest first; no tokens. */
export async function fitting(
  { daemon }: McpContext,
  project: string,
  target: Target,
): Promise<CredentialView[]> {
  const { credentials } = await daemon.call("credential.list", { project, partition: null, tokens: false });
  return fittingCredentials(credentials.filter(({ intact }) => intact), target);
}

/**
 * The token of a credential, and where it goes at a target.
 *
 * @throws {NotFoundError} `credential_not_found`.
 */
export async function tokenFor(
  { daemon }: McpContext,
  project: string,
  name: string,
  target: Target,
): Promise<Found> {
  const { credential } = await daemon.call("credential.get", { name, project, token: true });
  const { token } = credential;
  if (token === undefined) {
    throw new NotFoundError(`the daemon gave no token for '${foreignText(name)}'`, {
      code: "token_not_found",
    });
  }
  return { credential, token, slot: usualSlot(credential, target.host) };
}

function invalidUrl(why: string): UsageError {
  return new UsageError(`cannot use the URL: ${why}`, {
    code: "invalid_url",
    hint: "write all of it, for example https://api.openai.com/v1/models",
  });
}
