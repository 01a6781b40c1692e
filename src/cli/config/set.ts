/**
 * `wispkey config set`.
 *
 * @module
 */

import { fromUtf8, utf8, wipe } from "../../core/bytes.ts";
import { ExitCode, FailedError, UsageError, WispKeyError } from "../../core/errors.ts";
import { MAX_SETTING_LENGTH } from "../../core/setting_kinds.ts";
import { parseSetting, parseSettingKey, type SettingKey, settingOf } from "../../core/settings.ts";
import { parseProxyUrl } from "../../core/proxy_url.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { settingJson, settingText } from "./setting.ts";

/** Options of `config set`. */
export interface ConfigSetOptions {
  /** The setting. */
  key: SettingKey;
  /** Its value, or the file that it is read from (`-` is standard input). */
  argument: string;
}

/** Changes one setting. */
export const configSet: Verb<ConfigSetOptions> = {
  parse(args) {
    const key = parseSettingKey(args.positional(0));
    const argument = args.positional(1);
    if (!isFile(key, argument)) parseSetting(key, argument);
    return { key, argument };
  },

  async run({ key, argument }, io) {
    const text = await readText(io, key, argument);
    return await withVault(io, `set ${key}`, async (vault) => {
      const payload = utf8(text);
      const { values } = (await vault.call("config.set", { key }, payload).finally(() =>
        wipe(payload)
      )).result;
      // The session's time is fixed when its daemon starts, the rest is read at each request.
      const from = key === "session.timeout" ? "from the next unlock on" : "now";
      const line = `${key} is ${settingText(key, values)} ${from}.`;
      const setting = await settingJson(key, values);
      await io.output.result({ ok: true, setting }, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};

/** The value as it is stored, checked before the password is asked for. */
async function readText(io: CliIo, key: SettingKey, argument: string): Promise<string> {
  if (isFile(key, argument)) {
    const given = await readSettingFile(io, key, argument);
    // What an editor or `echo` puts at the end of a line is not part of a value.
    return canonicalText(key, settingOf(key).fromFile ? given : given.trim());
  }
  if (settingOf(key).secret && parseProxyUrl(argument)?.user) {
    await io.output.warn(
      `the user name and password are visible in the shell's history now; 'wispkey config set ${key} -' reads them from standard input`,
    );
  }
  return canonicalText(key, argument);
}

function canonicalText<K extends SettingKey>(key: K, text: string): string {
  return settingOf(key).format(parseSetting(key, text));
}

function isFile(key: SettingKey, argument: string): boolean {
  const { fromFile, secret } = settingOf(key);
  return fromFile || (secret && argument === "-");
}

/**
 * Reads the file that a setting's value is given by; `-` is standard input.
 *
 * @throws {FailedError} or {UsageError} with the reason.
 */
export async function readSettingFile(io: CliIo, key: SettingKey, path: string): Promise<string> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = path === "-"
      ? await io.files.readStdin(MAX_SETTING_LENGTH)
      : await io.files.read(path, MAX_SETTING_LENGTH);
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    // Exit code 4 is for what the vault lacks; a missing file is a plain failure.
    throw new FailedError(error.message, {
      code: error.code,
      hint: error.hint ?? `wispkey config set ${key} FILE`,
      cause: error,
    });
  }
  try {
    return fromUtf8(bytes);
  } catch (error) {
    throw new UsageError(`cannot set ${key}: the file is not text`, {
      code: "invalid_setting",
      hint: `it takes ${settingOf(key).takes}`,
      cause: error,
    });
  } finally {
    wipe(bytes);
  }
}
