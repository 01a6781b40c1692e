/**
 * Our own ports, by which we are never to be called through ourselves.
 *
 * @module
 */

/** The listener that a request came in by, among all of ours. */
export interface OwnListener {
  /** Its port. */
  readonly port: number;
  /** The ports of all listeners of this proxy; that one alone if it is not said. */
  readonly all?: ReadonlySet<number>;
}

/** The port that is open to everybody, as it is named in hints. */
export function openPort({ port, all }: OwnListener): number {
  const [first = port] = all ?? []; // It is opened before any other.
  return first;
}

/** Whether a port is one of ours. */
export function isOwnPort(port: number, listener: OwnListener): boolean {
  return port === listener.port || listener.all?.has(port) === true;
}
