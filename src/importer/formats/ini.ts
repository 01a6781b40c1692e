/**
 * Files of sections and `name = value` lines: AWS credentials, `.pypirc` and their like.
 *
 * @module
 */

import { linesOf } from "./lines.ts";
import type { SourceEntry } from "./types.ts";
import { hostOfUrl } from "./hosts.ts";

interface Setting {
  section: string;
  name: string;
  value: string;
  line: number;
  start: number;
}

/** Every setting of every section, named `section.name`; of a `.pypirc` the repository names the host. */
export function readIni(text: string): SourceEntry[] {
  const settings = [...settingsOf(text)];
  return settings.map((setting) => {
    const { section, name, value, line, start } = setting;
    const entry: SourceEntry = {
      name: section === "" ? name : `${section}.${name}`,
      value,
      line,
      swap: (token) => ({ span: { start, end: start + value.length }, text: token }),
    };
    if (name !== "password") return entry;
    const repository = settings.find((other) => other.section === section && other.name === "repository");
    const host = repository === undefined ? null : hostOfUrl(repository.value);
    return {
      ...entry,
      certain: true,
      place: { in: "basic", part: "password" },
      ...(host === null ? {} : { hosts: [host] }),
    };
  });
}

function* settingsOf(text: string): Generator<Setting, void> {
  let section = "";
  for (const { text: line, start, number } of linesOf(text)) {
    const head = /^\s*\[([^\]]*)\]\s*(?:[#;].*)?$/.exec(line)?.[1];
    if (head !== undefined) {
      section = head.trim().replace(/^profile\s+/, "");
      continue;
    }
    const match = /^(\s*)([A-Za-z_][\w.-]*)(\s*[=:]\s*)(.*?)\s*$/.exec(line);
    if (match === null) continue;
    const [, blanks = "", name = "", equals = "", value = ""] = match;
    const at = start + blanks.length + name.length + equals.length;
    yield { section, name, value, line: number, start: at };
  }
}
