/**
 * Step 4: may each credential go to this host? None named means nowhere.
 *
 * @module
 */

import { formatHostPattern, hostPatternFor, matchesHost } from "../../core/host_pattern.ts";
import { redactTokens } from "../../core/token_finder.ts";
import type { RequestContext } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { inProject } from "../../core/project_words.ts";
import { shellQuote } from "../../core/shell_quote.ts";

/** Refuses hosts that are not allowed: 403 `host_not_allowed`, with the command that would allow them. */
export function checkHosts(context: RequestContext): void {
  const { target } = context;
  for (const use of context.uses) {
    const { credential } = use;
    const matching = credential.hosts.filter((pattern) => matchesHost(pattern, target));
    if (matching.length === 0) {
      const wanted = hostPatternFor(target);
      const hosts = redactTokens([...credential.hosts, wanted].map(formatHostPattern).join(","));
      const why = credential.hosts.length === 0
        ? "it is allowed nowhere yet"
        : "the host is not among its hosts";
      throw new Refusal(403, {
        code: "host_not_allowed",
        message: `cannot use '${credential.name}' for ${target.scheme}://${
          redactTokens(target.authority)
        }: ${why}`,
        credential,
        hint: credential.fallback
          ? `export ${credential.name}_HOSTS=${shellQuote(hosts)} and wispkey unlock; better: wispkey add`
          : `wispkey edit ${shellQuote(credential.name)} --hosts ${shellQuote(hosts)}${
            inProject(credential.project)
          }`,
      });
    }
    use.exactHost = matching.some((pattern) => pattern.kind === "exact");
  }
}
