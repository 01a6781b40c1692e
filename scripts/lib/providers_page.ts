/**
 * The page that lists the provider catalogue.
 *
 * @module
 */

import type { Provider, ProviderPlace } from "../../src/core/provider.ts";
import { PROVIDER_SECTIONS, PROVIDERS } from "../../src/core/provider_catalogue.ts";

/** The text of docs/providers.md. */
export function providersPage(): string {
  const sections = PROVIDER_SECTIONS.map(({ title, providers }) =>
    [`## ${title}`, "", table(providers.toSorted((a, b) => a.title.localeCompare(b.title, "en")))].join("\n")
  );
  return `${[...INTRODUCTION, ...sections].join("\n\n")}\n`;
}

const INTRODUCTION = [
  "# Providers",
  `WispKey knows ${PROVIDERS.length} providers: how their keys look, in which variables programs expect them, where the ` +
  "keys may go, and in which exact place of a request they stand. `import`, `scan` and `add` use it to suggest; a " +
  "suggestion never widens anything by itself. This page is generated from the catalogue in `src/core/providers`.",
  "A **registry** of packages is the user's choice, and many people run their own: the catalogue names no host of any. Its " +
  "host comes from the file that holds the token (`.npmrc`, `.pypirc`), or from `--hosts`. **By account** means that each " +
  "customer has a host of its own; `import` takes it from the variable named here if it stands in the same file. " +
  "**Only `run --reveal`** means that no proxy can put the key into a request.",
];

function table(providers: readonly Provider[]): string {
  return [
    "| provider | variables | may go to | place | told by its form |",
    "| --- | --- | --- | --- | --- |",
    ...providers.map((provider) => {
      const name = provider.source.startsWith("https://")
        ? `[${provider.title}](${provider.source})`
        : provider.title;
      const variables = provider.variables.map((variable) => `\`${variable}\``).join(" ");
      const form = (provider.keys?.length ?? 0) > 0 ? "yes" : "by name and form";
      return `| ${
        [name, variables, hostsOf(provider), provider.places.map(placeOf).join(" · "), form].join(" | ")
      } |`;
    }),
  ].join("\n");
}

function hostsOf({ hosts, ownHosts, registry, reveal }: Provider): string {
  if (registry === true) return "registry";
  if (reveal !== undefined) return "only `run --reveal`";
  const own = ownHosts === undefined
    ? []
    : [`\`*${ownHosts.suffix}\` by account (\`${ownHosts.variables[0]}\`)`];
  return [...hosts.map((host) => `\`${host}\``), ...own].join(" ");
}

function placeOf(place: ProviderPlace): string {
  switch (place.in) {
    case "query":
      return `query \`${place.name}\``;
    case "basic":
      return `Basic ${place.part}`;
    case "header":
      if (place.name !== "authorization") return `\`${place.name}\``;
      return place.scheme === undefined ? "Authorization" : `Authorization ${place.scheme}`;
  }
}
