import { describe, expect, it, test } from 'vitest';
import { HOUR, SECOND } from '../../src/clock.ts';
import { createVendorClock } from '../../src/sync/vendor-clock.ts';

const NOW = Date.parse('2026-11-20T03:00:00Z');

describe('before the vendor has answered', () => {
  test('its clock is taken for ours', () => {
    const clock = createVendorClock(null);
    expect(clock).toMatchObject({ offsetMs: 0, known: false });
    expect(clock.toVendor(NOW)).toBe(NOW);
  });

  test('what was learnt in an earlier pass holds', () => {
    expect(createVendorClock(-5_000)).toMatchObject({ offsetMs: -5_000, known: true });
    expect(createVendorClock(0).known).toBe(true);
  });
});

it.each([0, 1_000, -1_000, HOUR, -26 * HOUR])(
  'a vendor that is %i ms ahead is written on its own clock, and back',
  (aheadMs) => {
    const clock = createVendorClock(null);
    clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: NOW + aheadMs });
    expect(clock).toMatchObject({ offsetMs: aheadMs, known: true });
    expect(clock.toVendor(NOW)).toBe(NOW + aheadMs);
    expect(clock.toOurs(clock.toVendor(NOW + 7))).toBe(NOW + 7);
  },
);

test('an answer without a date teaches nothing, and the latest one counts', () => {
  const clock = createVendorClock(null);
  clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: null });
  expect(clock.known).toBe(false);
  expect(clock.latest(NOW)).toBe(null);
  clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: NOW + 9_000 });
  clock.observe({ requestedAt: NOW, receivedAt: NOW, vendorNow: null });
  clock.observe({ requestedAt: NOW + SECOND, receivedAt: NOW + SECOND, vendorNow: NOW + 3_000 });
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
