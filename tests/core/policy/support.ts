/**
 * Policies and questions for tests, in few words.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PolicyJudge } from "../../../src/core/policy/judge.ts";
import { mistakeText } from "../../../src/core/policy/mistake.ts";
import { parsePolicies } from "../../../src/core/policy/parse.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { PolicyIndex } from "../../../src/core/policy/policy_index.ts";
import type { PolicyQuestion } from "../../../src/core/policy/verdict.ts";
import { parseTarget } from "../../../src/core/target.ts";

/** The policies of a text that must be right. */
export function policiesOf(text: string): readonly Policy[] {
  const read = parsePolicies(text, { localZone: "UTC" });
  if (read.ok) return read.policies;
  assert.fail(read.mistakes.map((mistake) => mistakeText("policies.toml", mistake)).join("\n"));
}

/** The mistakes of a text, as they are shown. */
export function mistakesOf(text: string): string[] {
  const read = parsePolicies(text, { localZone: "UTC" });
  return read.ok ? [] : read.mistakes.map((mistake) => mistakeText("p", mistake));
}

/** One policy with a body of keys. */
export function policy(...lines: string[]): string {
  return ["[[policy]]", 'name = "p"', ...lines, ""].join("\n");
}

/** What a test may say of a use; `url` gives host, port and path. */
export interface Asked {
  credential?: string;
  id?: string;
  project?: string;
  caller?: string | null;
  method?: string;
  url?: string;
  overridden?: boolean;
  body?: number | null;
}

/** A question; everything has a default. */
export function question(asked: Asked = {}): PolicyQuestion {
  const { scheme, host, port, path } = parseTarget(asked.url ?? "https://api.aws.com/v1/items");
  const name = asked.credential ?? "aws-prod";
  return {
    credential: { id: asked.id ?? `id of ${name}`, name, project: asked.project ?? "default" },
    caller: asked.caller ?? null,
    method: asked.method ?? "GET",
    methodOverridden: asked.overridden ?? false,
    scheme,
    host,
    port,
    path,
    bodyBytes: asked.body === undefined ? 0 : asked.body,
  };
}

/** A clock that stands where it is put. */
export class TestClock {
  now: number;

  constructor(at: string | number) {
    this.now = typeof at === "number" ? at : Date.parse(at);
  }

  set(at: string): void {
    this.now = Date.parse(at);
  }
}

/** Policies in force at a time: a judge that answers `allow`, or `deny allowed_hosts` and the like. */
export class Bench {
  readonly judge: PolicyJudge;
  readonly clock: TestClock;

  constructor(texts: string | readonly string[], at: string | number = "2026-03-04T15:00:00Z") {
    this.clock = new TestClock(at);
    this.judge = new PolicyJudge(() => this.clock.now);
    this.judge.enforce([texts].flat().map((text) => new PolicyIndex(policiesOf(text))), []);
  }

  ask(asked: Asked = {}): string {
    const { verdict } = this.judge.judge(question(asked));
    return verdict.kind === "allow" || verdict.kind === "invalid"
      ? verdict.kind
      : `${verdict.kind} ${verdict.clause}`;
  }
}
