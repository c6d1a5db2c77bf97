import { describe, expect, it, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { createVendorClock, type HeardAnswer } from '../../src/sync/vendor-clock.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z');

/** An answer whose `Date` is ahead of ours by so much, with its newest call so far ahead of ours. */
const said = (aheadMs: number, newestCallMs: number | null = null, at = NOW): HeardAnswer => ({
  requestedAt: at,
  receivedAt: at,
  vendorNow: at + aheadMs,
  newestCallAt: newestCallMs === null ? null : at + newestCallMs,
});

/** A clock that has heard these answers. */
function heard(...answers: HeardAnswer[]) {
  const clock = createVendorClock(null);
  for (const answer of answers) clock.observe(answer);
  return clock;
}

describe('before the vendor has answered', () => {
  test('its clock is taken for ours', () => {
    const clock = createVendorClock(null);
    expect(clock).toMatchObject({ offsetMs: 0, known: false, doubtedOffsetMs: null });
    expect(clock.toVendor(NOW)).toBe(NOW);
  });

  test('what was learnt in an earlier pass holds', () => {
    expect(createVendorClock(-5_000)).toMatchObject({ offsetMs: -5_000, known: true });
    expect(createVendorClock(0).known).toBe(true);
  });
});

it.each([0, 1_000, -1_000, 59 * SECOND, -26 * HOUR])(
  'a vendor that is %i ms ahead is written on its own clock, and back',
  (aheadMs) => {
    const clock = heard(said(aheadMs));
    expect(clock).toMatchObject({ offsetMs: aheadMs, known: true, doubtedOffsetMs: null });
    expect(clock.toVendor(NOW)).toBe(NOW + aheadMs);
    expect(clock.toOurs(clock.toVendor(NOW + 7))).toBe(NOW + 7);
  },
);

test('an answer without a date teaches nothing, and the latest one counts', () => {
  const clock = createVendorClock(null);
  clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: null });
  expect(clock.known).toBe(false);
  expect(clock.latest(NOW)).toBe(null);
  clock.observe(said(9_000));
  clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: null });
  clock.observe(said(2_000, null, NOW + SECOND));
  expect(clock.offsetMs).toBe(2_000);
});

// Holds invariant 5.
it.each([0, 300, 999, 5_000, 19_000])(
  'an answer that took %i ms to come back never puts it ahead: a window would close on calls to come',
  (wayBackMs) => {
    const clock = createVendorClock(null);
    const receivedAt = NOW + 123;
    // The vendor's clock is ours; it cuts its date to the second, and the answer is on its way for a while.
    const vendorNow = Math.floor((receivedAt - wayBackMs) / SECOND) * SECOND;
    clock.observe({ requestedAt: receivedAt - 2 * wayBackMs, receivedAt, vendorNow });
    expect(clock.toVendor(receivedAt)).toBeLessThanOrEqual(receivedAt);
    expect(clock.toVendor(receivedAt)).toBeGreaterThan(receivedAt - SECOND - wayBackMs);
    expect(clock.latest(receivedAt)).toBeGreaterThanOrEqual(receivedAt);
  },
);

// Holds invariant 5.
describe('a date far ahead of the database’s clock', () => {
  test('is not believed while no call bears it out, and lists reach as far all the same', () => {
    const clock = heard(said(DAY));
    expect(clock).toMatchObject({ offsetMs: 0, doubtedOffsetMs: DAY });
    expect(clock.farthest(NOW)).toBe(NOW + DAY);
    expect(clock.latest(NOW)).toBeLessThanOrEqual(NOW + MINUTE);
  });

  test('is not believed beside calls of our own time', () => {
    expect(heard(said(DAY, -20 * SECOND)).offsetMs).toBe(0);
  });

  test('is believed when a call has a time that has not come for us', () => {
    const clock = heard(said(30 * HOUR, 29 * HOUR));
    expect(clock).toMatchObject({ offsetMs: 30 * HOUR, doubtedOffsetMs: null });
    clock.observe(said(30 * HOUR, null, NOW + MINUTE));
    expect(clock.offsetMs).toBe(30 * HOUR);
  });

  test('is believed when an earlier pass did', () => {
    const clock = createVendorClock(30 * HOUR);
    clock.observe(said(30 * HOUR));
    expect(clock.offsetMs).toBe(30 * HOUR);
  });

  test('is not borne out by a call that lies beyond it', () => {
    expect(heard(said(DAY, 60 * 365 * DAY)).offsetMs).toBe(0);
  });

  test('that no calendar has does not send lists there', () => {
    const clock = heard({ ...said(0), vendorNow: Date.parse('9999-12-31T23:59:59Z') });
    expect(clock.offsetMs).toBe(0);
    expect(clock.farthest(NOW)).toBeLessThanOrEqual(NOW + 2 * DAY);
  });

  test('in doubt since an earlier pass sends lists there before the vendor is heard again', () => {
    const clock = createVendorClock(0, 3 * HOUR);
    expect(clock.farthest(NOW)).toBe(NOW + 3 * HOUR);
    expect(clock).toMatchObject({ offsetMs: 0, doubtedOffsetMs: null });
    clock.observe(said(200));
    expect(clock.farthest(NOW)).toBe(NOW + 200);
  });

  test('on every second answer changes nothing', () => {
    expect(heard(said(0), said(DAY), said(100), said(DAY)).offsetMs).toBe(100);
  });
});

// Holds invariant 5.
describe('a date far behind the database’s clock', () => {
  test('is believed: late is safe', () => {
    const clock = heard(said(-HOUR, -2 * HOUR));
    expect(clock).toMatchObject({ offsetMs: -HOUR, doubtedOffsetMs: null });
  });

  test('is refuted by a call that is newer than it, and then the call tells what time it is at least', () => {
    const clock = heard(said(-HOUR, -30 * SECOND));
    expect(clock).toMatchObject({ offsetMs: -30 * SECOND, doubtedOffsetMs: -HOUR });
    expect(clock.farthest(NOW)).toBe(NOW);
  });

  test('is not refuted by a call of a time that cannot be', () => {
    expect(heard(said(-HOUR, 60 * 365 * DAY)).offsetMs).toBe(-HOUR);
  });

  test('is refuted by a later one that was heard before: no clock goes back', () => {
    const clock = heard(said(0), said(-HOUR));
    expect(clock).toMatchObject({ offsetMs: 0, doubtedOffsetMs: -HOUR });
  });
});
