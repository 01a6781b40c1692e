/**
 * Kinds of settings: how each is read from what a person typed, written down, and shown.
 *
 * @module
 */

import { formatNetworkRule, parseNetworkRule } from "./network_rule.ts";
import { readPem } from "./pem.ts";
import { formatProxyUrl, parseProxyUrl, showProxyUrl } from "./proxy_url.ts";

/** One setting. `T` is its value's type. */
export interface Setting<T> {
  /** Kind of value. */
  readonly kind: "number" | "boolean" | "proxy-url" | "list" | "certificates";
  /** Value when nothing was set. */
  readonly default: T;
  /** One line for `config list` and the help. */
  readonly summary: string;
  /** Unit, for people; empty if there is none. */
  readonly unit: string;
  /** What it takes, for messages: `a whole number from 1 to 600 (seconds)`. */
  readonly takes: string;
  /** A value that is right, for hints. */
  readonly example: string;
  /** Whether it may hold a secret: then it is encrypted at rest, and only ever shown in part. */
  readonly secret: boolean;
  /** Whether the command line names a file whose content is the value. */
  readonly fromFile: boolean;
  /** Reads a value as it was typed or written down; null if it is none. */
  parse(text: string): T | null;
  /** The text that is written down; parses back to the same value. */
  format(value: T): string;
  /** For people and the log, without secrets. */
  show(value: T): string;
}

/** Most entries of a list. */
const MAX_LIST_LENGTH = 256;
/** Largest text of a setting, in bytes: some hundred certificates. */
export const MAX_SETTING_LENGTH = 512 * 1024;

/** What makes up a {@linkcode numberSetting}. */
export interface NumberOptions {
  /** Value when nothing was set. */
  default: number;
  /** Least allowed value. */
  min: number;
  /** Greatest allowed value. */
  max: number;
  /** Unit, for people. */
  unit: string;
  /** One line for `config list` and the help. */
  summary: string;
}

/** A whole number within a range. */
export function numberSetting(options: NumberOptions): Setting<number> {
  const { min, max, unit } = options;
  return {
    ...plain("number", options.default, options.summary),
    unit,
    takes: `a whole number from ${min} to ${max} (${unit})`,
    example: String(options.default),
    parse(text) {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : null;
    },
    format: String,
    show: String,
  };
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  false: false,
  off: false,
  no: false,
};

/** On or off. */
export function booleanSetting(options: { default: boolean; summary: string }): Setting<boolean> {
  return {
    ...plain("boolean", options.default, options.summary),
    takes: "true or false",
    example: String(!options.default),
    parse: (text) =>
      Object.hasOwn(BOOLEANS, text.toLowerCase()) ? BOOLEANS[text.toLowerCase()] ?? null : null,
    format: String,
    show: String,
  };
}

/** What makes up a {@linkcode networkListSetting}. */
export interface ListOptions {
  /** One line for `config list` and the help. */
  summary: string;
  /** A list that is right, for hints. */
  example: string;
  /** Whether `*` may stand in it. */
  anything: boolean;
}

/** A list of {@linkcode parseNetworkRule network rules}, separated by commas or blanks; its value is their canonical texts. */
export function networkListSetting(options: ListOptions): Setting<readonly string[]> {
  return {
    ...plain<readonly string[]>("list", [], options.summary),
    takes: `names, *.names, addresses and ranges like 10.0.0.0/8, with commas between${
      options.anything ? ", or *" : ""
    }`,
    example: options.example,
    parse(text) {
      const rules = new Set<string>();
      for (const piece of text.split(/[\s,]+/)) {
        if (piece === "") continue;
        const rule = parseNetworkRule(piece);
        if (rule === null || (rule.kind === "any" && !options.anything)) return null;
        rules.add(formatNetworkRule(rule));
      }
      return rules.size > MAX_LIST_LENGTH ? null : [...rules];
    },
    format: (value) => value.join(","),
    show: (value) => value.length === 0 ? "none" : value.join(","),
  };
}

/** The address of an upstream proxy; empty for none. Its user name and password are secret. */
export function proxyUrlSetting(options: { summary: string }): Setting<string> {
  return {
    ...plain("proxy-url", "", options.summary),
    takes: "http://, https://, socks5:// or socks5h://[user:password@]host[:port]",
    example: "http://proxy.example.com:3128",
    secret: true,
    parse(text) {
      if (text === "") return "";
      const url = parseProxyUrl(text);
      return url === null ? null : formatProxyUrl(url);
    },
    format: (value) => value,
    show(value) {
      const url = parseProxyUrl(value);
      return url === null ? "none" : showProxyUrl(url);
    },
  };
}

/** Certificates as PEM, given by the name of a file; its value is each of them in one spelling. */
export function certificatesSetting(options: { summary: string }): Setting<readonly string[]> {
  return {
    ...plain<readonly string[]>("certificates", [], options.summary),
    takes: "a PEM file of certificates without any private key",
    example: "FILE.pem",
    fromFile: true,
    parse(text) {
      if (text.trim() === "") return [];
      const file = readPem(text);
      return file === null || file.holdsPrivateKey || file.certificates.length === 0
        ? null
        : file.certificates;
    },
    format: (value) => value.join(""),
    show: (value) =>
      value.length === 0 ? "none" : value.length === 1 ? "1 certificate" : `${value.length} certificates`,
  };
}

function plain<T>(kind: Setting<T>["kind"], standard: T, summary: string) {
  return { kind, default: standard, summary, unit: "", secret: false, fromFile: false };
}
