/**
 * The agent of the demo: a program written against the `openai` package, with no line that knows of WispKey. What it is
 * given stands in its environment: `OPENAI_API_KEY`, a wisp token, and `OPENAI_BASE_URL`.
 *
 * Prints one line of JSON: what it sent and what it got.
 */

import OpenAI from "openai";

/** What the agent tells of its run. */
export interface AgentReport {
  /** The `Authorization` headers it sent. */
  sent: string[];
  /** Text of the plain completion. */
  text: string;
  /** Pieces of the streamed completion. */
  pieces: string[];
  /** Milliseconds from the first streamed piece to the last. */
  spreadMs: number;
}

async function work(): Promise<AgentReport> {
  const sent: string[] = [];
  const client = new OpenAI({
    maxRetries: 0,
    fetch: (input, init) => {
      sent.push(new Headers(init?.headers).get("authorization") ?? "none");
      return fetch(input, init);
    },
  });
  const messages = [{ role: "user" as const, content: "Where is the key?" }];
  const completion = await client.chat.completions.create({ model: "demo", messages });
  const arrivals: number[] = [];
  const pieces: string[] = [];
  for await (const chunk of await client.chat.completions.create({ model: "demo", messages, stream: true })) {
    arrivals.push(performance.now());
    pieces.push(chunk.choices[0]?.delta.content ?? "");
  }
  return {
    sent,
    text: completion.choices[0]?.message.content ?? "",
    pieces,
    spreadMs: Math.round((arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)),
  };
}

if (import.meta.main) console.log(JSON.stringify(await work()));
