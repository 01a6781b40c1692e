/**
 * Wall-clock time in a time zone, by arithmetic: the zone's rules are asked only when its offset may have changed.
 *
 * @module
 */

const NS_PER_MS = 1_000_000;
const DAY_MINUTES = 24 * 60;

/** A moment as people in a zone see it. */
export interface WallTime {
  /** Minutes since midnight. */
  readonly minutes: number;
  /** Day of the week: 0 is Monday, 6 is Sunday. */
  readonly day: number;
}

/** The clock of one zone. */
export class ZoneClock {
  /** Identifier of the zone. */
  readonly zone: string;
  // Between these two moments, ms since the epoch, the zone is so many milliseconds ahead of UTC.
  #from = 1;
  #until = 0;
  #offsetMs = 0;

  /**
   * A clock for an IANA zone.
   *
   * @throws {RangeError} if there is no such zone.
   */
  constructor(zone: string) {
    this.zone = new Temporal.ZonedDateTime(0n, zone).timeZoneId;
  }

  /** The wall time at a moment, ms since the epoch. */
  at(now: number): WallTime {
    if (now < this.#from || now >= this.#until) this.#look(now);
    const minutes = Math.floor((now + this.#offsetMs) / 60_000);
    const days = Math.floor(minutes / DAY_MINUTES);
    // 1 January 1970 was a Thursday.
    return { minutes: minutes - days * DAY_MINUTES, day: (((days + 3) % 7) + 7) % 7 };
  }

  #look(now: number): void {
    const there = Temporal.Instant.fromEpochMilliseconds(Math.floor(now)).toZonedDateTimeISO(this.zone);
    this.#offsetMs = there.offsetNanoseconds / NS_PER_MS;
    this.#from = Math.floor(now);
    this.#until = there.getTimeZoneTransition("next")?.epochMilliseconds ?? Infinity;
  }
}

const clocks = new Map<string, ZoneClock>();

/** The clock of a zone, made once. */
export function zoneClock(zone: string): ZoneClock {
  let clock = clocks.get(zone);
  if (clock === undefined) clocks.set(zone, clock = new ZoneClock(zone));
  return clock;
}
