/**
 * What the system tells of a process, for attacks on processes.
 *
 * @module
 */

/** Whether the system shows processes as Linux does, and lets this test look into the daemon's entries. */
export const CAN_LOOK: boolean = Deno.build.os === "linux" && Deno.uid() === 0;

/** TCP sockets of a process that wait for connections, by inode. */
export async function listening(pid: number): Promise<string[]> {
  const waiting = new Set<string>();
  for (const table of ["tcp", "tcp6"]) {
    for (const line of (await Deno.readTextFile(`/proc/${pid}/net/${table}`)).split("\n").slice(1)) {
      const columns = line.trim().split(/\s+/);
      if (columns[3] === "0A" && columns[9] !== undefined) waiting.add(columns[9]);
    }
  }
  const found: string[] = [];
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readLink(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined && waiting.has(inode)) found.push(inode);
  }
  return found.sort();
}

/** Names of a process's environment variables. */
export async function environmentNames(pid: number): Promise<string[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/environ`);
  return text.split("\0").filter((line) => line !== "").map((line) => line.split("=")[0] ?? "").sort();
}

/** Waits until something holds; false after ten seconds. */
export async function comesTrue(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

async function readLink(path: string): Promise<string> {
  // A descriptor may be closed between two looks.
  return await Deno.readLink(path).catch(() => "");
}
