/**
 * Closes this process to other programs of the same user: no debugger, no memory reading, no core dump, no inspector
 * by signal. Every process that takes a password or a key calls this first.
 *
 * @module
 */

import { DeniedError } from "../core/errors.ts";
import { type Libc, openLibc } from "./libc.ts";
import { giveUp } from "./permissions.ts";
import { runsAsRoot } from "./root.ts";

/** What could be achieved. */
export interface HardenReport {
  /** Whether other programs of the same user are kept from memory, environment and debugging of this process. */
  closed: boolean;
  /** By what means, or why not; one clause for people. */
  how: string;
  /** Whether SIGUSR1, which opens the runtime's inspector, is thrown away by the kernel. */
  signalBlocked: boolean;
}

let done: Promise<HardenReport> | undefined;

/**
 * Hardens the process, then gives up the permissions that took (`ffi`, `sys`).
 *
 * A second call does nothing and answers as the first.
 *
 * @param wipe zeroes the process's secrets; called before it ends, should the signal ever be delivered
 * @throws {DeniedError} `debugger_attached` if the inspector is already open.
 */
export function harden(wipe: () => void = () => {}): Promise<HardenReport> {
  return done ??= hardenOnce(wipe);
}

let starter: Libc | null = null;

/**
 * Hardens a process that will start a person's program, before `harden` is called by anybody else. What that program would
 * inherit stays as it was: the limit of core dumps, and, for as long as {@linkcode asStarter} takes, the signal.
 */
export function hardenStarter(): Promise<HardenReport> {
  return done ??= hardenOnce(() => {}, true);
}

/** Starts a program so that it inherits nothing of the hardening; `spawn` must start it before it returns. */
export function asStarter<T>(spawn: () => T): T {
  // Whoever sends the signal now ends us, which reveals nothing.
  starter?.defaultUserSignal();
  try {
    return spawn();
  } finally {
    starter?.ignoreUserSignal();
  }
}

async function hardenOnce(wipe: () => void, isStarter = false): Promise<HardenReport> {
  const report = closeToOthers(wipe, isStarter);
  giveUp("ffi");
  await refuseInspector();
  noteWhetherRoot();
  giveUp("sys");
  return report;
}

function closeToOthers(wipe: () => void, isStarter: boolean): HardenReport {
  if (Deno.build.os === "windows") {
    return { closed: false, how: "Windows offers a process no such protection", signalBlocked: true };
  }
  // The runtime installs its own handler, which opens the inspector, half a second after start, unless a listener
  // made it do so now. Only after that does ignoring the signal last.
  Deno.addSignalListener("SIGUSR1", () => {
    wipe();
    Deno.exit(1);
  });
  const libc = openLibc();
  if (libc === null) {
    return { closed: false, how: "the C library was not found at a known place", signalBlocked: false };
  }
  try {
    const signalBlocked = libc.ignoreUserSignal();
    const untraceable = libc.denyTracing();
    // A process that cannot be traced leaves no core dump either; the limit is for what it might yet become.
    const coreless = isStarter || libc.forbidCoreDumps();
    const closed = signalBlocked && untraceable && coreless;
    return { closed, how: closed ? "tracing and core dumps are off" : "the system refused", signalBlocked };
  } finally {
    if (isStarter) starter = libc;
    else libc.close();
  }
}

function maySeeSystem(): boolean {
  return Deno.permissions.querySync({ name: "sys" }).state === "granted";
}

/** Whoever asks later, when nobody may find out any more, gets what is remembered here. */
function noteWhetherRoot(): void {
  if (maySeeSystem()) runsAsRoot();
}

async function refuseInspector(): Promise<void> {
  if (!maySeeSystem()) return; // Without it nobody can look.
  const inspector = await import("node:inspector");
  if (inspector.url() !== undefined) {
    throw new DeniedError("cannot go on: a debugger is attached to this process", {
      code: "debugger_attached",
      hint: "start wispkey without an inspector option, and look for a program that sends it SIGUSR1",
    });
  }
}
