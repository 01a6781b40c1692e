/**
 * The main job, on a vault, an API and a client made for the occasion: an SDK that was given only a wisp token gets an
 * answer from an API that saw only the real key. Uses no network but loopback, cleans up, and exits with 1 if anything
 * came out otherwise than promised.
 *
 * @module
 */

import { join } from "node:path";
import type { AgentReport } from "./demo/agent.ts";
import { type DemoApi, startApi } from "./demo/api.ts";
import { bold, Expectations, faint, heading, say, shell, sideBySide } from "./demo/show.ts";
import { type CommandResult, ROOT, run, wispkey } from "./lib/program.ts";
import { endProcessesWith, type LeftProcess } from "./test/leftovers.ts";

const PASSWORD = "demo only: correct horse battery staple";

/** A made-up key in the form of a real one. */
function madeUpKey(): string {
  const random = crypto.getRandomValues(new Uint8Array(24));
  return `sk-proj-${[...random].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** Everything the steps share. */
class Demo {
  readonly key = madeUpKey();
  readonly checks = new Expectations();
  readonly api: DemoApi = startApi(this.key);
  readonly thief: DemoApi = startApi("the thief has no key");
  token = "";
  proxy = "";
  /** Set by Ctrl-C: no process is started any more. */
  ending = false;

  constructor(readonly directory: string) {}

  /** The vault's place; the password is added only where a person would type it. */
  get vault(): Record<string, string> {
    return { WISPKEY_VAULT_PATH: join(this.directory, "vault") };
  }

  /** Runs another program, marked as the demo's, so that it can be found and ended. */
  async run(program: string, args: string[], env: Record<string, string> = {}): Promise<CommandResult> {
    if (this.ending) throw new Error("interrupted");
    return await run(program, args, { env: { ...env, WISPKEY_DEMO: this.directory } });
  }

  /** Runs a command of the program and shows it; ends the demo if it fails. */
  async command(
    args: string[],
    options: { password?: boolean; stdin?: string } = {},
  ): Promise<CommandResult> {
    shell(`${options.stdin === undefined ? "" : "cat key | "}wispkey ${args.join(" ")}`);
    const env = options.password === true ? { ...this.vault, WISPKEY_PASSWORD: PASSWORD } : this.vault;
    if (this.ending) throw new Error("interrupted");
    const input = options.stdin === undefined ? { env } : { env, stdin: options.stdin };
    const result = await wispkey(args, input);
    if (result.code !== 0) {
      throw new Error(`wispkey ${args[0]} ended with exit code ${result.code}: ${result.stderr.trim()}`);
    }
    return result;
  }
}

async function prepare(demo: Demo): Promise<void> {
  heading("A vault, and a key in it");
  say(faint("Every secret you see here was made up a moment ago and is of no use."));
  await demo.command(["init"], { password: true });
  const args = [
    "add",
    "openai",
    "--type",
    "bearer_token",
    "--hosts",
    demo.api.host,
    "--value-file",
    "-",
    "--json",
  ];
  const added = JSON.parse((await demo.command(args, { stdin: demo.key })).stdout);
  demo.token = added.credential.wisp_token;
  sideBySide(["the secret, for the vault", "the wisp token, for the agent"], [[demo.key, demo.token]]);
  const served = JSON.parse((await demo.command(["serve", "--random-port", "--daemon", "--json"])).stdout);
  demo.proxy = served.address;
  say(`the proxy listens on ${bold(demo.proxy)}, process ${served.pid}`);
}

async function useSdk(demo: Demo): Promise<void> {
  heading("The openai SDK, with nothing but the token");
  const base = `${demo.proxy}/to/http/${demo.api.host}/v1`;
  shell(`OPENAI_API_KEY=${demo.token} OPENAI_BASE_URL=${base} agent`);
  const before = demo.api.received.length;
  const agent = await demo.run(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-env",
    `--allow-net=${new URL(demo.proxy).host}`,
    join(ROOT, "scripts/demo/agent.ts"),
  ], { OPENAI_API_KEY: demo.token, OPENAI_BASE_URL: base });
  if (agent.code !== 0) {
    demo.checks.expect(false, "the SDK gets an answer", agent.stderr);
    return;
  }
  const report: AgentReport = JSON.parse(agent.stdout);
  const seen = demo.api.received.slice(before).map(({ authorization }) => authorization ?? "none");
  sideBySide(
    ["what the SDK sent", "what the API received"],
    report.sent.map((sent, index) => [sent, seen[index] ?? "nothing"]),
  );
  demo.checks.expect(report.text === "The key stayed at home.", `the answer: “${report.text}”`);
  demo.checks.expect(
    report.pieces.join("") === report.text && report.spreadMs > 200,
    `the same as a stream: ${report.pieces.length} pieces over ${report.spreadMs} ms, each passed on as it came`,
  );
  demo.checks.expect(
    report.sent.every((sent) => sent === `Bearer ${demo.token}`) && !agent.stdout.includes(demo.key),
    "the SDK never had the key",
  );
  demo.checks.expect(
    seen.length === 2 && seen.every((header) => header === `Bearer ${demo.key}`),
    "the API never saw the token",
  );
}

/** Whether there is a curl to call. */
async function hasCurl(demo: Demo): Promise<boolean> {
  try {
    return (await demo.run("curl", ["--version"])).code === 0;
  } catch {
    // Not installed: the demo says so and goes on.
    return false;
  }
}

async function useCurl(demo: Demo): Promise<void> {
  heading("curl, through the two other ways in");
  if (!await hasCurl(demo)) return say("curl is not installed here, so this step is left out");
  const url = `http://${demo.api.host}/v1/models`;
  const bearer = `Authorization: Bearer ${demo.token}`;
  const ways = [
    { name: "as a forward proxy", args: ["-x", demo.proxy, "-H", bearer, url] },
    { name: "with the target in a header", args: ["-H", `X-Target-Url: ${url}`, "-H", bearer, demo.proxy] },
  ];
  for (const { name, args } of ways) {
    shell(`curl ${args.map((arg) => arg.includes(" ") ? `'${arg}'` : arg).join(" ")}`);
    const result = await demo.run("curl", ["-sS", "--noproxy", "", "--max-time", "10", ...args]);
    demo.checks.expect(
      result.stdout.includes('"object":"list"') &&
        demo.api.received.at(-1)?.authorization === `Bearer ${demo.key}`,
      `${name}: ${result.stdout.trim().slice(0, 60)}`,
      result.stderr,
    );
  }
}

async function trySteal(demo: Demo): Promise<void> {
  heading("A theft: the agent sends its token somewhere else");
  say(`another server listens on ${demo.thief.host}; nobody allowed it for this credential`);
  const authorization = `Bearer ${demo.token}`;
  const stolen = await fetch(`${demo.proxy}/to/http/${demo.thief.host}/v1/models`, {
    headers: { authorization },
  });
  const refusal = await stolen.text();
  say(`${stolen.status} ${refusal.trim()}`);
  demo.checks.expect(
    stolen.status === 403 && refusal.includes("host_not_allowed"),
    "the proxy refuses, and says why",
  );
  demo.checks.expect(
    demo.thief.received.length === 0,
    "nothing reached the other server",
  );
  const direct = await fetch(`http://${demo.api.host}/v1/models`, { headers: { authorization } });
  await direct.body?.cancel();
  demo.checks.expect(
    direct.status === 401,
    "sent to the API without the proxy the token is worth nothing: 401",
  );
}

/** Every byte under a directory, as one text in which ASCII can be searched. */
async function contents(directory: string): Promise<string> {
  const decoder = new TextDecoder("latin1");
  let all = "";
  for await (const entry of Deno.readDir(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) all += await contents(path);
    else if (entry.isFile) all += decoder.decode(await Deno.readFile(path));
  }
  return all;
}

async function lookBack(demo: Demo): Promise<void> {
  heading("What was written down");
  const { stdout: log } = await demo.command(["log", "--last", "12"]);
  for (const line of log.trimEnd().split("\n")) say(line);
  demo.checks.expect(log.includes("DENIED"), "the theft stands in the log");
  const disk = await contents(demo.vault["WISPKEY_VAULT_PATH"] ?? "");
  const secrets = [demo.key, btoa(demo.key), PASSWORD];
  demo.checks.expect(
    !secrets.some((secret) => disk.includes(secret)) && !log.includes(demo.token),
    "neither key nor password lies in any file of the vault, and the log holds no token",
  );
}

async function lock(demo: Demo): Promise<void> {
  heading("Locked");
  await demo.command(["lock"]);
  const authorization = `Bearer ${demo.token}`;
  const locked = await fetch(`${demo.proxy}/to/http/${demo.api.host}/v1/models`, {
    headers: { authorization },
  });
  await locked.body?.cancel();
  demo.checks.expect(locked.status === 503, "a locked vault gives nothing out: 503");
  const plain = await fetch(`${demo.proxy}/to/http/${demo.api.host}/v1/models`);
  await plain.body?.cancel();
  demo.checks.expect(plain.status === 401, "traffic without tokens flows on, to the API's own 401");
}

/** Ends the servers and whatever the program left running; answers the processes that had to be ended by force. */
async function cleanUp(demo: Demo): Promise<LeftProcess[]> {
  await Promise.all([demo.api.close(), demo.thief.close()]);
  const left = await endProcessesWith(demo.directory, 3_000);
  await Deno.remove(demo.directory, { recursive: true });
  return left;
}

async function main(): Promise<number> {
  const started = performance.now();
  const demo = new Demo(await Deno.makeTempDir({ prefix: "wk-demo-" }));
  const interruption = Promise.withResolvers<void>();
  Deno.addSignalListener("SIGINT", () => {
    demo.ending = true;
    interruption.resolve();
  });
  const work = async () => {
    for (const step of [prepare, useSdk, useCurl, trySteal, lookBack, lock]) await step(demo);
  };
  try {
    await Promise.race([work(), interruption.promise]);
  } catch (error) {
    demo.checks.expect(
      false,
      "the demo runs to its end",
      error instanceof Error ? error.message : String(error),
    );
  } finally {
    await wispkey(["stop"], { env: demo.vault });
    const left = await cleanUp(demo);
    demo.checks.expect(left.length === 0, "nothing is left behind: no process, no file", left[0]?.command);
  }
  if (demo.ending) return 130;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { failed } = demo.checks;
  console.log(`\n${failed === 0 ? "All as promised" : `${failed} not as promised`}, in ${seconds} s.`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main());
