/**
 * Step 5: does each token stand where its secret may? In any other place the request is refused before a socket opens,
 * because what is written to a host can often be read back from it.
 *
 * @module
 */

import { describePlaces, usageAt } from "../../core/placement.ts";
import type { Spot } from "../../core/sightings.ts";
import { redactTokens } from "../../core/token_finder.ts";
import type { RequestContext } from "../context.ts";
import { Refusal } from "../refusal.ts";

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
        hint: `put the token in ${describePlaces(credential, host)}`,
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

function describeSpot(spot: Spot): string {
  switch (spot.in) {
    case "header":
      return `the header ${redactTokens(spot.name)}`;
    case "basic":
      return `Authorization: Basic (${spot.part === "inside" ? "inside other text" : `as the ${spot.part}`})`;
    case "query":
      return `the query parameter ${redactTokens(spot.name)}`;
    case "elsewhere":
      return spot.what;
  }
}
