/**
 * The protocol's own checkers, from npm: too large to burden every checkout with.
 *
 * @module
 */

/** Exact versions of what is installed. */
const PACKAGES = ["@modelcontextprotocol/conformance@0.1.16", "@modelcontextprotocol/inspector@2.12.0"];

/** Set to `1` to install them into a temporary directory, or to a directory that has them in its `node_modules`. */
export const TOOLS_VARIABLE = "WISPKEY_MCP_TOOLS";

/** Whether they are asked for. */
export function toolsWanted(): boolean {
  const wanted = Deno.env.get(TOOLS_VARIABLE) ?? "0";
  if (wanted === "0") {
    console.log(
      `SKIPPED: the conformance suite and the Inspector; ${TOOLS_VARIABLE}=1 installs and runs them`,
    );
  }
  return wanted !== "0";
}

/** A directory with the checkers in its `node_modules`. */
export interface NpmTools extends AsyncDisposable {
  readonly directory: string;
}

/** Installs the checkers, or answers null, having said why, where that cannot be done. */
export async function installTools(): Promise<NpmTools | null> {
  const given = Deno.env.get(TOOLS_VARIABLE);
  if (given !== undefined && given !== "1") return { directory: given, async [Symbol.asyncDispose]() {} };
  const directory = await Deno.makeTempDir({ prefix: "wk-mcp-tools-" });
  const remove = () => Deno.remove(directory, { recursive: true });
  try {
    await Deno.writeTextFile(`${directory}/package.json`, '{"private":true}');
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...PACKAGES],
      cwd: directory,
      stdout: "null",
    }).output();
    if (success) return { directory, [Symbol.asyncDispose]: remove };
    console.log(`SKIPPED: npm cannot install them: ${new TextDecoder().decode(stderr).slice(-500)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("SKIPPED: there is no npm");
  }
  await remove();
  return null;
}
