/**
 * The settings of a vault: what was set, authenticated one by one and as a whole, so that neither a changed nor a
 * removed one passes for the default.
 *
 * @module
 */

import { concat, equalInConstantTime, fromUtf8, utf8, wipe } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { DeniedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import {
  isSettingKey,
  parseSetting,
  parseSettingKey,
  type SettingKey,
  settingOf,
  type SettingValues,
} from "../core/settings.ts";
import { NONCE_LENGTH, open, seal, TAG_LENGTH } from "./aead.ts";
import { Columns } from "./columns.ts";
import type { AuditNote, VaultContext } from "./context.ts";
import { FORMAT_VERSION, type VaultKeys } from "./keys.ts";
import { LedgerChange, type LedgerTable } from "./ledger.ts";

const TABLE: LedgerTable = "settings";
/** Longest value written to the log, in characters. */
const MAX_LOGGED_LENGTH = 200;

/** A setting as it stands in the table. */
export interface StoredSetting {
  /** Its key, known to this version or not. */
  key: string;
  /** Its value as text. */
  value: string;
  /** Its MAC. */
  mac: Uint8Array;
  /** Whether the MAC fits. */
  intact: boolean;
}

/** Reads and changes settings. */
export class SettingStore {
  readonly #context: VaultContext;

  /** The settings in the vault of `context`. */
  constructor(context: VaultContext) {
    this.#context = context;
  }

  /**
   * The settings that were set; what is absent has its default.
   *
   * @throws {DeniedError} `setting_tampered` if any was changed, added or removed behind our back.
   */
  all(): Partial<SettingValues> {
    const { ledger, keys } = this.#context;
    const expected = ledger.read(keys).digest(TABLE);
    const found = new LedgerChange(keys, 0, 0, new Map());
    const values: Partial<SettingValues> = {};
    for (const { key, value, mac, intact } of this.rows()) {
      if (!intact) throw settingTampered(key);
      found.toggle(TABLE, key, mac);
      // A setting of another version of the program is kept, but means nothing here.
      if (isSettingKey(key)) this.#read(values, key, value);
    }
    if (!equalInConstantTime(expected, found.digest(TABLE))) throw settingTampered(undefined);
    return values;
  }

  /**
   * Sets one. An act of the owner: it also settles what was changed behind our back, see {@linkcode unset}.
   *
   * @throws {UsageError} `unknown_setting`, `invalid_setting`.
   */
  set<K extends SettingKey>(key: K, value: SettingValues[K], note: AuditNote = {}): void {
    const setting = settingOf(parseSettingKey(key) as K);
    const text = setting.format(value);
    parseSetting(key, text);
    this.#change(`${key} = ${setting.show(value).slice(0, MAX_LOGGED_LENGTH)}`, note, ({ db, keys }) => {
      const stored = setting.secret ? sealText(keys, key, text) : text;
      const mac = settingMac(keys, key, stored);
      db.prepare("INSERT OR REPLACE INTO settings (key, value, mac) VALUES (?, ?, ?)").run(key, stored, mac);
    });
  }

  /**
   * Back to the default. If settings were changed behind our back, this clears the named one away and takes the
   * others as they stand, each of which must still be intact itself.
   */
  unset(key: SettingKey, note: AuditNote = {}): void {
    this.#change(`${key} unset`, note, ({ db }) => {
      db.prepare("DELETE FROM settings WHERE key = ?").run(key);
    });
  }

  #change(reason: string, note: AuditNote, work: (context: VaultContext) => void): void {
    this.#context.change((ledger) => {
      work(this.#context);
      ledger.digest(TABLE).fill(0);
      for (const row of this.rows()) ledger.toggle(TABLE, row.key, row.mac);
      return [undefined, { event: "SettingChanged", reason, ...note }];
    });
  }

  #read<K extends SettingKey>(values: Partial<SettingValues>, key: K, stored: string): void {
    const { keys } = this.#context;
    const text = settingOf(key).secret ? openText(keys, key, stored) : stored;
    if (text === undefined) throw settingTampered(key);
    values[key] = parseSetting(key, text);
  }

  /** The rows as they stand, intact or not. */
  rows(): StoredSetting[] {
    const { db, keys } = this.#context;
    return db.prepare("SELECT key, value, mac FROM settings ORDER BY key", { bigints: true }).all().map(
      (row) => {
        const columns = new Columns(row);
        const key = columns.text("key");
        const value = columns.text("value");
        const mac = columns.bytes("mac");
        const intact = !columns.damaged && equalInConstantTime(mac, settingMac(keys, key, value));
        return { key, value, mac, intact };
      },
    );
  }
}

function settingMac(keys: VaultKeys, key: string, value: string): Uint8Array<ArrayBuffer> {
  return keys.mac("rows", canonical(["wispkey setting", FORMAT_VERSION, key, value]));
}

/** A setting that may hold a password is no more to be read from the file than a credential is. */
function sealText(keys: VaultKeys, key: SettingKey, text: string): string {
  const plain = utf8(text);
  const { nonce, ciphertext, tag } = seal(keys.key("values"), plain, settingBinding(key));
  wipe(plain);
  return concat(nonce, ciphertext, tag).toBase64();
}

function openText(keys: VaultKeys, key: SettingKey, stored: string): string | undefined {
  const bytes = Uint8Array.fromBase64(stored);
  const plain = open(keys.key("values"), {
    nonce: bytes.subarray(0, NONCE_LENGTH),
    ciphertext: bytes.subarray(NONCE_LENGTH, Math.max(NONCE_LENGTH, bytes.length - TAG_LENGTH)),
    tag: bytes.subarray(Math.max(NONCE_LENGTH, bytes.length - TAG_LENGTH)),
  }, settingBinding(key));
  if (plain === undefined) return undefined;
  const text = fromUtf8(plain);
  wipe(plain);
  return text;
}

function settingBinding(key: SettingKey): Uint8Array<ArrayBuffer> {
  return canonical(["wispkey sealed setting", FORMAT_VERSION, key]);
}

function settingTampered(key: string | undefined): DeniedError {
  const what = key === undefined ? "the settings" : `the setting ${escapeText(key)}`;
  return new DeniedError(`cannot use ${what}: changed behind our back`, {
    code: "setting_tampered",
    hint: `wispkey doctor; then wispkey config unset ${key === undefined ? "KEY" : escapeText(key)}`,
  });
}
