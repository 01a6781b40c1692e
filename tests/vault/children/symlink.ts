/** Makes a symbolic link, which takes wider permissions than the tests have. Arguments: target, path. */

const [target = "", path = ""] = Deno.args;
Deno.symlinkSync(target, path);
