/**
 * Reading a small text file that an agent may have its hands on, again and again.
 *
 * @module
 */

/** What lies at a path. */
export type SmallText =
  | { readonly kind: "absent" }
  | { readonly kind: "text"; readonly text: string }
  /** `why` completes "it …". */
  | { readonly kind: "unreadable"; readonly why: string };

/**
 * Reads a regular file of UTF-8. What is no such file is told, never followed and never guessed at: a link, a directory, a pipe
 * that would keep the reader waiting.
 *
 * @param maxBytes a longer file is not read
 */
export function readSmallText(path: string, maxBytes: number): SmallText {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isFile) return { kind: "unreadable", why: "is no regular file" };
    if (info.size > maxBytes) return { kind: "unreadable", why: `is larger than ${maxBytes} bytes` };
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Deno.readFileSync(path));
    return { kind: "text", text };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    if (error instanceof TypeError) return { kind: "unreadable", why: "is not UTF-8" };
    return { kind: "unreadable", why: `cannot be read (${error instanceof Error ? error.message : error})` };
  }
}
