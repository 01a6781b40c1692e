/**
 * Whether this process may do everything anyway.
 *
 * @module
 */

let root: boolean | undefined;

/** Whether this process is root; `harden`, which gives up the permission to find out, remembers it. */
export function runsAsRoot(): boolean {
  return root ??= Deno.build.os !== "windows" && Deno.uid() === 0;
}
