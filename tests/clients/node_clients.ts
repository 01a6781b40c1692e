/**
 * Clients in Node: its own fetch, and packages.
 *
 * @module
 */

import { programVersion } from "../e2e/programs.ts";
import { type Client, type Expected, TUNNELS_HTTP } from "./client.ts";
import { firstNumber, ofNpm } from "./versions.ts";

const START = "const { BASE, KEY } = process.env;\nconst headers = { Authorization: `Bearer ${KEY}` };\n";
const FETCH = "console.log(await (await fetch(BASE + '/node', { headers })).text());\n";

const IGNORES_VARIABLES: Expected = {
  why: "reads no proxy variables: use the base URL, which `run` sets for the SDKs of the catalogue",
  evidence: /ENOTFOUND|EAI_AGAIN/,
};
const OWN_CONNECTIONS: Expected = {
  note:
    "`agent: new HttpsProxyAgent(process.env.HTTP_PROXY)` of the package `https-proxy-agent`; it reads no proxy variables",
};

/**
 * A package. On the way of the base URL, which works with every Node, it runs in the machine's; elsewhere in one that knows proxy
 * variables, or in Deno, which does, too.
 */
function npm(name: string, script: string, more: Partial<Client> = {}): Client {
  const file = `client_${name.replaceAll(/\W/g, "_")}.mjs`;
  return {
    name,
    source: "npm",
    version: ofNpm(name),
    command: ({ node, proxyNode }, way) => {
      const program = way === "base" ? node ?? proxyNode : proxyNode;
      if (program !== null) return [program, file];
      return [
        Deno.execPath(),
        "run",
        "--no-config",
        "--node-modules-dir=manual",
        "--allow-all",
        "--quiet",
        file,
      ];
    },
    script: { file, text: START + script },
    ...more,
  };
}

/** Every client in Node. */
export const NODE_CLIENTS: readonly Client[] = [
  npm("Node fetch, before 24", FETCH, {
    source: "nodejs",
    version: async ({ node, proxyNode }) =>
      node === null || node === proxyNode ? null : firstNumber(await programVersion(node, "--version")),
    command: ({ node }) => node === null ? null : [node, "client_Node_fetch__before_24.mjs"],
    ways: { run: IGNORES_VARIABLES, forward: IGNORES_VARIABLES },
    usual: true,
  }),
  npm("Node fetch, 24 and later", FETCH, {
    source: "nodejs.org, npm `node`",
    version: async ({ proxyNode }) => firstNumber(proxyNode && await programVersion(proxyNode, "--version")),
    usual: true,
    ways: { forward: TUNNELS_HTTP },
  }),
  npm(
    "undici",
    "import { request } from 'undici';\nconsole.log(await (await request(BASE + '/', { headers })).body.text());\n",
    { ways: { forward: TUNNELS_HTTP } },
  ),
  npm(
    "axios",
    "import axios from 'axios';\nconsole.log(JSON.stringify((await axios.get(BASE + '/', { headers })).data));\n",
  ),
  npm("got", "import got from 'got';\nconsole.log(await got(BASE + '/', { headers }).text());\n"),
  npm(
    "openai",
    "import OpenAI from 'openai';\n" +
      "const client = new OpenAI({ apiKey: KEY, baseURL: BASE + '/v1' });\n" +
      "console.log(JSON.stringify(await client.chat.completions.create({ model: 'm', messages: [] })));\n",
    { ways: { forward: TUNNELS_HTTP } },
  ),
  npm(
    "@anthropic-ai/sdk",
    "import Anthropic from '@anthropic-ai/sdk';\n" +
      "const client = new Anthropic({ apiKey: KEY, baseURL: BASE });\n" +
      "console.log(JSON.stringify(await client.messages.create({ model: 'm', max_tokens: 1, messages: [] })));\n",
    { ways: { forward: TUNNELS_HTTP } },
  ),
  npm(
    "octokit",
    "import { Octokit } from 'octokit';\n" +
      "const client = new Octokit({ auth: KEY, baseUrl: BASE });\n" +
      "console.log(JSON.stringify((await client.rest.users.getAuthenticated()).data));\n",
    { header: (key) => ["authorization", `token ${key}`], ways: { forward: TUNNELS_HTTP } },
  ),
  npm(
    "@slack/web-api",
    "import { WebClient } from '@slack/web-api';\n" +
      "const client = new WebClient(KEY, { slackApiUrl: BASE + '/api/', retryConfig: { retries: 0 } });\n" +
      "console.log(JSON.stringify(await client.auth.test()));\n",
    { ways: { forward: TUNNELS_HTTP } },
  ),
  npm(
    "stripe",
    "import Stripe from 'stripe';\n" +
      "const { protocol, hostname, port, pathname } = new URL(BASE);\n" +
      "const options = { protocol: protocol.slice(0, -1), host: hostname, port, maxNetworkRetries: 0, httpClient: Stripe.createFetchHttpClient() };\n" +
      "const client = new Stripe(KEY, options);\n" +
      "console.log(JSON.stringify(await client.customers.retrieve('1')));\n",
    {
      ways: {
        run: {
          note: "`httpClient: Stripe.createFetchHttpClient()`; its own client reads no proxy variables",
        },
        base: { why: "can be given host and port, but no path", evidence: /no_target/ },
        forward: { note: "`httpClient: Stripe.createFetchHttpClient()` and `serve --intercept`" },
      },
    },
  ),
  npm(
    "ws",
    "import WebSocket from 'ws';\n" +
      "import { HttpsProxyAgent } from 'https-proxy-agent';\n" +
      "const proxy = process.env.HTTP_PROXY;\n" +
      "const agent = proxy && new HttpsProxyAgent(proxy);\n" +
      "const socket = new WebSocket(BASE.replace(/^http/, 'ws') + '/', { headers, agent });\n" +
      "socket.on('message', (message) => console.log(String(message)));\n" +
      "socket.on('error', (error) => { console.error(error); process.exitCode = 1; });\n",
    { ways: { run: OWN_CONNECTIONS, forward: OWN_CONNECTIONS } },
  ),
];
