/**
 * Step 5: does each token stand where its secret may? In any other place the request is refused before a socket opens,
 * because what is written to a host can often be read back from it.
 *
 * @module
 */

import { typeForPlace } from "../../core/credential.ts";
import { escapeText } from "../../core/name.ts";
import { formatPlace } from "../../core/place.ts";
import { describePlaces, placeOf, usageAt } from "../../core/placement.ts";
import type { Spot } from "../../core/sightings.ts";
import { redactTokens } from "../../core/token_finder.ts";
import type { RequestContext } from "../context.ts";
import type { ProxyCredential } from "../ports.ts";
import { Refusal } from "../refusal.ts";
import { inProject } from "../../core/project_words.ts";
import { shellQuote } from "../../core/shell_quote.ts";

/** Refuses tokens in wrong places, and in headers that are repeated: 403 `misplaced_token`. */
export function checkPlaces(context: RequestContext): void {
  const { host } = context.target;
  for (const use of context.uses) {
    const { credential, sighting: { spot } } = use;
    use.usage = usageAt(credential, host, spot);
    if (use.usage === null) {
      throw new Refusal(403, {
        code: "misplaced_token",
        credential,
        message: `cannot use '${credential.name}' in ${describeSpot(spot)}: its secret may not stand there`,
        hint: `put the token in ${describePlaces(credential, host)}${commandFor(credential, spot)}`,
      });
    }
    if ((spot.in === "header" || spot.in === "basic") && isRepeated(context, spot.index)) {
      throw new Refusal(403, {
        code: "misplaced_token",
        credential,
        message: `cannot use '${credential.name}' in ${describeSpot(spot)}: the header is repeated`,
        hint: "send the header once",
      });
    }
  }
}

function isRepeated(context: RequestContext, index: number): boolean {
  const name = context.fields[index]?.lower;
  let count = 0;
  for (const field of context.fields) if (field.lower === name) count++;
  return count > 1;
}

/** The command that would allow a spot, where that is possible. */
function commandFor({ name, project, type, fallback }: ProxyCredential, spot: Spot): string {
  const place = placeOf(spot);
  if (place === null || fallback) return "";
  const wanted = typeForPlace(type, place);
  const words = [
    "wispkey edit",
    shellQuote(name),
    ...(wanted === type ? [] : ["--type", wanted]),
    "--in",
    shellQuote(formatPlace(place)),
  ];
  const command = words.join(" ") + inProject(project);
  // A name may hold a token, too; such a place is not to be allowed by copying a line.
  return redactTokens(command) === command ? `; to allow this place instead: ${command}` : "";
}

function describeSpot(spot: Spot): string {
  switch (spot.in) {
    case "header":
      return `the header ${redactTokens(spot.name)}`;
    case "basic":
      return `Authorization: Basic (${spot.part === "inside" ? "inside other text" : `as the ${spot.part}`})`;
    case "query":
      return `the query parameter ${printable(spot.name)}`;
    case "body_json":
      return `the body, at ${spot.pointer === "" ? "its root" : printable(spot.pointer)}`;
    case "form":
      return `the form field ${printable(spot.field)}`;
    case "body":
      return "the body";
    case "message":
      return "a WebSocket message";
    case "elsewhere":
      return redactTokens(spot.what);
  }
}

/** A name that a client chose, for a message: without tokens, not too long. */
function printable(name: string): string {
  return escapeText(redactTokens(name.length > 100 ? `${name.slice(0, 100)}…` : name));
}
