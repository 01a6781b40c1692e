/** Adds credentials for ever, printing each name once its transaction is committed. Arguments: directory, prefix, count. */

import { utf8 } from "../../../src/core/bytes.ts";
import { draft, reopen } from "../support.ts";

const [directory = "", prefix = "", count = "Infinity"] = Deno.args;
const out = (line: string) => Deno.stdout.writeSync(utf8(`${line}\n`));
const vault = await reopen(directory);
const stable = vault.credentials.add(draft(vault, `${prefix}-stable`), utf8("v"));
out(stable.name);
for (let i = 0; i < Number(count); i++) {
  const { id, name } = vault.credentials.add(draft(vault, `${prefix}-${i}`), utf8(`value of ${prefix}-${i}`));
  out(name);
  vault.audit.append(
    [{ event: "CredentialUsed", credential: name }, { event: "CredentialUseFinished" }],
    Date.now(),
  );
  if (i % 3 === 0) vault.credentials.edit(id, { hosts: ["edited.example"] });
  if (i % 5 === 0) vault.credentials.rotateToken(stable.id);
}
vault.close();
