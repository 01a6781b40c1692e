/**
 * What the guard has against something, and what to do in its place.
 *
 * @module
 */

/** Kinds of objections. */
export type FindingCode =
  | "prints_environment"
  | "prints_variable"
  | "prints_file"
  | "prints_stored_secret"
  | "contains_secret"
  | "contains_vault_secret"
  | "reads_secret_file"
  | "too_complex";

/** One objection. `what` names a variable, a file, a program or a provider; never a secret. */
export interface Finding {
  /** The kind. */
  readonly code: FindingCode;
  /** What it is about. */
  readonly what: string;
}

/** Says what is wrong, as the second half of a sentence that begins with what was refused. */
export function reasonOf({ code, what }: Finding): string {
  switch (code) {
    case "prints_environment":
      return `${what} shows environment variables, and with them API keys`;
    case "prints_variable":
      return `it shows the value of ${what}`;
    case "prints_file":
      return `it shows or copies what is in ${what}, where secrets lie`;
    case "prints_stored_secret":
      return `${what} prints a stored secret`;
    case "contains_secret":
      return `it contains what looks like a real key (${what})`;
    case "contains_vault_secret":
      return `it contains the real value of ${what} from the vault`;
    case "reads_secret_file":
      return `${what} is a file where secrets lie`;
    case "too_complex":
      return "it is nested too deeply, or too long, to be judged";
  }
}

/** Says what to do instead. */
export function adviceOf({ code }: Finding): string {
  switch (code) {
    case "prints_environment":
    case "prints_variable":
      return "To use a key, run the program as `wispkey run -- COMMAND`, which sees tokens while its requests carry the keys. " +
        "To see what there is: `wispkey list`; a token to write down: `wispkey get NAME --show-token`. " +
        'Names alone: `compgen -e`; whether one is set: `[ -n "$NAME" ]`.';
    case "prints_file":
    case "reads_secret_file":
      return "Names alone: `cut -d= -f1 FILE`. To run a program with the file's variables: `wispkey run --env-file FILE -- COMMAND`.";
    case "prints_stored_secret":
      return "Leave it where it is used: pass `$(…)` to the program that needs it, or keep it in the vault (`wispkey add`) and use its token.";
    case "contains_secret":
      return "Use a wisp token in its place: `wispkey list`, then `wispkey get NAME --show-token`; requests reach their host through " +
        "`wispkey run -- COMMAND` or the base URL http://localhost:7700/to/https/HOST/. A person stores a new key with `wispkey add NAME --hosts HOST`.";
    case "too_complex":
      return "Write it to a file in several plain steps, and run that.";
    case "contains_vault_secret":
      return "Use its token in its place: `wispkey get NAME --show-token`.";
  }
}
