/**
 * What a command says. Results go to stdout: in JSON mode one JSON value and nothing else, in text mode prose and tables.
 * Notes and warnings go to stderr.
 *
 * @module
 */

import { type ErrorJson, errorToJson } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { type Column, formatTable } from "./table.ts";

/** A stream to write to. */
export interface Sink {
  /** Writes all of it. */
  write(data: string | Uint8Array): Promise<void>;
  /** Whether a person may be looking. */
  readonly terminal: boolean;
  /** Whether it takes colour. */
  readonly colour: boolean;
  /** Columns, where it is a terminal. */
  readonly columns: number;
}

/** How the output behaves. */
export interface OutputOptions {
  /** What stdout carries. */
  format: "text" | "json";
  /** Whether notes are left out. */
  quiet: boolean;
}

const BOLD = 1;
const DIM = 2;
const RED = 31;
const YELLOW = 33;

/** Writes results, notes, warnings and errors in the chosen format. */
export class Output {
  /** Whether stdout carries JSON. */
  readonly json: boolean;
  /** Whether only results and errors are wanted. */
  readonly quiet: boolean;
  /** Results. */
  readonly stdout: Sink;
  /** Notes, warnings, errors. */
  readonly stderr: Sink;

  /** Takes the two streams and the manners. */
  constructor(stdout: Sink, stderr: Sink, options: OutputOptions) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.json = options.format === "json";
    this.quiet = options.quiet;
  }

  /** The result: `json` in JSON mode, else `lines`, made safe for a terminal by the caller where they hold foreign text. */
  async result(json: unknown, lines: readonly string[]): Promise<void> {
    if (this.json) await this.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    else if (lines.length > 0) await this.stdout.write(`${lines.join("\n")}\n`);
  }

  /** One JSON value on one line of its own, for output that goes on. */
  async jsonLine(json: unknown): Promise<void> {
    await this.stdout.write(`${JSON.stringify(json)}\n`);
  }

  /** A table's lines, its headings bold on a terminal. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
    const fit = this.stdout.terminal ? this.stdout.columns : undefined;
    const [heading = "", ...lines] = formatTable(columns, rows, fit);
    return [paint(this.stdout, BOLD, heading), ...lines];
  }

  /** Something good to know; not in quiet mode, not in JSON mode. */
  async note(text: string): Promise<void> {
    if (!this.quiet && !this.json) await this.stderr.write(`${text}\n`);
  }

  /** Something to beware of; in JSON mode one JSON line on stderr, so that all of stderr can be read by lines. */
  async warn(text: string): Promise<void> {
    if (this.json) await this.stderr.write(`${JSON.stringify({ warning: { message: text } })}\n`);
    else await this.stderr.write(`${paint(this.stderr, YELLOW, "warning:")} ${escapeText(text)}\n`);
  }

  /** The error a command ended with; in JSON mode as JSON, on stderr all the same. */
  async error(error: unknown): Promise<ErrorJson> {
    const json = errorToJson(error);
    if (this.json) {
      await this.stderr.write(`${JSON.stringify({ error: json })}\n`);
      return json;
    }
    const hint = json.hint === undefined
      ? ""
      : `${paint(this.stderr, DIM, "hint:")} ${escapeText(json.hint)}\n`;
    await this.stderr.write(`${paint(this.stderr, RED, "wispkey:")} ${escapeText(json.message)}\n${hint}`);
    return json;
  }
}

function paint(sink: Sink, code: number, text: string): string {
  return sink.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
}
