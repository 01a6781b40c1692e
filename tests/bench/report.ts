/**
 * Results as they are written down, for people and for programs.
 *
 * @module
 */

/** One benchmark's results. */
export interface Section {
  /** Heading. */
  readonly title: string;
  /** What was measured and how, one paragraph. */
  readonly method: string;
  /** Column titles. */
  readonly columns: readonly string[];
  /** Cells, as text. */
  readonly rows: readonly (readonly string[])[];
  /** Whether what the project promises was reached, a sentence each. */
  readonly targets: readonly Target[];
  /** The same figures unrounded. */
  readonly data: unknown;
}

/** A promise about speed or memory. */
export interface Target {
  /** What is promised. */
  readonly text: string;
  /** What came out. */
  readonly measured: string;
  /** Whether it was reached. */
  readonly reached: boolean;
}

/** Where and when a run took place. */
export interface Machine {
  /** Day, `YYYY-MM-DD`. */
  readonly date: string;
  /** Operating system and architecture. */
  readonly platform: string;
  /** Number of processors. */
  readonly processors: number;
  /** Version of Deno. */
  readonly deno: string;
  /** Whether the sizes were reduced. */
  readonly quick: boolean;
}

/** The machine we run on. */
export function thisMachine(quick: boolean): Machine {
  return {
    date: Temporal.Now.plainDateISO("UTC").toString(),
    platform: `${Deno.build.os} ${Deno.build.arch}`,
    processors: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    quick,
  };
}

function table(columns: readonly string[], rows: Section["rows"]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map((_, index) => index === 0 ? "---" : "--:")), ...rows.map(line)]
    .join("\n");
}

/** The results in Markdown. */
export function toMarkdown(machine: Machine, sections: readonly Section[]): string {
  const sizes = machine.quick ? "reduced sizes (`--quick`)" : "full sizes";
  const parts = [
    "# Benchmarks",
    `Written by \`deno task bench\`, ${machine.date}: Deno ${machine.deno}, ${machine.platform}, ` +
    `${machine.processors} processors, ${sizes}. Everything shares those processors, so figures are for comparison ` +
    "within one table; medians, with the smallest and the largest run in brackets.",
  ];
  for (const { title, method, columns, rows, targets } of sections) {
    parts.push(`## ${title}`, method, table(columns, rows));
    if (title === "Side by side") parts.push("![Small requests per second at 32 connections](requests.svg)");
    if (targets.length > 0) {
      const lines = targets.map(({ text, measured, reached }) =>
        `- ${reached ? "reached" : "**not reached**"}: ${text} (${measured})`
      );
      parts.push(lines.join("\n"));
    }
  }
  return `${parts.join("\n\n")}\n`;
}
