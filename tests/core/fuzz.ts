/** Random cases of a property test; `WISPKEY_FUZZ_CASES` asks for more, `deno task soak` does. */
export const FUZZ_CASES = Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 10_000);
