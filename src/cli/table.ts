/**
 * Tables for people.
 *
 * @module
 */

import { escapeText } from "../core/name.ts";
import { displayWidth, padEnd, truncate, wrapText } from "./width.ts";

/** A column of a table. */
export interface Column {
  /** Its heading. */
  readonly title: string;
  /** Whether it gives way when the table is wider than the terminal; a number says down to how many columns. */
  readonly shrinks?: boolean | number;
  /** Whether a cell that does not fit goes on below, where it would be cut otherwise. */
  readonly wraps?: boolean;
}

const GAP = "  ";
const LEAST_WIDTH = 10;

/**
 * Lays rows out under headings. Cells are made safe for a terminal; the last column is not padded.
 *
 * @param columns columns of the terminal to fit, undefined = as wide as needed (pipes and files)
 * @returns lines, headings first
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  fit: number | undefined,
): string[] {
  const safe = rows.map((row) => columns.map((_, i) => escapeText(row[i] ?? "")));
  const widths = columns.map((column, i) =>
    safe.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? "")), column.title.length)
  );
  if (fit !== undefined) shrink(columns, widths, fit);
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => {
      const width = widths[i] ?? 0;
      return i === cells.length - 1 ? truncate(cell, width) : padEnd(truncate(cell, width), width);
    }).join(GAP).trimEnd();
  const row = (cells: readonly string[]): string[] => {
    const pieces = cells.map((cell, i) => columns[i]?.wraps ? wrapText(cell, widths[i] ?? 0) : [cell]);
    const height = Math.max(...pieces.map(({ length }) => length));
    return Array.from({ length: height }, (_, i) => line(pieces.map((piece) => piece[i] ?? "")));
  };
  return [line(columns.map((column) => column.title)), ...safe.flatMap(row)];
}

function leastWidth({ shrinks }: Column): number {
  return typeof shrinks === "number" ? shrinks : shrinks ? LEAST_WIDTH : Infinity;
}

function shrink(columns: readonly Column[], widths: number[], fit: number): void {
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - fit;
  while (excess > 0) {
    let widest = -1;
    columns.forEach((column, i) => {
      const width = widths[i] ?? 0;
      if (width > leastWidth(column) && (widest < 0 || width > (widths[widest] ?? 0))) widest = i;
    });
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}
