/**
 * Operations on callers and on the environment of a program that `run` is about to start.
 *
 * @module
 */

import { concat, wipe } from "../../core/bytes.ts";
import { NotFoundError, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { matchValues } from "../environment_matcher.ts";
import { credentialNamed, projectNamed } from "./lookup.ts";
import type { Operation } from "./types.ts";

/** `caller.open`: a new caller, bound to a project and, if so wanted, to some of its credentials. */
export const openCaller: Operation<"caller.open"> = {
  shape: {
    name: "string|null",
    project: "string",
    credentials: "string[]|null",
    seconds: "count",
    intercept: "boolean",
  },
  need: "key",
  run({ vault, callers }, { name, project, credentials, seconds, intercept }) {
    // Scopes go by name, so they are spelled as the vault spells them.
    const { name: projectName } = projectNamed(vault, project);
    const names = credentials?.map((name) => credentialNamed(vault, { name, project }).name) ?? null;
    const { view, secret } = callers().open({
      name,
      project: projectName,
      credentials: names,
      expiresAt: seconds === 0 ? null : Date.now() + seconds * 1000,
      intercept,
    });
    return { result: { caller: view }, payload: secret };
  },
};

/** `caller.list`: all callers. */
export const listCallers: Operation<"caller.list"> = {
  shape: {},
  need: "nothing",
  run: ({ callers }) => ({ result: { callers: callers().list() } }),
};

/** `caller.revoke`: ends callers; it only narrows, so it needs no password, and works locked. */
export const revokeCaller: Operation<"caller.revoke"> = {
  shape: { caller: "string", ended: "boolean" },
  need: "nothing",
  run({ callers }, { caller, ended }) {
    const count = callers().end(caller, ended ? "ended" : "revoked");
    if (count > 0) return { result: { count } };
    throw new NotFoundError(`cannot revoke '${escapeText(caller)}': there is no such caller`, {
      code: "caller_not_found",
      hint: "wispkey callers list",
    });
  },
};

/** `environment.match`: which values of an environment are secrets. */
export const matchEnvironment: Operation<"environment.match"> = {
  shape: { project: "string", credentials: "string[]|null", lengths: "count[]" },
  need: "key",
  async run({ vault, guesses }, { project, credentials, lengths }, payload) {
    const { id } = projectNamed(vault, project);
    if (lengths.reduce((sum, length) => sum + length, 0) !== payload.length) {
      throw new UsageError("cannot compare the environment: its lengths do not fit", {
        code: "bad_parameters",
      });
    }
    let end = 0;
    const values = lengths.map((length) => payload.subarray(end, end += length));
    const matches = await matchValues(
      vault,
      values,
      guesses,
      ({ credential: { projectId, name } }) => projectId === id && credentials?.includes(name) !== false,
    );
    // Either way it was told that a value is right.
    if (matches.length > 0) {
      const names = [...new Set(matches.map(({ credential }) => credential))];
      const reason = `found in an environment: ${names.join(", ")}`;
      vault.audit.append([{ event: "TokenDisclosed", project, reason }], Date.now());
    }
    return { result: { matches } };
  },
};

/** `environment.reveal`: the secrets of several credentials, for one proof of the password. */
export const revealEnvironment: Operation<"environment.reveal"> = {
  shape: { project: "string", credentials: "string[]" },
  need: "password",
  run({ vault }, { project, credentials }) {
    const found = credentials.map((name) => credentialNamed(vault, { name, project }));
    if (found.length > 0) {
      vault.audit.append(
        found.map(({ name, token }) => ({
          event: "CredentialRevealed" as const,
          credential: name,
          project,
          tokenFingerprint: vault.tokenFingerprint(token),
          reason: "to a program's environment",
        })),
        Date.now(),
      );
    }
    const values: Uint8Array[] = [];
    try {
      for (const { id } of found) values.push(vault.credentials.openValue(id));
      return { result: { lengths: values.map(({ length }) => length) }, payload: concat(...values) };
    } finally {
      wipe(...values);
    }
  },
};
