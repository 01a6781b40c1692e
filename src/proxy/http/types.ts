/**
 * The words of the HTTP/1.1 engine. The engine is a library inside the project: strict codec, connections, pool;
 * it knows nothing of vaults, tokens or policies.
 *
 * @module
 */

/** The part of `Deno.Conn` the engine uses; TLS connections and test doubles have it too. */
export interface ByteStream {
  /** Reads some bytes into `buffer`; resolves with their number, or null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some bytes; resolves with their number, which may be less than given. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends our half, so that the other side sees the end while its own half stays open. */
  closeWrite(): Promise<void>;
  /** Closes both halves at once; a read or write that is under way fails. */
  close(): void;
}

/** How a message's body is delimited, RFC 9112 section 6; `close`, by the connection's end, is for responses only. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/** A header value or target that goes out: text, or bytes where a secret is part of it (wiped after writing). */
export type OutgoingValue = string | Uint8Array<ArrayBuffer>;
