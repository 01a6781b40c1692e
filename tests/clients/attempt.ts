/**
 * One client on one way: what became of its request.
 *
 * @module
 */

import type { Client, Way } from "./client.ts";
import { KEY, PASSWORD, type Stage } from "./stage.ts";
import type { Tools } from "./tools.ts";

/** Longest that a client may take. */
const MAX_MS = 60_000;

/** What became of it. */
export interface Outcome {
  /** `absent`: this way needs something that is not there. */
  readonly verdict: "works" | "fails" | "absent";
  /** For `fails`: what client and host said. */
  readonly said: string;
  /** What must never happen, such as a key that the client saw. */
  readonly violations: readonly string[];
}

/** Lets a client send its request, and looks at what arrived and at what the client saw. */
export async function attempt(stage: Stage, tools: Tools, client: Client, way: Way): Promise<Outcome> {
  const command = client.command(tools, way);
  if (command === null) return { verdict: "absent", said: "", violations: [] };
  const { home, host } = stage;
  host.seen.length = 0;
  if (client.script !== undefined) {
    await Deno.writeTextFile(`${home.directory}/${client.script.file}`, client.script.text);
  }
  const token = stage.tokens[client.credential ?? "key"];
  const { code, stdout, stderr } = await start(stage, way, command, {
    ...environmentOf(stage, way),
    KEY: token,
    ...(tools.goCache === null ? {} : { GOCACHE: tools.goCache, GOFLAGS: "-mod=mod", GOPROXY: "off" }),
  }, tools);
  const environment = await Deno.readTextFile(`${home.directory}/environment.txt`);

  const [name, value] = (client.header ?? ((key) => ["authorization", `Bearer ${key}`]))(
    client.credential === "password" ? PASSWORD : KEY,
  );
  const arrived = host.seen.some(({ headers }) => headers[name] === value);
  const violations: string[] = [];
  const client_saw = stdout + stderr + environment;
  for (const secret of [KEY, PASSWORD, home.password, btoa(`x:${PASSWORD}`)]) {
    if (client_saw.includes(secret)) violations.push(`the client saw a secret: ${secret.slice(0, 12)}…`);
  }
  if (host.seen.some(({ headers }) => "proxy-authorization" in headers)) {
    violations.push("the caller's secret reached the host");
  }
  const said = `${stdout}${stderr}${host.seen.map((seen) => `\n${JSON.stringify(seen)}`).join("")}`;
  if (code !== 0 || !arrived) return { verdict: "fails", said: `exit code ${code}\n${said}`, violations };
  if (JSON.stringify(host.seen).includes(token)) violations.push("a token reached the host");
  if (client.printsAnswer !== false && !stdout.includes(token)) {
    violations.push("what the host said back is not shown as the token");
  }
  return { verdict: "works", said, violations };
}

function environmentOf({ host, proxy }: Stage, way: Way): Record<string, string> {
  if (way === "run") return { BASE: `https://${host.secure}` };
  if (way === "base") return { BASE: `http://${proxy}/to/https/${host.secure}` };
  const proxyUrl = `http://${proxy}`;
  return {
    BASE: `http://${host.plain}`,
    http_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    NODE_USE_ENV_PROXY: "1",
  };
}

/** Starts the client in the home directory, behind a shell that writes down the environment it got. */
async function start(
  stage: Stage,
  way: Way,
  command: readonly string[],
  variables: Record<string, string>,
  { nodeModules }: Tools,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { home } = stage;
  if (nodeModules !== null) await linkOnce(nodeModules, `${home.directory}/node_modules`);
  const observed = ["/bin/sh", "-c", 'env >environment.txt; exec "$@"', "sh", ...command];
  if (way === "run") {
    const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
    await Deno.writeTextFile(`${home.directory}/.env`, lines.join(""));
    return await home.run(["run", "--env-file", ".env", "--", ...observed]);
  }
  const { WISPKEY_PASSWORD: _, ...environment } = home.environment(variables);
  const { code, stdout, stderr } = await new Deno.Command(observed[0] ?? "", {
    args: observed.slice(1),
    clearEnv: true,
    cwd: home.directory,
    env: environment,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(MAX_MS),
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function linkOnce(target: string, path: string): Promise<void> {
  try {
    await Deno.symlink(target, path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
