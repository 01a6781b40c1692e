/**
 * The steps of a CONNECT request: where does the tunnel go, and does its own head keep tokens out?
 *
 * @module
 */

import { parseAuthority } from "../../core/target.ts";
import type { RequestContext, Step, StepServices } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { checkCaller } from "../steps/check_caller.ts";
import { findTokens } from "../steps/find_tokens.ts";
import { targetOfTunnel } from "./target_of_tunnel.ts";
import { badTarget, notOurselves, parseHost } from "../steps/target_checks.ts";

/** Everything that is checked before a tunnel is dialled, in its order. */
export const TUNNEL_STEPS: readonly Step[] = [checkCaller, routeTunnel, refuseTokens];

/**
 * Finds the one host and port of a tunnel, RFC 9110 section 9.3.6. Until its first bytes are known it counts as https.
 *
 * @throws {Refusal} 400 `bad_target`, 421 `foreign_host` if `Host` names another, 508 `loop`.
 */
function routeTunnel(context: RequestContext, services: StepServices): void {
  const { head } = context;
  context.mode = "tunnel";
  context.fields = [...head.headers];
  if (!/:\d+$/.test(head.target)) throw badTarget("CONNECT takes HOST:PORT");
  const { host, port } = parseAuthority("https", head.target);
  const said = head.headers.getAll("host")[0];
  // Clients differ in whether they name the port here.
  if (said !== undefined && parseHost("https", said)?.host !== host) {
    throw new Refusal(421, {
      code: "foreign_host",
      message: "cannot open a tunnel: its Host differs from its target",
    });
  }
  context.target = notOurselves(targetOfTunnel("https", host, port), services.listener);
}

/**
 * A token has no business in the head of a tunnel: nothing is put in there, and it would only be given away.
 *
 * @throws {Refusal} 403 `misplaced_token`, and what `find_tokens` throws.
 */
function refuseTokens(context: RequestContext, services: StepServices): void {
  findTokens(context, services);
  const [use] = context.uses;
  if (use === undefined) return;
  throw new Refusal(403, {
    code: "misplaced_token",
    credential: use.credential,
    message: `cannot use '${use.credential.name}' in the head of CONNECT: its secret may not stand there`,
    hint: "send the token in the request inside the tunnel: wispkey run -- COMMAND",
  });
}
