/**
 * Step 3: which tokens does it carry? The keyring answers `unknown` for tokens outside the caller's scope.
 *
 * @module
 */

import { shellQuote } from "../../core/shell_quote.ts";
import { MAX_SIGHTINGS, type Sighting, sightTokens } from "../../core/sightings.ts";
import { keyringOf, type RequestContext, type StepServices, type TokenUse } from "../context.ts";
import type { ProxyCredential, TokenMatch } from "../ports.ts";
import { Refusal } from "../refusal.ts";

/**
 * Notes each known token. Refuses retired ones (403 `retired_token`), those of rows that were changed behind our back
 * (403 `credential_tampered`), and what looks like a token where a credential
 * would stand but is none (403 `unknown_token`, while locked 503 `vault_locked`).
 */
export function findTokens(context: RequestContext, services: StepServices): void {
  const keyring = keyringOf(context, services);
  const { target } = context;
  const { found, suspect } = sightTokens(
    {
      method: context.head.method,
      host: target.host,
      path: target.path,
      query: target.query,
      headers: context.fields,
    },
    keyring,
    keyring.locked,
  );
  const uses = usesOf(found);
  if (suspect !== null) throw keyring.locked ? locked(suspect) : unknown(suspect);
  context.uses = uses;
}

/** The uses that sightings are; refuses those of tokens that are not live, and more than {@linkcode MAX_SIGHTINGS}. */
export function usesOf(found: readonly Sighting<TokenMatch>[]): TokenUse[] {
  if (found.length > MAX_SIGHTINGS) throw tooMany();
  const uses: TokenUse[] = [];
  for (const sighting of found) {
    const { match } = sighting;
    if (match.kind === "live") {
      uses.push({ credential: match.credential, sighting, usage: null, exactHost: false });
    } else if (match.kind === "tampered") throw tampered(match.credential);
    else if (match.kind === "retired") throw retired(match.credentialName, match.reason);
  }
  return uses;
}

function tooMany(): Refusal {
  return new Refusal(413, {
    code: "too_many_tokens",
    message: `cannot carry the request: it holds more than ${MAX_SIGHTINGS} tokens`,
    hint: "send it in several requests",
  });
}

function tampered(credential: ProxyCredential): Refusal {
  return new Refusal(403, {
    code: "credential_tampered",
    message: `cannot use '${credential.name}': its row in the vault was changed behind our back`,
    credential,
    hint: "wispkey doctor",
  });
}

function retired(name: string, reason: "rotated" | "removed"): Refusal {
  return new Refusal(403, {
    code: "retired_token",
    message: `cannot use a token of '${name}': it was ${reason}`,
    credential: { name },
    hint: reason === "rotated" ? `wispkey get ${shellQuote(name)} --show-token` : "wispkey list",
  });
}

function unknown(where: string): Refusal {
  return new Refusal(403, {
    code: "unknown_token",
    message: `cannot use the token in ${where}: no credential in scope has it`,
    hint: "wispkey list",
  });
}

function locked(where: string): Refusal {
  return new Refusal(503, {
    code: "vault_locked",
    message: `cannot use the token in ${where}: the vault is locked`,
    hint: "wispkey unlock",
  });
}
