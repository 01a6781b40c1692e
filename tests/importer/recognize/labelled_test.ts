import assert from "node:assert/strict";
import { PROVIDERS } from "../../../src/core/provider_catalogue.ts";
import { recognize } from "../../../src/importer/recognize/recognize.ts";
import { Draw } from "../labelled/draw.ts";
import { MORE_SECRETS, PLAIN_VARIABLES } from "../labelled/others.ts";
import { PROVIDER_VARIABLES } from "../labelled/providers.ts";

const SECRETS = [...PROVIDER_VARIABLES, ...MORE_SECRETS];
/** Each template is drawn so often. */
const DRAWS = 5;

Deno.test("the labelled set covers every provider, has 300 secrets at least and a hundred others", () => {
  const covered = new Set(SECRETS.map(([, , provider]) => provider));
  assert.deepEqual(PROVIDERS.filter(({ id }) => !covered.has(id)).map(({ id }) => id), []);
  assert.ok(SECRETS.length >= 300, `${SECRETS.length}`);
  assert.ok(PLAIN_VARIABLES.length >= 95, `${PLAIN_VARIABLES.length}`);
});

Deno.test("on the labelled set precision and recall are 99 % and more, and every known key gets type and hosts", () => {
  const draw = new Draw(20_240_607);
  const missed: string[] = [];
  const wrong: string[] = [];
  let right = 0;
  for (let round = 0; round < DRAWS; round++) {
    for (const [name, template, expected] of SECRETS) {
      const verdict = recognize({ name, value: draw.value(template) });
      if (verdict.kind === "plain") missed.push(`${name} (${expected}): ${verdict.why}`);
      else if ((verdict.provider?.id ?? "-") !== expected) {
        wrong.push(`${name} (${expected}): ${verdict.provider?.id}`);
      } else {
        right++;
        const provider = PROVIDERS.find(({ id }) => id === expected);
        assert.deepEqual(verdict.hosts, provider?.hosts ?? [], name);
        assert.equal(verdict.type, provider?.type ?? "api_key", name);
        assert.equal(verdict.title !== "", true, name);
      }
    }
  }
  const taken = PLAIN_VARIABLES.flatMap(([name, value]) => {
    const verdict = recognize({ name, value });
    return verdict.kind === "secret" ? [`${name}: ${verdict.title}`] : [];
  });
  const recall = right / (SECRETS.length * DRAWS);
  const precision = right / (right + wrong.length + taken.length * DRAWS);
  console.log(
    `${SECRETS.length} secrets, ${PLAIN_VARIABLES.length} others: recall ${recall.toFixed(4)}, ` +
      `precision ${precision.toFixed(4)}`,
  );
  const shown = JSON.stringify({ missed, wrong, taken }, null, 1);
  assert.ok(recall >= 0.99, shown);
  assert.ok(precision >= 0.99, shown);
});
