import { describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { type BackfillFacts, estimateBackfill } from '../../src/sync/estimate-backfill.ts';

/** A key of 5 requests a second and 120 a minute, of which 102 are for the background and 8 go to polling. */
const FACTS: BackfillFacts = {
  calls: 3_000,
  transcriptShare: 0.6,
  detailsOwed: 0,
  pageSize: 100,
  backgroundPerMinute: 102,
  requestsPerSecond: 5,
  pollIntervalMs: 15 * SECOND,
  bytesPerCall: 9_000,
};
const estimate = (facts: Partial<BackfillFacts>) => estimateBackfill({ ...FACTS, ...facts });

describe('the requests of a backfill', () => {
  it.each([
    ['nothing', 0, 0, 0],
    ['one call', 1, 1, 1],
    ['a full page', 100, 1, 60],
    ['a page and a call', 101, 2, 61],
    ['one window', 5_000, 50, 3_000],
    ['one call more: a look first, and two windows with a page each that is not full', 5_001, 54, 3_001],
    ['many windows', 48_213, 483 + 10 + 1, 28_928],
  ])('for %s', (_what, calls, listRequests, detailRequests) => {
    expect(estimate({ calls })).toMatchObject({ listRequests, detailRequests });
  });

  it.each([
    ['a vendor whose list has the transcripts', { transcriptShare: 0 }, 0],
    ['every call connected', { transcriptShare: 1 }, 3_000],
    ['details that are owed from before', { detailsOwed: 70 }, 1_870],
    ['nothing left to list but details owed', { calls: 0, detailsOwed: 70 }, 70],
  ])('with %s', (_what, facts, detailRequests) => {
    expect(estimate(facts)?.detailRequests).toBe(detailRequests);
  });

  it('cannot be known when the vendor gives no total', () => {
    expect(estimate({ calls: null })).toBeNull();
  });
});

describe('the time of a backfill', () => {
  it.each([
    ['the usual key', {}, 94],
    ['a budget of one a second', { requestsPerSecond: 1 }, 52],
    ['polling that takes everything', { pollIntervalMs: SECOND }, 1],
    ['rare polling', { pollIntervalMs: MINUTE }, 100],
  ])('is by what the budget leaves beside polling: %s', (_what, facts, requestsPerMinute) => {
    expect(estimate(facts)?.requestsPerMinute).toBe(requestsPerMinute);
  });

  it('comes first for the lists, then for the transcripts', () => {
    const found = estimate({});
    expect(found?.listedMs).toBe(Math.round((30 / 94) * MINUTE));
    // A quarter of the requests are for lists while details wait.
    expect(found?.listedBesideDetailsMs).toBe(Math.round((120 / 94) * MINUTE));
    expect(found?.completeMs).toBe(Math.round((1_830 / 94) * MINUTE));
  });

  it('is the same for lists and all when few calls have a transcript', () => {
    const found = estimate({ transcriptShare: 0.01 });
    expect(found?.listedBesideDetailsMs).toBe(found?.completeMs);
  });
});

it('the disk grows with the calls', () => {
  expect(estimate({})?.diskBytes).toBe(27_000_000);
  expect(estimate({ calls: 0 })?.diskBytes).toBe(0);
});
