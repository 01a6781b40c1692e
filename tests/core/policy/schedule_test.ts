import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ALL_DAYS,
  isWithin,
  parseDaysAndZone,
  parseTimeWindow,
  type Schedule,
  scheduleText,
} from "../../../src/core/policy/schedule.ts";
import { ZoneClock } from "../../../src/core/policy/zone_clock.ts";
import { FUZZ_CASES } from "../fuzz.ts";

function schedule(text: string): Schedule {
  const { times, days, zone } = parseTimeWindow(text);
  return { start: times?.start ?? 0, end: times?.end ?? 1440, days: days ?? ALL_DAYS, zone: zone ?? "UTC" };
}

/** Hours of a day, from a moment on, in which a schedule is open. */
function openHours(text: string, from: string, hours: number): number[] {
  const start = Date.parse(from);
  return Array.from({ length: hours }, (_, h) => h).filter((h) =>
    isWithin(schedule(text), start + h * 3_600_000)
  );
}

Deno.test("the spring change of New York: 02:00 to 03:00 does not happen", () => {
  // 8 March 2026, 05:00Z is midnight; at 07:00Z the clock goes from 02:00 to 03:00.
  assert.deepEqual(openHours("01:00-04:00 America/New_York", "2026-03-08T05:00:00Z", 24), [1, 2]);
  assert.deepEqual(openHours("02:00-03:00 America/New_York", "2026-03-08T05:00:00Z", 24), []);
  assert.deepEqual(openHours("09:00-17:00 America/New_York", "2026-03-07T05:00:00Z", 24), [
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
  ]);
  assert.deepEqual(openHours("09:00-17:00 America/New_York", "2026-03-08T05:00:00Z", 23), [
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
  ]);
});

Deno.test("the autumn change of New York: 01:00 to 02:00 happens twice", () => {
  // 1 November 2026, 04:00Z is midnight; at 06:00Z the clock goes from 02:00 back to 01:00.
  assert.deepEqual(openHours("01:00-02:00 America/New_York", "2026-11-01T04:00:00Z", 25), [1, 2]);
  assert.deepEqual(openHours("02:00-03:00 America/New_York", "2026-11-01T04:00:00Z", 25), [3]);
  assert.deepEqual(openHours("09:00-17:00 America/New_York", "2026-11-01T04:00:00Z", 25), [
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
  ]);
});

Deno.test("the spring change of Berlin: 02:00 to 03:00 does not happen", () => {
  // 29 March 2026, 23:00Z before is midnight; at 01:00Z the clock goes from 02:00 to 03:00.
  assert.deepEqual(openHours("01:00-04:00 Europe/Berlin", "2026-03-28T23:00:00Z", 23), [1, 2]);
  assert.deepEqual(openHours("02:00-03:00 Europe/Berlin", "2026-03-28T23:00:00Z", 23), []);
  assert.deepEqual(openHours("00:00-24:00 Europe/Berlin", "2026-03-28T23:00:00Z", 23).length, 23);
});

Deno.test("the autumn change of Berlin: 02:00 to 03:00 happens twice", () => {
  // 25 October 2026, 22:00Z before is midnight; at 01:00Z the clock goes from 03:00 back to 02:00.
  assert.deepEqual(openHours("02:00-03:00 Europe/Berlin", "2026-10-24T22:00:00Z", 25), [2, 3]);
  assert.deepEqual(openHours("03:00-04:00 Europe/Berlin", "2026-10-24T22:00:00Z", 25), [4]);
});

Deno.test("a change takes hold at its very millisecond, and a clock that was asked about earlier still knows", () => {
  const clock = new ZoneClock("America/New_York");
  const change = Date.parse("2026-03-08T07:00:00Z");
  assert.deepEqual(clock.at(change - 1), { minutes: 119, day: 6 });
  assert.deepEqual(clock.at(change), { minutes: 180, day: 6 });
  assert.deepEqual(clock.at(change - 1), { minutes: 119, day: 6 });
});

Deno.test("a window over midnight belongs to the day on which it begins", () => {
  const friday = "2026-03-06T00:00:00Z";
  assert.deepEqual(openHours("Fri 22:00-06:00 UTC", friday, 48), [22, 23, 24, 25, 26, 27, 28, 29]);
  assert.deepEqual(openHours("Sun 22:00-02:00 UTC", "2026-03-08T00:00:00Z", 48), [22, 23, 24, 25]);
  assert.deepEqual(openHours("22:00-02:00 UTC", friday, 24), [0, 1, 22, 23]);
});

Deno.test("a window over midnight goes over a change of the clock too", () => {
  assert.deepEqual(openHours("Sat 23:00-04:00 America/New_York", "2026-03-08T04:00:00Z", 24), [0, 1, 2, 3]);
  assert.deepEqual(openHours("Sat 23:00-04:00 Europe/Berlin", "2026-10-24T21:00:00Z", 24), [
    0,
    1,
    2,
    3,
    4,
    5,
  ]);
});

Deno.test("Mon-Fri is Monday to Friday by the zone's own calendar", () => {
  const open = openHours("Mon-Fri 00:00-24:00 Asia/Tokyo", "2026-03-01T00:00:00Z", 24 * 7);
  assert.equal(open[0], 15);
  assert.equal(open.length, 5 * 24);
  assert.equal(open.at(-1), 15 + 5 * 24 - 1);
});

Deno.test("days are read in all their spellings", () => {
  const days = (text: string) => parseDaysAndZone(text).days;
  assert.equal(days("Mon-Fri"), 0b001_1111);
  assert.equal(days("sat,Sunday"), 0b110_0000);
  assert.equal(days("Fri-Mon"), 0b111_0001);
  assert.equal(days("Mon Wed Fri"), 0b001_0101);
  assert.equal(parseDaysAndZone("Mon-Fri Europe/Berlin").zone, "Europe/Berlin");
  assert.equal(parseDaysAndZone("Mon-Fri UTC").zone, "UTC");
});

Deno.test("schedules are shown as they would be written", () => {
  const written = [
    "Mon-Fri 09:00-17:00 America/New_York",
    "22:00-06:00 Europe/Berlin",
    "Sat,Sun UTC",
    "Mon,Wed-Fri UTC",
  ];
  const part = (text: string) =>
    /\d:/.test(text)
      ? schedule(text)
      : { ...schedule("00:00-24:00"), days: parseDaysAndZone(text).days ?? 0 };
  assert.deepEqual(written.map((text) => scheduleText(part(text))), written);
});

Deno.test("the clock of a zone agrees with Temporal at any moment", () => {
  const zones = [
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "Africa/Casablanca",
  ];
  const clocks = new Map(zones.map((zone) => [zone, new ZoneClock(zone)]));
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: Date.parse("1990-01-01T00:00Z"), max: Date.parse("2037-01-01T00:00Z") }),
      (zone, now) => {
        const there = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
        assert.deepEqual(clocks.get(zone)?.at(now), {
          minutes: there.hour * 60 + there.minute,
          day: there.dayOfWeek - 1,
        });
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});
