/**
 * Message heads as bytes. Every name and value is checked once more on its way out, whoever made it: nothing that is
 * not one field can become two.
 *
 * @module
 */

import { isToken, TARGET_CHARS, VALUE_CHARS } from "./chars.ts";
import { HttpError } from "./errors.ts";
import type { Framing, OutgoingValue } from "./types.ts";

/** A field line that goes out, RFC 9112 section 5. */
export interface OutgoingField {
  /** Name, spelled as it is to be sent. */
  readonly name: string;
  /** Value: Latin-1 text, or bytes that hold a secret. */
  readonly value: OutgoingValue;
}

/** Where a head is written to; {@linkcode OutputBuffer} is one. */
export interface HeadSink {
  /** Appends Latin-1 text. */
  text(text: string): void;
  /** Appends bytes, to be wiped after writing if they are secret. */
  bytes(bytes: Uint8Array, secret: boolean): void;
}

/** Start line of a request. */
export interface RequestLine {
  /** Method. */
  readonly method: string;
  /** Request target: text, or bytes that hold a secret. */
  readonly target: OutgoingValue;
}

/** Start line of a response. */
export interface StatusLine {
  /** Status, 100 to 999. */
  readonly status: number;
  /** Reason phrase, may be empty. */
  readonly reason: string;
}

const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^[\x21-\x7e]+$/;

/** Writes these itself, from the framing: whatever the caller gives is left out. */
const OWN_FIELDS = /^(?:content-length|transfer-encoding|connection|keep-alive|proxy-connection)$/i;

/**
 * Writes a request head. Framing fields come from `framing`; `Connection` and its like are the engine's own.
 *
 * @param connection value of a `Connection` field, if one is to be sent.
 * @throws {HttpError} 500 `bad_outgoing_value`; nothing but whole fields has been written then, so discard them.
 */
export function writeRequestHead(
  sink: HeadSink,
  line: RequestLine,
  fields: Iterable<OutgoingField>,
  framing: Framing,
  connection?: string,
): void {
  if (!isToken(line.method)) throw unfit("the method");
  let text = line.method + " ";
  if (typeof line.target === "string") {
    if (!TARGET.test(line.target)) throw unfit("the target");
    text += line.target;
  } else {
    if (line.target.length === 0 || !everyByte(line.target, TARGET_CHARS)) throw unfit("the target");
    sink.text(text);
    sink.bytes(line.target, true);
    text = "";
  }
  writeFields(sink, text + " HTTP/1.1\r\n", fields, OWN_FIELDS, framingFields(framing, connection));
}

/**
 * Writes a response head, always as HTTP/1.1. Framing fields come from `framing`, except where the response has no
 * body for a reason that lets it describe one (HEAD, 304): then a given `Content-Length` is kept.
 *
 * @param connection value of a `Connection` field, if one is to be sent.
 * @throws {HttpError} 500 `bad_outgoing_value`.
 */
export function writeResponseHead(
  sink: HeadSink,
  line: StatusLine,
  fields: Iterable<OutgoingField>,
  framing: Framing | "described",
  connection?: string,
): void {
  if (!Number.isInteger(line.status) || line.status < 100 || line.status > 999) throw unfit("the status");
  if (!VALUE.test(line.reason)) throw unfit("the reason phrase");
  const described = framing === "described";
  writeFields(
    sink,
    `HTTP/1.1 ${line.status} ${line.reason}\r\n`,
    fields,
    described ? /^(?:transfer-encoding|connection|keep-alive|proxy-connection)$/i : OWN_FIELDS,
    framingFields(described ? { kind: "none" } : framing, connection),
  );
}

function writeFields(
  sink: HeadSink,
  start: string,
  fields: Iterable<OutgoingField>,
  leftOut: RegExp,
  end: string,
): void {
  let text = start;
  for (const { name, value } of fields) {
    if (leftOut.test(name)) continue;
    if (!isToken(name)) throw unfit("a field name");
    if (typeof value === "string") {
      if (!VALUE.test(value)) throw unfit(`the value of ${name}`);
      text += name + ": " + value + "\r\n";
    } else {
      if (!everyByte(value, VALUE_CHARS)) throw unfit(`the value of ${name}`);
      sink.text(text + name + ": ");
      sink.bytes(value, true);
      text = "\r\n";
    }
  }
  sink.text(text + end + "\r\n");
}

/**
 * Writes field lines alone, for trailers.
 *
 * @throws {HttpError} 500 `bad_outgoing_value`.
 */
export function writeFieldLines(sink: HeadSink, fields: Iterable<OutgoingField>): void {
  for (const { name, value } of fields) {
    if (!isToken(name)) throw unfit("a field name");
    if (typeof value === "string" ? !VALUE.test(value) : !everyByte(value, VALUE_CHARS)) {
      throw unfit(`the value of ${name}`);
    }
    sink.text(name + ": ");
    if (typeof value === "string") sink.text(value + "\r\n");
    else {
      sink.bytes(value, true);
      sink.text("\r\n");
    }
  }
}

function framingFields(framing: Framing, connection: string | undefined): string {
  let text = "";
  if (framing.kind === "length") text = `Content-Length: ${framing.length}\r\n`;
  else if (framing.kind === "chunked") text = "Transfer-Encoding: chunked\r\n";
  if (connection !== undefined) text += `Connection: ${connection}\r\n`;
  return text;
}

function everyByte(bytes: Uint8Array, allowed: Uint8Array): boolean {
  for (const byte of bytes) if (allowed[byte] !== 1) return false;
  return true;
}

function unfit(what: string): HttpError {
  return new HttpError(
    500,
    "bad_outgoing_value",
    `cannot send the message: ${what} holds a character that must not be there`,
  );
}
