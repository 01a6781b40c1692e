/**
 * `.env` files as a source.
 *
 * @module
 */

import { parseDotenv } from "../dotenv/parse.ts";
import type { SourceEntry } from "./types.ts";

/** The assignments of a `.env` file. A token needs no quotes, and may stand in any. */
export function readDotenv(text: string): SourceEntry[] {
  return parseDotenv(text).map(({ name, value, line, valueSpan }) => ({
    name,
    value,
    line,
    swap: (token) => ({ span: valueSpan, text: token }),
  }));
}
