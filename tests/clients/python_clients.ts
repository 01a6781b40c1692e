/**
 * Clients in Python.
 *
 * @module
 */

import { type Client, type Expected, TUNNELS_HTTP } from "./client.ts";
import { programVersion } from "../e2e/programs.ts";
import { firstNumber, ofPython } from "./versions.ts";

const START = "import os\nurl = os.environ['BASE'] + '/python'\n" +
  "headers = {'Authorization': 'Bearer ' + os.environ['KEY']}\n";

const SIGNS: Expected = {
  why:
    "the secret key signs requests (SigV4) and is never sent, so there is nothing to replace: `run --reveal`",
  evidence: /AWS4-HMAC-SHA256/,
};

function python(
  name: string,
  source: string,
  script: string,
  more: Partial<Client> = {},
): Client {
  const file = `client_${name.replaceAll(/\W/g, "_")}.py`;
  return {
    name,
    source,
    version: ofPython(name),
    command: ({ python }) => python === null ? null : [python, file],
    script: { file, text: START + script },
    ...more,
  };
}

/** Every client in Python. */
export const PYTHON_CLIENTS: readonly Client[] = [
  python(
    "Python urllib",
    "python3",
    "import urllib.request\n" +
      "print(urllib.request.urlopen(urllib.request.Request(url, headers=headers)).read().decode())\n",
    {
      version: async ({ python }) => firstNumber(python && await programVersion(python, "--version")),
      usual: true,
    },
  ),
  python(
    "requests",
    "python3-requests",
    "import requests\nprint(requests.post(url, headers=headers, json={}).text)\n",
    { usual: true },
  ),
  python("httpx", "python3-httpx", "import httpx\nprint(httpx.get(url, headers=headers).text)\n", {
    usual: true,
  }),
  python(
    "aiohttp",
    "python3-aiohttp",
    "import aiohttp, asyncio\n" +
      "async def main():\n" +
      "    async with aiohttp.ClientSession(trust_env=True) as session:\n" +
      "        async with session.get(url, headers=headers) as answer:\n" +
      "            print(await answer.text())\n" +
      "asyncio.run(main())\n",
    {
      usual: true,
      ways: {
        run: { note: "`ClientSession(trust_env=True)`; else it reads no proxy variables" },
        forward: { note: "`ClientSession(trust_env=True)`" },
      },
    },
  ),
  python(
    "websockets",
    "python3-websockets",
    "import asyncio, websockets\n" +
      "async def main():\n" +
      "    async with websockets.connect('ws' + url[4:], additional_headers=headers) as socket:\n" +
      "        print(await socket.recv())\n" +
      "asyncio.run(main())\n",
    { ways: { forward: TUNNELS_HTTP } },
  ),
  python("awscli", "awscli", "", {
    ways: { run: SIGNS, base: SIGNS, forward: SIGNS },
    command: ({ pythonPrograms }) => [
      "sh",
      "-c",
      `AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE AWS_SECRET_ACCESS_KEY="$KEY" AWS_REGION=us-east-1 ` +
      `AWS_MAX_ATTEMPTS=1 ${
        pythonPrograms === null ? "" : `${pythonPrograms}/`
      }aws s3api list-buckets --endpoint-url "$BASE"`,
    ],
  }),
];
