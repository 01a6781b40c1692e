/**
 * Where a request inside an opened tunnel goes: to the host and port that CONNECT named, or nowhere.
 *
 * @module
 */

import { normalizeHost } from "../../core/host_name.ts";
import { parseTarget, targetOf } from "../../core/target.ts";
import type { RequestContext, StepServices } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { badTarget, notOurselves, requireSameHost } from "../steps/target_checks.ts";
import { targetOfTunnel } from "./target_of_tunnel.ts";
import type { TunnelOrigin } from "./services.ts";

/**
 * Takes path and query from the request, and all else from the tunnel. Another host in the TLS greeting, in `Host` or in the
 * request line is refused (421), as is `X-Target-Url`, which is meant for us and would be taken for the host's.
 */
export function routeInside(context: RequestContext, origin: TunnelOrigin, services: StepServices): void {
  const { head } = context;
  context.mode = "tunnel";
  context.fields = [...head.headers];
  if (head.headers.getAll("x-target-url").length > 0) {
    throw badTarget("X-Target-Url is given inside a tunnel");
  }
  const { scheme, host, port, serverName } = origin;
  if (serverName !== null && normalizeHost(serverName) !== host) throw otherHost("the TLS greeting");
  const { authority } = targetOfTunnel(scheme, host, port);
  const isOriginForm = head.target.startsWith("/");
  const target = isOriginForm ? targetOf(scheme, authority, head.target) : parseTarget(head.target);
  if (target.scheme !== scheme || target.host !== host || target.port !== port) {
    throw otherHost("the request line");
  }
  requireSameHost(head.headers.getAll("host")[0], target);
  context.target = notOurselves(target, services.listener);
}

function otherHost(where: string): Refusal {
  return new Refusal(421, {
    code: "foreign_host",
    message: `cannot carry the request: ${where} names another host than CONNECT did`,
    hint: "open a tunnel for each host",
  });
}
