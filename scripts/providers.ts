/**
 * Writes docs/providers.md from the provider catalogue: `deno run --allow-write=docs/providers.md scripts/providers.ts`.
 *
 * @module
 */

import { join } from "node:path";
import { providersPage } from "./lib/providers_page.ts";
import { ROOT } from "./lib/program.ts";

if (import.meta.main) await Deno.writeTextFile(join(ROOT, "docs", "providers.md"), providersPage());
