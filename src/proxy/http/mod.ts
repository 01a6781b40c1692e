/**
 * The HTTP/1.1 engine: a strict codec without I/O inside it, and pull-based connections, pool and server around it.
 * It knows nothing of vaults, tokens or policies.
 *
 * @example A proxy of a few lines
 * ```ts
 * import { ConnectionPool, endToEndFields, exchange, listen } from "./mod.ts";
 *
 * const limits = {
 *   headerTimeoutMs: 30_000,
 *   idleTimeoutMs: 120_000,
 *   bodyTimeoutMs: 600_000,
 *   maxHeadBytes: 65_536,
 *   maxHeaderFields: 256,
 * };
 * const pool = new ConnectionPool();
 * const listener = listen({
 *   port: 0,
 *   limits: () => limits,
 *   maxConnections: () => 1_000,
 *   onError: ({ status, message }) => ({ status, fields: [], body: new TextEncoder().encode(message) }),
 * }, async (request) => {
 *   const response = await exchange(pool, { scheme: "http", host: "127.0.0.1", port: 8080 }, {
 *     method: request.head.method,
 *     target: request.head.target,
 *     fields: endToEndFields(request.head.headers),
 *     body: request.framing.kind === "none" ? null : request.body,
 *   }, {
 *     ...limits,
 *     dial: { connectTimeoutMs: 10_000 },
 *     responseTimeoutMs: 600_000,
 *     cancellation: request.gone,
 *   });
 *   await request.respond(response.head.status, endToEndFields(response.head.headers), response);
 * });
 * await listener.close({ drainMs: 1_000 });
 * pool.close();
 * ```
 *
 * @module
 */

export * from "./body.ts";
export * from "./body_writer.ts";
export * from "./cancellation.ts";
export * from "./deadline.ts";
export * from "./dial.ts";
export * from "./end_to_end.ts";
export * from "./errors.ts";
export * from "./exchange.ts";
export * from "./framing.ts";
export * from "./headers.ts";
export * from "./incoming.ts";
export * from "./latin1.ts";
export * from "./listener.ts";
export * from "./output.ts";
export * from "./parse_head.ts";
export * from "./pool.ts";
export * from "./reader.ts";
export * from "./reason_phrase.ts";
export * from "./serialize.ts";
export * from "./server.ts";
export * from "./types.ts";
export * from "./upstream_response.ts";
