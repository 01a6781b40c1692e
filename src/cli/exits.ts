/**
 * What exit codes mean, in the words of the help, for the tables of the commands.
 *
 * @module
 */

/** An exit code and when a command ends with it. */
export type Exit = readonly [code: number, when: string];

/** For commands that open the vault, or that take the master password: a wrong one is no other code than none. */
export const LOCKED: Exit = [3, "the vault is locked, or the password was wrong"];

/** For commands that take nothing but a vault. */
export const NO_VAULT: Exit = [4, "there is no vault"];

/** For commands that need the master password although the vault is open. */
export const NOBODY: Exit = [5, "it needs the master password, and nobody can be asked"];

/**
 * For commands that look for something by name.
 *
 * @param what `such project`, `such credential or project`
 */
export function missing(what: string): Exit {
  return [4, `there is no vault, or no ${what}`];
}
