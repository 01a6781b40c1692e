/** Says `ready`, then creates a vault. Argument: directory. */

import { utf8 } from "../../../src/core/bytes.ts";
import { Vault } from "../../../src/vault/mod.ts";
import { CHEAP_KDF } from "../cheap_kdf.ts";
import { PASSWORD } from "../support.ts";

Deno.stdout.writeSync(utf8("ready\n"));
(await Vault.create(Deno.args[0] ?? "", PASSWORD, CHEAP_KDF)).close();
Deno.stdout.writeSync(utf8("done\n"));
