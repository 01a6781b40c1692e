/**
 * Takes a role's permissions as the program does and tries one thing of each kind. Arguments: role, then a kind to give up
 * besides. Prints which kinds still work.
 */
import { giveUp, keepOnly, PERMISSION_KINDS, type Role } from "../../src/platform/permissions.ts";

const [role, without] = Deno.args;
keepOnly(role as Role);
if (without !== undefined) giveUp(without as typeof PERMISSION_KINDS[number]);

const attempts: Record<typeof PERMISSION_KINDS[number], () => unknown> = {
  run: () => new Deno.Command(Deno.execPath(), { args: ["--version"], stdout: "null" }).outputSync(),
  ffi: () => Deno.dlopen("/nowhere/libnone.so", {}),
  sys: () => Deno.hostname(),
  // Put together at run time: a literal would be fetched before the program starts.
  import: () => import(`https://127.0.0.1:9/${Deno.pid}.ts`),
  net: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(),
  env: () => Deno.env.get("HOME"),
  read: () => Deno.readDirSync("."),
  write: () => Deno.mkdirSync(".", { recursive: true }),
};

const working: string[] = [];
for (const kind of PERMISSION_KINDS) {
  try {
    await attempts[kind]();
    working.push(kind);
  } catch (error) {
    // What is allowed may still fail: there is no such library and no such server.
    if (!/^(NotCapable|TypeError: Requires import access)/.test(String(error))) working.push(kind);
  }
}
console.log(JSON.stringify(working));
