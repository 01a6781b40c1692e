/**
 * Programs that are not started, and the operations that `run` needs before it would.
 *
 * @module
 */

import { utf8 } from "../../src/core/bytes.ts";
import type { Programs } from "../../src/cli/io.ts";
import type { OperationName, Params, ValueMatch } from "../../src/daemon/api.ts";
import type { Program } from "../../src/platform/run_program.ts";
import type { FakeVault } from "./fake.ts";

/** The secret of every fake caller. */
export const CALLER_SECRET = "5ec4e7";

/** What a test says of programs, and what it finds afterwards. */
export interface FakePrograms {
  /** Environment of the process. */
  environment?: Record<string, string>;
  /** Exit code of the program. */
  code?: number;
  /** What it writes, where its output passes through us. */
  output?: string[];
  /** Those that were started. */
  started?: Program[];
  /** Notifications that were shown: title and text. */
  notifications?: [string, string][];
  /** Private files, by the path they had. */
  files?: Map<string, string>;
}

/** Programs as commands see them. */
export function fakePrograms(fake: FakePrograms = {}): Programs {
  return {
    prepare: () => Promise.resolve({ closed: true, how: "a test" }),
    environment: () => ({ ...fake.environment }),
    start: (program) => {
      (fake.started ??= []).push(program);
      const stream = (pieces: string[]) => ReadableStream.from(pieces.map(utf8));
      const output = program.piped ? { stdout: stream(fake.output ?? []), stderr: stream([]) } : null;
      return { output, exitCode: Promise.resolve(fake.code ?? 0) };
    },
    notify: (title, text) => {
      (fake.notifications ??= []).push([title, text]);
      return Promise.resolve(true);
    },
    scriptCommand: () => null,
    temporaryFiles: () => ({
      write: (name, bytes) => {
        (fake.files ??= new Map()).set(`/run/${name}`, new TextDecoder().decode(bytes));
        return Promise.resolve(`/run/${name}`);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
}

/** The operations on callers and environments; undefined for any other. */
export function runCallerOperation(
  vault: FakeVault,
  name: OperationName,
  anyParams: Params<OperationName>,
  payload: Uint8Array | undefined,
): { result: unknown; payload: Uint8Array<ArrayBuffer> | undefined } | undefined {
  switch (name) {
    case "caller.open": {
      const { name } = anyParams as Params<"caller.open">;
      return { result: { caller: { id: "c1", name: name ?? "run-oak-7" } }, payload: utf8(CALLER_SECRET) };
    }
    case "caller.list":
      return { result: { callers: vault.callers }, payload: undefined };
    case "caller.revoke":
      return { result: { count: 1 }, payload: undefined };
    case "environment.match":
      return {
        result: { matches: matches(vault, anyParams as Params<"environment.match">, payload) },
        payload: undefined,
      };
    case "environment.reveal": {
      const { credentials } = anyParams as Params<"environment.reveal">;
      const values = credentials.map((name) => vault.values.get(name) ?? new Uint8Array());
      const joined = new Uint8Array(values.flatMap((value) => [...value]));
      return { result: { lengths: values.map(({ length }) => length) }, payload: joined };
    }
    default:
      return undefined;
  }
}

function matches(
  vault: FakeVault,
  { credentials, lengths }: Params<"environment.match">,
  payload: Uint8Array = new Uint8Array(),
): ValueMatch[] {
  const found: ValueMatch[] = [];
  let end = 0;
  lengths.forEach((length, index) => {
    const value = new TextDecoder().decode(payload.subarray(end, end += length));
    for (const { name, token = "" } of vault.credentials) {
      if (value !== new TextDecoder().decode(vault.values.get(name))) continue;
      const isInScope = credentials?.includes(name) !== false;
      found.push(
        isInScope
          ? { index, kind: "token", credential: name, token }
          : { index, kind: "secret", credential: name },
      );
    }
  });
  return found;
}
