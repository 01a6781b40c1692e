/**
 * What the `config` verbs share.
 *
 * @module
 */

import { type SettingKey, settingOf, type SettingValues } from "../../core/settings.ts";
import type { CertificateFacts } from "../../platform/certificates.ts";

/** A setting as it is printed. */
export interface SettingJson {
  /** Its name. */
  key: SettingKey;
  /** The value in force; of an upstream proxy without user name and password, of certificates what they say. */
  value: SettingValues[SettingKey] | readonly CertificateFacts[];
  /** What holds if nothing is set. */
  default: SettingValues[SettingKey];
  /** Unit of both; empty if there is none. */
  unit: string;
  /** What it does. */
  summary: string;
}

/** Describes one setting. */
export async function settingJson(key: SettingKey, values: SettingValues): Promise<SettingJson> {
  const { default: standard, unit, summary } = settingOf(key);
  const value = key === "proxy.extra_ca" ? await factsOf(values[key]) : values[key];
  return { key, value, default: standard, unit, summary };
}

/** The value for a line of text, with its unit. */
export function settingText(key: SettingKey, values: SettingValues): string {
  const { unit } = settingOf(key);
  const text = shownValue(key, values);
  return unit === "" ? text : `${text} ${unit}`;
}

/** The bare value for a line of text. The daemon has left out what is secret in it. */
export function shownValue<K extends SettingKey>(key: K, values: SettingValues): string {
  const value = values[key];
  return typeof value === "string" ? value || "none" : settingOf(key).show(value);
}

/** The lines of `config get`: for scripts, so one entry a line and nothing for none. */
export async function settingLines(key: SettingKey, values: SettingValues): Promise<string[]> {
  const value = values[key];
  if (key === "proxy.extra_ca") {
    const facts = await factsOf(values[key]);
    return facts.map(({ sha256, subject, expiresAt }) => `${sha256}  ${day(expiresAt)}  ${subject}`);
  }
  if (typeof value === "object") return [...value];
  return value === "" ? [] : [String(value)];
}

async function factsOf(pems: readonly string[]): Promise<CertificateFacts[]> {
  if (pems.length === 0) return [];
  const { describeCertificates } = await import("../../platform/certificates.ts");
  return describeCertificates(pems);
}

function day(at: number): string {
  return Number.isNaN(at) ? "-" : `until ${new Date(at).toISOString().slice(0, 10)}`;
}
