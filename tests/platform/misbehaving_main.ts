/** Started like a daemon, it does one thing wrong. Its argument says which; its pid and what it read go to files. */
const [how] = Deno.args;
Deno.writeTextFileSync("pid", String(Deno.pid));
Deno.writeTextFileSync("stdin", "");

function say(line: unknown): void {
  console.log(typeof line === "string" ? line : JSON.stringify(line));
}

async function takeKey(): Promise<void> {
  say({ ready: "for-key", closed: true, how: "" });
  const buffer = new Uint8Array(100);
  const count = await Deno.stdin.read(buffer);
  Deno.writeTextFileSync("stdin", buffer.subarray(0, count ?? 0).join());
}

switch (how) {
  case "silent":
    break;
  case "no json":
    say("hello");
    break;
  case "serving first":
    say({ ready: "serving", pid: Deno.pid });
    break;
  case "ends after key":
    await takeKey();
    break;
  case "endless line":
    say("x".repeat(100_000));
    break;
  case "no utf-8":
    await Deno.stdout.write(new Uint8Array([0xff, 0x0a]));
    break;
  case "error":
    await takeKey();
    say({ error: { code: "disk_full", message: "cannot open the vault: the disk is full", exit_code: 1 } });
    break;
  case "hangs":
    await takeKey();
    setInterval(() => {}, 1_000);
    break;
}
