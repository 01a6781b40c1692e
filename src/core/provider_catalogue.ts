/**
 * The provider catalogue: data only. Each entry names in `source` the provider's own documentation, to check it against;
 * hosts are exact, because a wildcard may reach machines of strangers.
 *
 * @module
 */

import type { Provider } from "./provider.ts";
import { AI_PROVIDERS } from "./providers/ai.ts";
import { BUSINESS_PROVIDERS } from "./providers/business.ts";
import { CLOUD_PROVIDERS } from "./providers/cloud.ts";
import { CODE_PROVIDERS } from "./providers/code.ts";
import { DATA_PROVIDERS } from "./providers/data.ts";
import { MESSAGING_PROVIDERS } from "./providers/messaging.ts";
import { OPERATIONS_PROVIDERS } from "./providers/operations.ts";
import { SEARCH_PROVIDERS } from "./providers/search.ts";

/** One section of the catalogue. */
export interface ProviderSection {
  /** Heading for people. */
  readonly title: string;
  /** Its providers, in the order of their ids. */
  readonly providers: readonly Provider[];
}

/** The sections, for the page that lists them. */
export const PROVIDER_SECTIONS: readonly ProviderSection[] = [
  { title: "Models, speech and images", providers: AI_PROVIDERS },
  { title: "Searching and reading the web", providers: SEARCH_PROVIDERS },
  { title: "Code, builds and packages", providers: CODE_PROVIDERS },
  { title: "Clouds, hosting and networks", providers: CLOUD_PROVIDERS },
  { title: "Databases, content, maps and data", providers: DATA_PROVIDERS },
  { title: "Mail, chat, telephony and support", providers: MESSAGING_PROVIDERS },
  { title: "Payments, commerce, customers and office", providers: BUSINESS_PROVIDERS },
  { title: "Monitoring, analytics, identity and security", providers: OPERATIONS_PROVIDERS },
];

/** Every provider. */
export const PROVIDERS: readonly Provider[] = PROVIDER_SECTIONS.flatMap(({ providers }) => providers);
