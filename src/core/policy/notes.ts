/**
 * What is odd about policies, seen beside the credentials that there are: names that nothing has, and names that changed.
 *
 * @module
 */

import { type Bindings, isAbout, type Policy } from "./policy.ts";
import type { PolicySubject } from "./verdict.ts";
import { FALLBACK_PREFIX } from "../fallback.ts";

/** Something about one policy that its owner may not have meant. */
export interface PolicyNote {
  /** Name of the policy. */
  readonly policy: string;
  /** What completes "policy 'x' …": `names the credential 'openai', which does not exist`. */
  readonly text: string;
}

/**
 * Notes on policies. Names with a star are for whatever may come; what stands in from the environment is not looked for.
 *
 * @param projects names of all projects
 */
export function policyNotes(
  policies: readonly Policy[],
  subjects: readonly PolicySubject[],
  projects: readonly string[],
  bindings: Bindings,
): PolicyNote[] {
  const byId = new Map(subjects.map((subject) => [subject.id, subject]));
  const byName = Map.groupBy(subjects, ({ name }) => name);
  return policies.flatMap((policy) => {
    const texts: string[] = [];
    for (const { exact } of policy.project ?? []) {
      if (exact !== null && !projects.includes(exact)) {
        texts.push(`names the project '${exact}', which does not exist`);
      }
    }
    for (const { exact } of policy.credential ?? []) {
      if (exact === null || exact.startsWith(FALLBACK_PREFIX)) continue;
      const named = byName.get(exact) ?? [];
      if (named.length === 0) texts.push(`names the credential '${exact}', which does not exist`);
      else if (!named.some((subject) => isAbout(policy, subject))) {
        texts.push(`names the credential '${exact}', which is in none of its projects`);
      }
    }
    for (const id of bindings.get(policy.name) ?? []) {
      const subject = byId.get(id);
      if (subject === undefined || isAbout(policy, subject)) continue;
      texts.push(
        `still holds for '${subject.name}' (${subject.project}), which it was applied to under another name`,
      );
    }
    return texts.map((text) => ({ policy: policy.name, text }));
  });
}

/** Whether two policies say the same of which credentials they are about, so that what one is bound to the other is, too. */
export function isSameScope(a: Policy, b: Policy): boolean {
  const texts = ({ credential, project }: Policy) =>
    JSON.stringify([credential, project].map((list) => list?.map(({ text }) => text).sort() ?? null));
  return a.name === b.name && texts(a) === texts(b);
}
