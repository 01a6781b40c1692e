/**
 * Attacks that have an allowed host give a secret back. Each is first carried out against a proxy that puts secrets in and
 * passes responses on unread, where it has to work; then against ours.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type Answered, type Scene, SECRET, withScene } from "../proxy/scrub/support.ts";
import type { FakeCredential } from "../proxy/fakes.ts";

export { chunked, plain, SECRET, sentSecret } from "../proxy/scrub/support.ts";
export type { Answered } from "../proxy/scrub/support.ts";

/** An attack by echo. */
export interface Echo {
  /** What the host answers: a response, or its pieces as they are sent. */
  respond: (request: string) => string | string[];
  /** What the attacker sends; one GET with the token by default. The last answer is the one that is read. */
  act?: (scene: Scene) => Promise<Answered>;
  /** What the attacker makes of the answer, such as decoding it; its content by default. */
  read?: (answer: Answered) => string;
  /** What is stolen, the credential's value by default. */
  loot?: string;
  /** How the credential differs from a bearer token. */
  credential?: FakeCredential;
}

/** Carries an attack out against both. */
export async function thwarted(echo: Echo): Promise<void> {
  const { respond, act = ({ ask }) => ask(), read = ({ body }) => body, loot = SECRET, credential = {} } =
    echo;
  await withScene(respond, async (scene) => {
    scene.keyring.scrubs = false;
    const naive = await act(scene);
    const stolen = read(naive);
    assert.ok(stolen.includes(loot), `the attack does not even work against a naive proxy: ${naive.raw}`);

    scene.keyring.scrubs = true;
    const answer = await act(scene);
    assert.ok(!answer.raw.includes(loot), answer.raw);
    const read2 = read(answer);
    assert.ok(!read2.includes(loot), read2);
    assert.ok(
      scene.audit.rows.some(({ event }) => event === "ResponseScrubbed"),
      "the owner can see it in the log",
    );
  }, credential);
}
