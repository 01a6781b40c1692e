/**
 * A repository behind `git http-backend`, which is a CGI program (RFC 3875).
 *
 * @module
 */

/** A bare repository that can be cloned and pushed to with a password. */
export class GitRepository {
  readonly #directory: string;
  readonly #password: string;
  #made: Promise<void> | undefined;

  /** @param directory where `repository.git` is made when it is first asked for */
  constructor(directory: string, password: string) {
    this.#directory = directory;
    this.#password = password;
  }

  /** Answers a request below `/repository.git/`. */
  async answer(request: Request, body: Uint8Array): Promise<Response> {
    const login = /^Basic (.*)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (login === undefined || atob(login).split(":")[1] !== this.#password) {
      return new Response("who are you?", {
        status: 401,
        headers: { "WWW-Authenticate": 'Basic realm="git"' },
      });
    }
    await (this.#made ??= this.#make());
    const { pathname, search } = new URL(request.url);
    const child = new Deno.Command("git", {
      args: ["http-backend"],
      env: {
        GIT_PROJECT_ROOT: this.#directory,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
        REQUEST_METHOD: request.method,
        REMOTE_USER: "someone",
        PATH_INFO: pathname,
        QUERY_STRING: search.slice(1),
        CONTENT_TYPE: request.headers.get("content-type") ?? "",
        HTTP_CONTENT_ENCODING: request.headers.get("content-encoding") ?? "",
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    const written = writer.write(body as Uint8Array<ArrayBuffer>).then(() => writer.close())
      .catch(() => {}); // It may answer without having read all.
    const { stdout } = await child.output();
    await written;
    return fromCgi(stdout);
  }

  async #make(): Promise<void> {
    const path = `${this.#directory}/repository.git`;
    for (
      const args of [["init", "--quiet", "--bare", "--initial-branch=main", path], [
        "-C",
        path,
        "config",
        "http.receivepack",
        "true",
      ]]
    ) {
      const { success } = await new Deno.Command("git", { args, stdout: "null", stderr: "inherit" }).output();
      if (!success) throw new Error(`git ${args.join(" ")} failed`);
    }
  }
}

/** What a CGI program wrote, as a response: `Status` and other fields, an empty line, the body. */
function fromCgi(output: Uint8Array<ArrayBuffer>): Response {
  const head = new TextDecoder("latin1").decode(output).split("\r\n\r\n", 1)[0] ?? "";
  const headers = new Headers();
  let status = 200;
  for (const line of head.split("\r\n")) {
    const at = line.indexOf(":");
    const [name, value] = [line.slice(0, at), line.slice(at + 1).trim()];
    if (name.toLowerCase() === "status") status = Number.parseInt(value);
    else headers.append(name, value);
  }
  return new Response(output.slice(head.length + 4), { status, headers });
}
