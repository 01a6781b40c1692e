/**
 * What tools, resources and prompts work with.
 *
 * @module
 */

import type { DaemonLink } from "./daemon_link.ts";
import type { PageStore } from "./pages.ts";
import type { ProxyAccess } from "./proxy_access.ts";

/** One for the life of a server, whatever number of clients it has. */
export interface McpContext {
  /** The daemon. */
  readonly daemon: DaemonLink;
  /** The way through the proxy. */
  readonly proxy: ProxyAccess;
  /** Responses of which a part was given out so far. */
  readonly pages: PageStore;
  /** Name of the active project; asked anew at each call, as it may be changed while the server runs. */
  readonly project: () => Promise<string>;
}
