/**
 * What a shell's command line is made of, as far as its words and the flow of its data go.
 *
 * @module
 */

/** A piece of a word. */
export type Part =
  /** Characters that stand for themselves. */
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  /** `$name` or `${name…}`; `modifier` is what follows the name, `sign` a `!` or `#` before it. */
  | {
    readonly kind: "variable";
    readonly name: string;
    readonly sign: "" | "!" | "#";
    readonly modifier: Word;
    readonly quoted: boolean;
  }
  /** `$(…)` or backquotes: what the script prints. */
  | { readonly kind: "command"; readonly script: Script; readonly quoted: boolean }
  /** `<(…)` or `>(…)`: a file that the script writes or reads. */
  | { readonly kind: "process"; readonly script: Script; readonly direction: "<" | ">" };

/** A word before it is expanded. */
export type Word = readonly Part[];

/** One redirection. */
export interface Redirect {
  /** `<<` stands for every here-document, whose text is the target. */
  readonly operator: "<" | ">" | ">>" | "<<" | "<<<" | ">&" | "<&" | "&>" | "<>";
  /** The descriptor before it, null if there was none. */
  readonly descriptor: number | null;
  /** File, descriptor or text. */
  readonly target: Word;
}

/** `NAME=value`, also `NAME+=value` and `NAME[0]=value`. */
export interface Assignment {
  /** The variable. */
  readonly name: string;
  /** What it is set to. */
  readonly value: Word;
  /** Whether the value is added to what is there. */
  readonly appends: boolean;
}

/** A program with its arguments. */
export interface SimpleCommand {
  /** Tells the kinds apart. */
  readonly kind: "simple";
  /** Assignments before it, or all there is. */
  readonly assignments: readonly Assignment[];
  /** Program and arguments. */
  readonly words: readonly Word[];
  /** In the order they stand. */
  readonly redirects: readonly Redirect[];
}

/** Commands that share their streams: `( )`, `{ }`, `if`, `while`, `for`, `case`. */
export interface Group {
  /** Tells the kinds apart. */
  readonly kind: "group";
  /** All commands in it, conditions included. */
  readonly body: Script;
  /** The variable and the words of a `for`. */
  readonly loop: { readonly variable: string; readonly words: readonly Word[] } | null;
  /** Behind its end. */
  readonly redirects: readonly Redirect[];
}

/** `name() …`. */
export interface FunctionDefinition {
  /** Tells the kinds apart. */
  readonly kind: "function";
  /** Its name. */
  readonly name: string;
  /** What it does. */
  readonly body: Command;
}

/** One stage of a pipeline. */
export type Command = SimpleCommand | Group | FunctionDefinition;

/** Commands whose output is the next one's input. */
export type Pipeline = readonly Command[];

/** Pipelines in the order they stand, whatever joins them. */
export type Script = readonly Pipeline[];
