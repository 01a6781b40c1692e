/**
 * Finding secrets in what a host answers, and putting their wisp tokens in their place. Pure: bytes in, bytes out.
 *
 * @module
 */

export * from "./matcher.ts";
export * from "./patterns.ts";
export * from "./scrub_set.ts";
export * from "./stream_scrubber.ts";
