/**
 * Judging uses by many policies, and reading a long policy file.
 *
 * @module
 */

import process from "node:process";
import { PolicyJudge } from "../../src/core/policy/judge.ts";
import { parsePolicies } from "../../src/core/policy/parse.ts";
import type { Policy } from "../../src/core/policy/policy.ts";
import { PolicyIndex } from "../../src/core/policy/policy_index.ts";
import type { PolicyQuestion } from "../../src/core/policy/verdict.ts";
import { figure, spreadText } from "./format.ts";
import type { Section } from "./report.ts";
import { quantile, spread } from "./statistics.ts";

/** Uses that are timed together: one alone is shorter than the clock's step. */
const BATCH = 8;
/** A Wednesday afternoon in New York, within all schedules. */
const NOW = Date.parse("2026-03-04T18:00:00Z");

/** A file of different policies; each is about a few credentials, or all about every one. */
function policyFile(count: number, aboutAll: boolean): string {
  return Array.from({ length: count }, (_, i) => {
    const about = aboutAll ? "*" : i % 5 === 0 ? `team-${i % 50}-*` : `key-${i % 300}`;
    return `[[policy]]
name = "policy-${i}"
credential = "${about}"
allowed_hosts = ["api.example.com", "host-${i}.example", "*.zone-${i}.example"]
allowed_methods = ["GET", "POST"${i % 2 === 0 ? "" : ', "PUT"'}]
allowed_paths = ["/v1/**", "/own-${i}/**"]
denied_paths = ["/admin/**", "/secret-${i}/**"]
rate_limit = "${1_000_000 + i}/minute"
time_window = "Mon-Fri 0${i % 9}:${10 + i % 50}-2${i % 3}:00 America/New_York"
`;
  }).join("\n");
}

function questions(aboutAll: boolean): PolicyQuestion[] {
  return Array.from({ length: 64 }, (_, i) => {
    const name = aboutAll ? "key-0" : `key-${i}`;
    return {
      credential: { id: name, name, project: "default" },
      caller: null,
      method: "GET",
      methodOverridden: false,
      scheme: "https",
      host: "api.example.com",
      port: 443,
      path: `/v1/items/${i}`,
      bodyBytes: 0,
    };
  });
}

/** Microseconds a use, one figure a batch. */
function judgeTimes(
  policies: readonly Policy[],
  asked: readonly PolicyQuestion[],
  batches: number,
): number[] {
  const judge = new PolicyJudge(() => NOW);
  judge.enforce([new PolicyIndex(policies)], []);
  const times: number[] = [];
  for (let batch = -batches; batch < batches; batch++) {
    const started = performance.now();
    for (let i = 0; i < BATCH; i++) {
      const question = asked[(batch + batches + i) % asked.length];
      const verdict = question === undefined ? undefined : judge.judge(question).verdict.kind;
      if (verdict !== "allow") throw new Error(`a use was not allowed: ${verdict}`);
    }
    // The first half warms the engine up.
    if (batch >= 0) times.push((performance.now() - started) * 1000 / BATCH);
  }
  return times.sort((a, b) => a - b);
}

function read(text: string): readonly Policy[] {
  const parsed = parsePolicies(text);
  if (parsed.ok) return parsed.policies;
  throw new Error("the policies of the benchmark are not understood");
}

/** Measures files of `count` policies. */
export function policySpeed(
  { count, batches, loads }: { count: number; batches: number; loads: number },
): Section {
  const text = policyFile(count, false);
  const loadTimes = Array.from({ length: loads }, () => {
    const before = process.cpuUsage();
    new PolicyIndex(read(text));
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  const cases = [
    { name: "each about a few credentials", times: judgeTimes(read(text), questions(false), batches) },
    {
      name: "all about the same one",
      times: judgeTimes(read(policyFile(count, true)), questions(true), batches),
    },
  ];
  const load = spread(loadTimes);
  const usual = quantile(cases[0]?.times ?? [], 0.5);
  return {
    title: "Policies",
    method:
      `Judging a use that ${
        figure(count)
      } policies allow (hosts, methods, allowed and denied paths, a rate ` +
      `limit and a schedule each), and reading their file of ${
        figure(text.length / 1024)
      } KiB ${loads} times, the ` +
      "first time cold.",
    columns: ["policies", "median µs", "99th percentile µs"],
    rows: [
      ...cases.map(({ name, times }) => [name, figure(quantile(times, 0.5)), figure(quantile(times, 0.99))]),
      ["reading the file, processor ms", spreadText(load), "–"],
    ],
    targets: [
      {
        text: `with ${figure(count)} policies a use is judged in less than 20 µs at the median`,
        measured: `${figure(usual)} µs`,
        reached: usual < 20,
      },
      {
        text: `reading a file of ${
          figure(count)
        } policies takes less than 100 ms of a processor at the median`,
        measured: `${figure(load.median)} ms, ${figure(loadTimes[0] ?? NaN)} ms the first time`,
        reached: load.median < 100,
      },
    ],
    data: { loadTimes, cases: cases.map(({ name, times }) => ({ name, median: quantile(times, 0.5) })) },
  };
}
