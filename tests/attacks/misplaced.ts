/**
 * Attacks that put a token where what is written can be read back. The host is the attacker's helper without knowing it: it
 * keeps what it is sent, as every issue tracker, log and model does. Each attack is first carried out against a proxy that
 * swaps tokens wherever it sees them and passes on the rest, where it has to work; then against ours.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import type { Place } from "../../src/core/credential.ts";
import { parse, rawServer, readSome, send, withProxy, writeAll } from "../proxy/harness.ts";

/** The secret that is to be stolen. */
export const SECRET = "sk-live-the-real-value-0042";

/** A request that an attacker has sent, built around a token. */
export interface Attack {
  /** Method; POST by default. */
  method?: string;
  /** Path and query. */
  path?: string;
  /** Fields besides Host and the framing. */
  fields?: string[];
  /** Body, one character a byte, sent with its length. */
  body?: string;
  /** Fields after a chunked body. */
  trailers?: string[];
}

/** What an attack is after. */
export interface Aim {
  /** Builds the request. */
  request: (token: string) => Attack;
  /** How the attacker, or the host for it, reads what the host has kept. */
  read?: (kept: string) => string;
  /**
   * What shows that it worked: `secret`, the swapped value comes back; `token`, the token went through unseen, so that a
   * swap one decoding later would have put the secret there.
   */
  shows: "secret" | "token";
  /** What the refusal has to say of the place. */
  place: RegExp;
  /** The place that the owner declared, if the attack is about getting around it. */
  declared?: Place;
}

/** Carries an attack out against both. */
export async function thwarted(aim: Aim): Promise<void> {
  await withProxy(async ({ keyring, port, audit }) => {
    const host = keepingHost();
    try {
      const { token } = keyring.add({
        name: "victim",
        hosts: `127.0.0.1:${host.port}`,
        value: SECRET,
        ...(aim.declared === undefined ? {} : { type: "api_key", place: aim.declared }),
      });
      const attack = aim.request(token);
      const read = aim.read ?? ((kept: string) => kept);

      await send(host.port, swapNaively(written(attack, ""), token));
      const stolen = read(host.received.at(-1) ?? "");
      const loot = aim.shows === "secret" ? SECRET : token;
      assert.ok(stolen.includes(loot), `the attack does not even work against a naive proxy: ${stolen}`);

      host.received.length = 0;
      host.connections = 0;
      const request = written(attack, `/to/http/127.0.0.1:${host.port}`, `127.0.0.1:${port}`);
      const answer = parse(await send(port, request));
      assert.deepEqual(
        [answer.status, answer.headers.get("x-wispkey-error")],
        [403, "misplaced_token"],
        answer.body,
      );
      assert.match(JSON.parse(answer.body).error.message, aim.place);
      assert.ok(!answer.body.includes(token) && !answer.body.includes(SECRET));
      assert.deepEqual([host.connections, host.received], [0, []], "nothing was sent, no socket was opened");
      assert.equal(keyring.handedOut.length, 0, "the secret was not even decrypted");
      const [row] = audit.rows;
      assert.deepEqual([row?.event, row?.reason, row?.credential], [
        "CredentialDenied",
        "misplaced_token",
        "victim",
      ]);
      const log = JSON.stringify(audit.rows);
      const decoded = decodeURIComponent(decodeURIComponent(log)).toLowerCase();
      assert.ok(!log.includes(token) && !decoded.includes(token), log);
    } finally {
      await host.close();
    }
  });
}

function written(attack: Attack, prefix: string, host = "host.test"): string {
  const { method = "POST", path = "/", fields = [], body, trailers } = attack;
  const framing = trailers !== undefined
    ? ["Transfer-Encoding: chunked"]
    : body === undefined
    ? []
    : [`Content-Length: ${body.length}`];
  const head = [
    `${method} ${prefix}${path} HTTP/1.1`,
    `Host: ${host}`,
    ...fields,
    ...framing,
    "Connection: close",
  ];
  const tail = trailers === undefined
    ? body ?? ""
    : `${(body ?? "x").length.toString(16)}\r\n${body ?? "x"}\r\n0\r\n${trailers.join("\r\n")}\r\n\r\n`;
  return `${head.join("\r\n")}\r\n\r\n${tail}`;
}

/** What earlier programs of this kind do: text for text, wherever it stands, and the length set right. */
function swapNaively(request: string, token: string): string {
  const swapped = request.replaceAll(token, SECRET);
  const body = swapped.slice(swapped.indexOf("\r\n\r\n") + 4);
  return swapped.replace(/^Content-Length: \d+$/m, `Content-Length: ${body.length}`);
}

function keepingHost() {
  const state = { connections: 0 };
  const server = rawServer(async (connection, received) => {
    state.connections++;
    let held = "";
    while (!isWhole(held)) {
      const more = await readSome(connection);
      if (more === null) return;
      held += more;
    }
    received.push(held);
    await writeAll(connection, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  return Object.assign(state, server);
}

function isWhole(held: string): boolean {
  const end = held.indexOf("\r\n\r\n");
  if (end < 0) return false;
  if (/^transfer-encoding: *chunked/im.test(held)) {
    const last = held.indexOf("\r\n0\r\n", end);
    return last >= 0 && held.indexOf("\r\n\r\n", last + 3) >= 0;
  }
  return held.length >= end + 4 + Number(/^content-length: *(\d+)/im.exec(held)?.[1] ?? 0);
}

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** The body of what a host has kept. */
export function bodyOf(kept: string): string {
  return kept.slice(kept.indexOf("\r\n\r\n") + 4);
}
