/**
 * What programs the machine has.
 *
 * @module
 */

/** What a program prints when it is asked for its version, or null if it is not there. */
export async function programVersion(command: string, ...args: string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(command, { args, stdin: "null", stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // Not there.
  }
}
