/**
 * Searching and reading the web.
 *
 * @module
 */

import type { Provider } from "../provider.ts";
import { BEARER, header, query } from "./places.ts";

/** Providers of search, in the order of their ids. */
export const SEARCH_PROVIDERS: readonly Provider[] = [
  {
    id: "brave-search",
    title: "Brave Search",
    hosts: ["api.search.brave.com"],
    places: [header("x-subscription-token")],
    type: "api_key",
    names: ["brave"],
    variables: ["BRAVE_API_KEY", "BRAVE_SEARCH_API_KEY"],
    prefixes: [],
    shapes: [/BSA[\w-]{20,40}/],
    source: "https://api-dashboard.search.brave.com/documentation",
  },
  {
    id: "exa",
    title: "Exa",
    hosts: ["api.exa.ai"],
    places: [header("x-api-key"), BEARER],
    type: "api_key",
    names: ["exa"],
    variables: ["EXA_API_KEY"],
    prefixes: [],
    shapes: [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/],
    source: "https://docs.exa.ai/reference/getting-started",
  },
  {
    id: "firecrawl",
    title: "Firecrawl",
    hosts: ["api.firecrawl.dev"],
    places: [BEARER],
    type: "bearer_token",
    names: ["firecrawl"],
    variables: ["FIRECRAWL_API_KEY"],
    prefixes: [],
    keys: [/fc-[0-9a-f]{32}/],
    source: "https://docs.firecrawl.dev/api-reference/introduction",
  },
  {
    id: "jina",
    title: "Jina AI",
    hosts: ["api.jina.ai", "r.jina.ai", "s.jina.ai"],
    places: [BEARER],
    type: "bearer_token",
    names: ["jina"],
    variables: ["JINA_API_KEY"],
    prefixes: ["jina_"],
    keys: [/jina_[\w-]{40,80}/],
    source: "https://jina.ai/embeddings/",
  },
  {
    id: "serpapi",
    title: "SerpApi",
    hosts: ["serpapi.com"],
    places: [query("api_key")],
    type: "query_param",
    names: ["serpapi", "serp api"],
    variables: ["SERPAPI_API_KEY", "SERPAPI_KEY"],
    prefixes: [],
    shapes: [/[0-9a-f]{64}/],
    source: "https://serpapi.com/search-api",
  },
  {
    id: "serper",
    title: "Serper",
    hosts: ["google.serper.dev", "scrape.serper.dev"],
    places: [header("x-api-key")],
    type: "api_key",
    names: ["serper"],
    variables: ["SERPER_API_KEY"],
    prefixes: [],
    shapes: [/[0-9a-f]{40}/],
    source: "https://serper.dev/",
  },
  {
    id: "tavily",
    title: "Tavily",
    hosts: ["api.tavily.com"],
    places: [BEARER],
    type: "bearer_token",
    names: ["tavily"],
    variables: ["TAVILY_API_KEY"],
    prefixes: ["tvly-"],
    keys: [/tvly-[\w-]{32,50}/],
    source: "https://docs.tavily.com/documentation/api-reference/introduction",
  },
];
