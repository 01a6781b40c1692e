/**
 * Notifications on the person's desktop, by the program the system has for them. Texts are data to it, never code.
 *
 * @module
 */

import { utf8 } from "../core/bytes.ts";
import { escapeText } from "../core/name.ts";
import { findHelper, type HelperResult, runHelper } from "./helper.ts";

/** Longest text that is shown, in characters. */
export const MAX_NOTIFICATION = 200;
/** Longest answer of the program, bytes; it has nothing to say. */
const MAX_ANSWER = 64 * 1024;

/** Variables by which the program finds the desktop. Nothing else of our environment reaches it. */
const VARIABLES: ReadonlySet<string> = new Set([
  ...["DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XAUTHORITY"],
  ...["HOME", "LANG", "SystemRoot", "TEMP", "LOCALAPPDATA"],
]);

/** Whom Windows takes a notification for: it shows those of programs alone that are in the Start menu, as PowerShell is. */
const POWERSHELL = "{1AC14E77-02E7-4E5D-B744-2EB1AF5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe";

/** How a system shows a notification. */
export interface NotificationProgram {
  /** Its name, without `.exe`. */
  readonly name: string;
  /** Where it may lie: places that only an administrator can write to. */
  readonly directories: readonly string[];
  /** Its arguments. */
  readonly args: (title: string, text: string) => string[];
}

/** The programs by operating system. */
export const NOTIFICATION_PROGRAMS: Readonly<Partial<Record<typeof Deno.build.os, NotificationProgram>>> = {
  linux: {
    name: "notify-send",
    directories: ["/usr/bin", "/usr/local/bin", "/bin"],
    // The body may hold markup (Desktop Notifications Specification), so it is made text.
    args: (title, text) => ["--app-name=WispKey", "--", title, escapeMarkup(text)],
  },
  darwin: {
    name: "osascript",
    directories: ["/usr/bin"],
    args: (title, text) => [
      ...["-e", "on run argv"],
      ...["-e", "display notification (item 2 of argv) with title (item 1 of argv)"],
      ...["-e", "end run", title, text],
    ],
  },
  windows: {
    name: "powershell",
    directories: ["C:\\Windows\\System32\\WindowsPowerShell\\v1.0"],
    args: (title, text) => ["-NoProfile", "-NonInteractive", "-EncodedCommand", toastScript(title, text)],
  },
};

/**
 * Shows a notification. Texts are escaped and cut here.
 *
 * @param program how; the running system's way if absent
 * @returns false where the system has no such program, or it failed
 */
export async function notify(
  title: string,
  text: string,
  program: NotificationProgram | undefined = NOTIFICATION_PROGRAMS[Deno.build.os],
): Promise<boolean> {
  if (program === undefined) return false;
  const path = await findHelper(program.name, program.directories);
  if (path === null) return false;
  const result: HelperResult = await runHelper(path, program.args(shown(title), shown(text)), {
    environment: (name) => VARIABLES.has(name),
    maxBytes: MAX_ANSWER,
    cwd: Deno.build.os === "windows" ? "C:\\" : "/",
  });
  return result.ok;
}

function shown(text: string): string {
  const safe = [...escapeText(text)];
  return safe.length <= MAX_NOTIFICATION ? safe.join("") : `${safe.slice(0, MAX_NOTIFICATION - 1).join("")}…`;
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A script for `-EncodedCommand` (Base64 of UTF-16LE); the texts are Base64 in it, so that none of it is code. */
function toastScript(title: string, text: string): string {
  const value = (each: string) =>
    `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${utf8(each).toBase64()}'))`;
  const script = [
    "$null = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]",
    "$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent(" +
    "[Windows.UI.Notifications.ToastTemplateType]::ToastText02)",
    "$texts = $xml.GetElementsByTagName('text')",
    `$null = $texts.Item(0).AppendChild($xml.CreateTextNode(${value(title)}))`,
    `$null = $texts.Item(1).AppendChild($xml.CreateTextNode(${value(text)}))`,
    "$toast = [Windows.UI.Notifications.ToastNotification]::new($xml)",
    `[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('${POWERSHELL}').Show($toast)`,
  ].join("\n");
  const units = new Uint16Array(script.length);
  for (let i = 0; i < script.length; i++) units[i] = script.charCodeAt(i);
  return new Uint8Array(units.buffer).toBase64();
}
