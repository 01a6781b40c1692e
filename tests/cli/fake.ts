/**
 * A vault in memory and a person at a terminal in a few lines, to run commands in-process.
 *
 * @module
 */

import type { ApprovalQuestion } from "../../src/core/approval.ts";
import type { AuditFilter, AuditRow } from "../../src/core/audit.ts";
import { fromUtf8 } from "../../src/core/bytes.ts";
import {
  DeniedError,
  FailedError,
  InterruptedError,
  LockedError,
  NotFoundError,
} from "../../src/core/errors.ts";
import {
  defaultSettings,
  parseSetting,
  type SettingKey,
  type SettingValues,
  shownSettings,
} from "../../src/core/settings.ts";
import type { Backend, DaemonClient, StartOptions, UnlockReport } from "../../src/cli/backend.ts";
import { type FakePrograms, fakePrograms, runCallerOperation } from "./fake_programs.ts";
import type { Sink } from "../../src/cli/output.ts";
import { runProgram, type Surroundings } from "../../src/cli/program.ts";
import type {
  Answer,
  AuthorityView,
  CallerView,
  CredentialView,
  DaemonStatus,
  Finding,
  OperationName,
  Params,
  Result,
  ServeEvent,
  VaultClient,
} from "../../src/daemon/api.ts";
import type { MovedCredential } from "../../src/daemon/api/groups.ts";
import { LOG_RESULTS, pageOf } from "./fake_log.ts";
import { runGroupOperation } from "./fake_groups.ts";
import { runImportOperation } from "./fake_import.ts";
import type { StagedCredential } from "../../src/daemon/api/sharing.ts";
import { fakeFiles } from "./fake_files.ts";
import { FakePolicies } from "./fake_policies.ts";
import { runSharingOperation } from "./fake_sharing.ts";

/** The master password of every fake vault. */
export const PASSWORD = "correct horse battery staple";
/** A moment all times derive from: 2026-01-31 12:34:56 UTC. */
export const NOW = Date.UTC(2026, 0, 31, 12, 34, 56);

/** A credential to begin with. */
export function credential(changes: Partial<CredentialView> = {}): CredentialView {
  return {
    id: "11111111-1111-4111-8111-111111111111",
    name: "openai",
    description: "the main key",
    type: "bearer_token",
    place: null,
    hosts: ["api.openai.com"],
    tags: ["ai", "prod"],
    token: "wk_openai_a7x9m2k4b8c1d5e6",
    projectId: "default",
    partitionId: "p1",
    createdAt: NOW,
    updatedAt: NOW,
    lastUsedAt: null,
    project: "default",
    partition: "personal",
    hostsConfirmed: true,
    intact: true,
    ...changes,
  };
}

/** A local authority whose fingerprint begins so. */
export function authority(start: string): AuthorityView {
  return {
    name: `WispKey local CA ${start}`,
    fingerprint: start.padEnd(64, "0"),
    notBefore: NOW,
    notAfter: NOW + 5 * 365 * 86_400_000,
    certificate: `-----BEGIN CERTIFICATE-----\n${start}\n-----END CERTIFICATE-----\n`,
    certificatePath: "/home/me/.wispkey/ca.pem",
    bundlePath: "/home/me/.wispkey/ca-bundle.pem",
  };
}

/** What stands for vault and daemon. Fields are set by tests before a run and looked at after. */
export class FakeVault {
  exists = true;
  /** `none`: no daemon runs. */
  daemon: "unlocked" | "locked" | "none" = "unlocked";
  /** So many operations are answered by a daemon that is being replaced; then the successor is there. */
  ending = 0;
  credentials: CredentialView[] = [];
  /** Values by name, as they were given. */
  values = new Map<string, Uint8Array>();
  partitions = new Set(["personal"]);
  projects = new Set(["default"]);
  /** What deleting a project or partition is said to move. */
  moved: MovedCredential[] = [];
  /** What was staged for an import. */
  staged: StagedCredential[] = [];
  settings: SettingValues = defaultSettings();
  set = new Set<SettingKey>();
  rows: AuditRow[] = [];
  callers: CallerView[] = [];
  findings: Finding[] = [];
  verified: Finding[] = [];
  policies = new FakePolicies();
  activeProject: string | null = null;
  scope: string | null = "default";
  writable: string[] = [];
  password = PASSWORD;
  /** Every operation called, in order, and whether a proof came with it. */
  calls: { name: OperationName; params: unknown; proven: boolean; direct: boolean }[] = [];
  /** Daemons that were started. */
  started: StartOptions[] = [];
  /** Clients that were not closed again. */
  open = 0;
  /** Thrown by `proxy.open`. */
  ca: AuthorityView | null = null;
  portError: FailedError | undefined;
  /** What `watch` plays, and how it ends. */
  events: ServeEvent[] = [];
  watchEnds: "interrupted" | "closed" = "interrupted";
  /** What `watch` waits for after it played. */
  watching: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** What waits for a person, if not what stands in `fake_log.ts`. */
  questions: ApprovalQuestion[] | undefined;
  /** Acts that ask for the password when they come without a proof. */
  readonly needPassword: OperationName[] = [
    "credential.edit",
    "credential.replace_value",
    "credential.confirm",
    "credential.reveal",
    "config.set",
    "config.unset",
    "project.rename",
    "partition.rename",
  ];

  status(): DaemonStatus {
    return {
      pid: 4242,
      version: "0.1.0",
      locked: this.daemon !== "unlocked",
      startedAt: NOW,
      locksAt: this.daemon === "unlocked" ? NOW + 30 * 60_000 : null,
      proxy: null,
      connections: 0,
      closedToDebuggers: true,
      scope: this.scope,
      caBundlePath: null,
      caCertificatePath: null,
    };
  }

  /** The interface commands see. */
  backend(): Backend {
    const check = (password: Uint8Array) => {
      if (fromUtf8(password) === this.password) return;
      throw new LockedError("cannot open the vault: the password is wrong", {
        code: "wrong_password",
        hint: "wispkey unlock",
      });
    };
    return {
      exists: () => Promise.resolve(this.exists),
      describe: () =>
        Promise.resolve(this.exists ? { createdAt: NOW, credentialCount: this.credentials.length } : null),
      create: (password) => {
        this.password = fromUtf8(password);
        this.exists = true;
        return Promise.resolve();
      },
      connect: () => Promise.resolve(this.daemon === "none" ? null : this.#client(false)),
      openDirect: (password) => {
        check(password);
        return Promise.resolve(this.#client(true));
      },
      startDaemon: (password, options) => {
        check(password);
        this.started.push(options);
        this.daemon = "unlocked";
        this.scope = options.scope;
        return Promise.resolve(this.#report(options));
      },
      proveWith: (password) => {
        check(password);
        return Promise.resolve({
          prove: () => Promise.resolve(Uint8Array.of(1)),
          seal: (_nonce, payload) => payload,
          open: (_nonce, sealed) => new Uint8Array(sealed),
          wipe: () => {},
        });
      },
      changePassword: (current, next) => {
        check(current);
        this.password = fromUtf8(next);
        return Promise.resolve();
      },
      readLog: (filter) => Promise.resolve(pageOf(this.rows, filter)),
      inspect: () => Promise.resolve(this.findings),
      readActiveProject: () => Promise.resolve(this.activeProject),
      writeActiveProject: (name) => {
        this.activeProject = name;
        return Promise.resolve();
      },
    };
  }

  #report({ timeoutMinutes }: StartOptions): UnlockReport {
    return {
      status: this.status(),
      timeoutMinutes: timeoutMinutes ?? 30,
      lastUse: { at: NOW, credential: "openai", host: "api.openai.com" },
      logRows: 7,
      logHead: "9f86d081",
      environment: ["WISPKEY_FALLBACK_X"],
      fallbacks: ["WISPKEY_FALLBACK_X (to api.x.test)"],
      writableProgramFiles: this.writable,
    };
  }

  #client(direct: boolean): DaemonClient {
    this.open++;
    let closed = false;
    const call = async <N extends OperationName>(
      name: N,
      params: Params<N>,
      payload: Uint8Array | undefined,
      proven: boolean,
    ): Promise<Answer<N>> => {
      await Promise.resolve();
      if (!direct && name !== "daemon.status" && this.ending > 0) {
        this.ending--;
        throw new FailedError("cannot answer: this daemon is ending", { code: "daemon_ending" });
      }
      this.calls.push({ name, params, proven, direct });
      if (!direct && !proven && this.needPassword.includes(name)) {
        throw new DeniedError("this act needs the master password", { code: "password_required" });
      }
      const { result, payload: answer } = this.#run(name, params as Params<OperationName>, payload);
      return { result: result as Result<N>, payload: answer };
    };
    return {
      call: (name, params, payload) => call(name, params, payload, false),
      callWithPassword: async (name, params, prover, payload) => {
        const [right] = await prover.prove(new Uint8Array(16), new Uint8Array(16));
        if (right === 1) return await call(name, params, payload, true);
        throw new DeniedError("cannot do this: the password is wrong", {
          code: "bad_proof",
          hint: "try again",
        });
      },
      watch: async (onEvent, { signal }) => {
        for (const event of this.events) onEvent(event);
        await this.watching(signal);
        return this.watchEnds;
      },
      holdCaller: () => {
        const where = { pid: 4242, port: 7700, address: "http://127.0.0.1:7700", askingPorts: [7701] };
        const proxy = { ...where, project: this.scope, intercept: false };
        return Promise.resolve({ proxy, askingPort: 7701, ended: new Promise<string>(() => {}) });
      },
      close: () => {
        if (!closed) this.open--;
        closed = true;
      },
    } satisfies VaultClient & DaemonClient;
  }

  #find({ name, project }: { name: string; project: string }): CredentialView {
    const found = this.credentials.find((each) => each.name === name && each.project === project);
    if (found !== undefined) return found;
    throw new NotFoundError(`cannot find credential '${name}': there is none of that name`, {
      code: "credential_not_found",
      hint: "wispkey list",
    });
  }

  #run(
    name: OperationName,
    anyParams: Params<OperationName>,
    payload: Uint8Array | undefined,
  ): { result: unknown; payload: Uint8Array<ArrayBuffer> | undefined } {
    const result = (value: unknown) => ({ result: value, payload: undefined });
    const hide = ({ token: _token, ...rest }: CredentialView): CredentialView => rest;
    if (name === "approvals.list" && this.questions !== undefined) {
      return result({ questions: this.questions });
    }
    if (name in LOG_RESULTS) return result(LOG_RESULTS[name as keyof typeof LOG_RESULTS]);
    if (name === "policy.apply") this.policies.apply(payload ?? new Uint8Array());
    this.policies.credentials = () => this.credentials;
    if (name === "policy.examine") {
      return result({ notes: this.policies.examine(payload ?? new Uint8Array()) });
    }
    if (name === "policy.status" || name === "policy.apply") return result(this.policies.status());
    switch (name) {
      case "daemon.status":
        return result(this.status());
      case "daemon.lock": {
        const wasLocked = this.daemon !== "unlocked";
        this.daemon = "locked";
        return result({ wasLocked });
      }
      case "daemon.stop":
        this.daemon = "none";
        return result({ pid: 4242 });
      case "proxy.open": {
        if (this.portError !== undefined) throw this.portError;
        const port = (anyParams as Params<"proxy.open">).port || 50_123;
        return result({ pid: 4242, port, address: `http://127.0.0.1:${port}`, project: this.scope });
      }
      case "ca.init": {
        const created = this.ca === null;
        this.ca ??= authority("11112222");
        return result({ ca: this.ca, created });
      }
      case "ca.show":
        return result({ ca: this.ca });
      case "ca.renew":
        this.ca = authority("33334444");
        return result({ ca: this.ca });
      case "credential.list": {
        const { project, partition, tokens } = anyParams as Params<"credential.list">;
        const found = this.credentials.filter((each) =>
          (project === null || each.project === project) &&
          (partition === null || each.partition === partition)
        );
        return result({ credentials: tokens ? found : found.map(hide) });
      }
      case "credential.get": {
        const params = anyParams as Params<"credential.get">;
        const found = this.#find(params);
        return result({ credential: params.token ? found : hide(found) });
      }
      case "credential.add": {
        const params = anyParams as Params<"credential.add">;
        const added = credential({ ...params, token: `wk_${params.name}_a7x9m2k4b8c1d5e6` });
        this.credentials.push(added);
        this.values.set(params.name, (payload ?? new Uint8Array()).slice());
        return result({ credential: added });
      }
      case "credential.edit": {
        const params = anyParams as Params<"credential.edit">;
        return result({ credential: hide(Object.assign(this.#find(params), params.patch)) });
      }
      case "credential.remove": {
        const found = this.#find(anyParams as Params<"credential.remove">);
        this.credentials = this.credentials.filter((each) => each !== found);
        return result({ id: found.id });
      }
      case "credential.rotate":
        return result({
          credential: Object.assign(this.#find(anyParams as Params<"credential.rotate">), {
            token: "wk_openai_zzzzzzzzzzzzzzzz",
          }),
        });
      case "credential.replace_value": {
        const found = this.#find(anyParams as Params<"credential.replace_value">);
        this.values.set(found.name, (payload ?? new Uint8Array()).slice());
        return result({ credential: found });
      }
      case "credential.confirm":
        return result({
          credential: Object.assign(this.#find(anyParams as Params<"credential.confirm">), {
            hostsConfirmed: true,
          }),
        });
      case "credential.reveal": {
        const found = this.#find(anyParams as Params<"credential.reveal">);
        return {
          result: { credential: hide(found) },
          payload: (this.values.get(found.name) ?? new Uint8Array()).slice() as Uint8Array<ArrayBuffer>,
        };
      }
      case "config.list":
        return result({ values: shownSettings(this.settings), set: [...this.set] });
      case "config.set": {
        const { key } = anyParams as Params<"config.set">;
        this.settings = { ...this.settings, [key]: parseSetting(key, new TextDecoder().decode(payload)) };
        this.set.add(key);
        return result({ values: shownSettings(this.settings) });
      }
      case "config.unset": {
        const { key } = anyParams as Params<"config.unset">;
        this.settings = { ...this.settings, [key]: defaultSettings()[key] };
        return result({ values: this.settings });
      }
      case "audit.export":
        return result({ after: 0, through: this.rows.at(-1)?.seq ?? 0 });
      case "audit.query":
        return result(pageOf(this.rows, anyParams as AuditFilter));
      case "vault.verify":
        return result({ findings: this.verified });
      default:
        return runCallerOperation(this, name, anyParams, payload) ??
          runSharingOperation(this, name, anyParams) ??
          result(runImportOperation(name, anyParams) ?? runGroupOperation(this, name, anyParams));
    }
  }
}

/** How a command is run. */
export interface RunOptions {
  vault?: FakeVault;
  /** What commands see instead of the fake vault. */
  backend?: Backend;
  /** Directory of the vault that `backend` stands for. */
  vaultDir?: string;
  env?: Record<string, string>;
  /** Answers to hidden prompts in order; their presence makes stdin a terminal. */
  secrets?: readonly string[];
  /** Answer to every yes-or-no question; its presence makes stdin a terminal. */
  confirm?: boolean;
  /** Whether stdout is a terminal. */
  stdoutTerminal?: boolean;
  /** Programs that `run` may start. */
  programs?: FakePrograms;
  /** Files by path. */
  files?: Record<string, Uint8Array>;
  stdin?: Uint8Array;
}

/** What a run left. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Prompts and questions that were shown. */
  asked: string[];
  vault: FakeVault;
}

/** Runs one command line against a fake vault. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const vault = options.vault ?? new FakeVault();
  const asked: string[] = [];
  const secrets = [...options.secrets ?? []];
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr", terminal: boolean, noColor: boolean): Sink => ({
    terminal,
    colour: terminal && !noColor,
    columns: 80,
    write: (data) => {
      written[name] += typeof data === "string" ? data : new TextDecoder().decode(data);
      return Promise.resolve();
    },
  });
  const around: Surroundings = {
    sinks: (noColor) => ({
      stdout: sink("stdout", options.stdoutTerminal === true, noColor),
      stderr: sink("stderr", false, noColor),
    }),
    terminal: {
      interactive: options.secrets !== undefined || options.confirm !== undefined,
      readSecret: (prompt) => {
        asked.push(prompt);
        const secret = secrets.shift();
        if (secret === undefined) {
          return Promise.reject(new InterruptedError("stopped: no answer", { code: "interrupted" }));
        }
        return Promise.resolve(new TextEncoder().encode(secret));
      },
      confirm: (question) => {
        asked.push(question);
        return Promise.resolve(options.confirm === true);
      },
    },
    files: fakeFiles(options),
    programs: fakePrograms(options.programs),
    vaultDir: () => options.vaultDir ?? "/home/me/.wispkey",
    backend: () => options.backend ?? vault.backend(),
    startLogging: () => Promise.resolve(),
    env: (name) => options.env?.[name] || undefined,
    now: () => NOW,
    harden: () => Promise.resolve(),
    catchInterrupt: () => ({ signal: new AbortController().signal, release: () => {} }),
  };
  const code = await runProgram(args, around);
  return { code, ...written, asked, vault };
}

/** The JSON a run printed; stdout must hold nothing else. */
// deno-lint-ignore no-explicit-any -- shapes are asserted by the tests that read them
export function json(ran: Ran): any {
  return JSON.parse(ran.stdout);
}
