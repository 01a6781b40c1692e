/**
 * References that a password manager's own program resolves: `op://VAULT/ITEM/FIELD`, `op://VAULT/ITEM`, `bw://ITEM`. The
 * program is one at a place only an administrator writes to; it gets the reference in its arguments and never a secret.
 *
 * @module
 */

import { fromUtf8, wipe } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { readSource, type SourceEntry } from "../../importer/formats/mod.ts";
import { findHelper, runHelper } from "../../platform/helper.ts";
import type { CliIo } from "../io.ts";

/** Most a program may answer, bytes. */
const MAX_ANSWER = 16 * 1024 * 1024;

/** Reads what a reference stands for. */
export async function readReference(io: CliIo, reference: string): Promise<SourceEntry[]> {
  const [scheme, rest = ""] = reference.split("://");
  const parts = rest.split("/");
  if (scheme === "op") {
    const [vault = "", item = "", ...field] = parts;
    if (vault === "" || item === "") throw malformed(reference, "op://VAULT/ITEM/FIELD");
    if (field.length > 0) return [await oneValue(io, reference, parts.slice(1).join("."))];
    const answer = await ask(
      io,
      "op",
      ["item", "get", item, "--vault", vault, "--format", "json"],
      reference,
    );
    return await readSource("json", answer);
  }
  if (rest === "" || rest.startsWith("-")) throw malformed(reference, "bw://ITEM");
  return await readSource("json", await ask(io, "bw", ["get", "item", rest, "--nointeraction"], reference));
}

async function oneValue(io: CliIo, reference: string, name: string): Promise<SourceEntry> {
  const value = (await ask(io, "op", ["read", "--no-newline", reference], reference)).replace(/\r?\n$/, "");
  return {
    name,
    value,
    line: 1,
    certain: true,
    swap: (token) => ({ span: { start: 0, end: 0 }, text: token }),
  };
}

/** What the programs themselves need of the environment: where they are at home, and their session. */
const PASSED = [
  "HOME",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
  "XDG_RUNTIME_DIR",
  "APPDATA",
  "LOCALAPPDATA",
  "LANG",
  "SystemRoot",
];
const SESSIONS = { op: /^OP_[A-Za-z0-9_]+$/, bw: /^(?:BW_SESSION|BITWARDENCLI_APPDATA_DIR)$/ } as const;

async function ask(io: CliIo, tool: "op" | "bw", args: string[], reference: string): Promise<string> {
  const what = `read ${escapeText(reference)}`;
  const path = await findHelper(tool);
  if (path === null) {
    throw new FailedError(
      `cannot ${what}: the program '${tool}' is not installed where an administrator puts programs`,
      {
        code: "helper_missing",
        hint: `from another place: ${tool} … | wispkey add NAME --value-file -`,
      },
    );
  }
  await io.output.note(`Asking ${path} …`);
  const environment = (name: string) => PASSED.includes(name) || SESSIONS[tool].test(name);
  const { ok, stdout, stderr } = await runHelper(path, args, { environment, maxBytes: MAX_ANSWER });
  try {
    if (ok) return fromUtf8(stdout);
  } finally {
    wipe(stdout);
  }
  throw new FailedError(`cannot ${what}: ${tool} says: ${escapeText(stderr.trim().slice(0, 300))}`, {
    code: "helper_failed",
    hint: tool === "op" ? "op signin" : "bw unlock, then set BW_SESSION",
  });
}

function malformed(reference: string, form: string): FailedError {
  return new FailedError(`cannot read ${escapeText(reference)}: it is no reference of the form ${form}`, {
    code: "bad_reference",
    hint: `wispkey import ${form}`,
  });
}
