import { describe, expect, it, test } from 'vitest';
import type { CallStatus } from '../../src/call.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { type Case, decideAt, END, P } from './calls.ts';

const ALL = 'status transcript analysis cost recording';
const CALM = P.calmMs;

/** The decision in a line: `settling [transcript cost] list +5s`, times from the end of the call. */
function told(sinceEndMs: number, given: Case): string {
  const { settlement, awaiting, next } = decideAt(sinceEndMs, given);
  const read = next === null ? 'no more' : `${next.read} +${(next.at - END) / SECOND}s`;
  return `${settlement} [${awaiting.join(' ')}] ${read}`;
}

describe('a call that goes on', () => {
  const open: CallStatus[] = ['queued', 'ringing', 'ongoing', 'unknown'];

  it.each(open)('(%s) is open, and its status is looked for once a minute', (status) => {
    expect(told(0, { status, has: ALL, readAt: 0 })).toBe('open [status] list +60s');
    expect(told(0, { status, connected: false })).toBe('open [status] detail +60s');
    expect(told(0, { status, optOut: true })).toBe('open [status] list +60s');
  });

  it.each(open)('(%s) is stuck a day after it began, and then probed ever more rarely', (status) => {
    const began = { status, connected: true };
    expect(told(DAY - MINUTE - 1, began)).toMatch(/^open /);
    expect(decideAt(DAY - MINUTE, began)).toEqual({
      settlement: 'stuck',
      awaiting: ['status'],
      next: { at: END - MINUTE + DAY + 12 * HOUR, read: 'list' },
      deadlineAt: END - MINUTE + P.stuckAfterMs,
    });
    const later = decideAt(60 * DAY, began);
    expect(later.next?.at).toBe(END + 60 * DAY + 7 * DAY);
  });
});

describe('a call that never connected has nothing to wait for but calm', () => {
  it.each(['ended', 'not_connected', 'canceled', 'failed'] as const)('%s', (status) => {
    const call = { status, connected: false };
    expect(told(0, call)).toBe(`settling [status] list +30s`);
    expect(told(CALM - 1, call)).toBe('settling [status] list +44.999s');
    expect(told(CALM, call)).toBe('settled [] no more');
    expect(told(CALM, { ...call, optOut: true })).toBe('settled [] no more');
    expect(told(CALM, { ...call, has: ALL, readAt: 0 })).toBe('settled [] no more');
  });
});

describe('a call that was connected and has ended', () => {
  it.each<[string, number, Case, string]>([
    ['nothing yet, just ended', 0, {}, 'settling [transcript analysis cost recording] detail +30s'],
    ['nothing yet, after a minute', MINUTE, {}, 'settling [transcript analysis cost recording] detail +60s'],
    [
      'the transcript, and nothing that lists tell',
      MINUTE,
      { has: 'transcript', readAt: MINUTE },
      'settling [analysis cost recording] list +90s',
    ],
    [
      'all but the transcript, before calm',
      0,
      { has: 'analysis cost recording' },
      'settling [transcript] detail +30s',
    ],
    [
      'all but the transcript, in calm',
      CALM,
      { has: 'analysis cost recording' },
      'settling [transcript] detail +30s',
    ],
    [
      'all, but the transcript was read too early',
      CALM,
      { has: ALL, readAt: CALM - 1 },
      'settling [transcript] detail +30s',
    ],
    ['all, the transcript read in calm', CALM, { has: ALL, readAt: CALM }, 'settled [] no more'],
    ['all, long after', DAY, { has: ALL, readAt: CALM }, 'settled [] no more'],
    [
      'no recording, within its patience',
      14 * MINUTE,
      { has: 'transcript analysis cost', readAt: CALM },
      'settling [recording] list +1440s',
    ],
    [
      'no recording, which never comes now',
      15 * MINUTE,
      { has: 'transcript analysis cost', readAt: CALM },
      'settled [] no more',
    ],
    ['no cost yet', HOUR, { has: 'transcript analysis', readAt: CALM }, 'settling [cost] list +5520s'],
    [
      'no analysis yet, after a day',
      DAY,
      { has: 'transcript cost', readAt: CALM },
      'settling [analysis] list +117840s',
    ],
    [
      'a transcript that was asked for and is not there',
      10 * MINUTE,
      { has: 'analysis cost recording', readAt: 5 * MINUTE },
      'settling [transcript] detail +900s',
    ],
    [
      'a group that never gets analysis',
      CALM,
      { has: 'transcript cost recording', never: 'analysis', readAt: CALM },
      'settled [] no more',
    ],
    [
      'a group that never gets anything late',
      CALM,
      { has: 'transcript', never: 'analysis cost recording', readAt: CALM },
      'settled [] no more',
    ],
    [
      'a vendor without transcripts',
      CALM,
      { has: 'analysis cost recording', offered: 'analysis cost recording' },
      'settled [] no more',
    ],
    [
      'a vendor that tells of nothing but the status',
      0,
      { offered: 'status' },
      'settling [status] list +30s',
    ],
    [
      'all that is offered, before calm',
      10 * SECOND,
      { has: 'cost', offered: 'cost' },
      'settling [status] list +30s',
    ],
  ])('%s', (_, age, given, expected) => {
    expect(told(age, given)).toBe(expected);
  });

  it.each<[string, number, Case, string]>([
    ['needs only its cost', CALM, { optOut: true, has: 'cost' }, 'settled [] no more'],
    ['waits for its cost', CALM, { optOut: true }, 'settling [cost] list +45s'],
    ['waits for calm', 0, { optOut: true, has: 'cost' }, 'settling [status] list +30s'],
    [
      'needs nothing where calls of its group get no cost',
      CALM,
      { optOut: true, never: 'cost' },
      'settled [] no more',
    ],
    ['is never asked for a detail', 5 * MINUTE, { optOut: true }, 'settling [cost] list +480s'],
  ])('of a party that opted out %s', (_, age, given, expected) => {
    expect(told(age, given)).toBe(expected);
  });
});

describe('a call that failed', () => {
  it.each(['failed', 'canceled', 'not_connected'] as const)(
    '(%s) after it connected is not waited for as long',
    (status) => {
      const read = { status, has: 'transcript', readAt: CALM };
      expect(told(10 * MINUTE - 1, read)).toMatch(/^settling \[analysis cost recording\] list/);
      expect(told(10 * MINUTE, read)).toMatch(/^settling \[recording\] list/);
      expect(told(15 * MINUTE, read)).toBe('settled [] no more');
      expect(told(15 * MINUTE, { ...read, status: 'ended' })).toMatch(/^settling \[analysis cost\] list/);
    },
  );

  test('still needs its transcript, until it was told an hour later that there is none', () => {
    const almost = { status: 'failed', readAt: HOUR - 1 } as const;
    expect(told(HOUR, { status: 'failed' })).toBe('settling [transcript] detail +3600s');
    expect(told(HOUR, almost)).toBe('settling [transcript] detail +5400s');
    expect(told(HOUR, { ...almost, readAt: HOUR })).toBe('settled [] no more');
    expect(told(HOUR, { ...almost, status: 'ended', readAt: HOUR })).toMatch(/^settling \[transcript/);
  });
});

describe('an empty transcript', () => {
  test('of a call that has a length is read once more, a little later', () => {
    const empty = { has: ALL, items: 0 };
    expect(told(MINUTE, { ...empty, readAt: MINUTE })).toBe('settling [transcript] detail +300s');
    expect(told(6 * MINUTE, { ...empty, readAt: 6 * MINUTE })).toBe('settled [] no more');
  });
});

describe('where only the call itself tells the rest', () => {
  const unseen = { restBy: 'detail', offered: 'status transcript analysis' } as const;

  test('it is asked for a minute after its end, and then ever more rarely', () => {
    expect(told(0, unseen)).toBe('settling [transcript analysis] detail +60s');
    const read = { ...unseen, has: 'status transcript' };
    expect(told(MINUTE, { ...read, readAt: MINUTE })).toBe('settling [analysis] detail +120s');
    expect(told(2 * MINUTE, { ...read, readAt: 2 * MINUTE })).toBe('settling [analysis] detail +240s');
    expect(told(HOUR, { ...read, readAt: HOUR })).toBe('settling [analysis] detail +7200s');
  });
});

describe('where the transcript has a request of its own', () => {
  const apart = { transcriptBy: 'messages', offered: 'status transcript recording' } as const;

  test('it is not put off until the rest has come', () => {
    expect(told(0, apart)).toBe('settling [transcript recording] detail +30s');
    const read = { ...apart, has: 'status transcript', readAt: 30 * SECOND };
    expect(told(40 * SECOND, read)).toMatch(/^settling \[recording\] list/);
  });
});

describe('the deadline', () => {
  const LATE = P.deadlineMs;

  it.each<[string, number, Case, string]>([
    ['has not come', LATE - 1, { has: 'transcript cost', readAt: CALM }, 'settling [analysis]'],
    [
      'ends the wait for an analysis',
      LATE,
      { has: 'transcript cost', readAt: CALM },
      'expired [analysis] no more',
    ],
    [
      'ends the wait for a transcript that was tried',
      LATE,
      { has: 'cost analysis', readAt: CALM },
      'expired [transcript] no more',
    ],
    [
      'does not end a wait for a transcript that nobody asked for',
      LATE,
      {},
      'settling [transcript analysis cost] detail +172800s',
    ],
    [
      'does not end it when the transcript was read too early',
      LATE,
      { readAt: CALM - 1 },
      'settling [transcript analysis cost] detail +172800s',
    ],
    ['ends the wait for everything', 30 * DAY, { readAt: DAY }, 'expired [transcript analysis cost] no more'],
    ['does not touch what is complete', 30 * DAY, { has: ALL, readAt: DAY }, 'settled [] no more'],
    [
      'ends the wait for the cost of a party that opted out',
      LATE,
      { optOut: true },
      'expired [cost] no more',
    ],
  ])('%s', (_, age, given, expected) => {
    expect(told(age, given)).toContain(expected);
  });

  test('is counted from the end of the call', () => {
    expect(decideAt(0, {}).deadlineAt).toBe(END + LATE);
    expect(decideAt(LATE, { has: ALL, readAt: CALM }).deadlineAt).toBe(END + LATE);
  });
});

describe('waits grow with the age of the call, within bounds', () => {
  const waiting = { has: 'transcript recording', readAt: CALM };
  const listedAt = (age: number) => {
    const { next } = decideAt(age, waiting);
    expect(next?.read).toBe('list');
    return (next?.at ?? 0) - END;
  };

  it.each([
    [CALM, 15 * SECOND],
    [2 * MINUTE, MINUTE],
    [4 * HOUR, 2 * HOUR],
    [40 * HOUR, 6 * HOUR],
  ])('%i ms after the end: about %i ms', (age, waitMs) => {
    const waited = listedAt(age) - age;
    expect(waited).toBeGreaterThanOrEqual(waitMs / 2);
    expect(waited).toBeLessThanOrEqual(1.5 * waitMs);
  });

  it('and calls of about the same age are due together, so that one list tells of them', () => {
    const ages = Array.from({ length: 60 }, (_, i) => 20 * MINUTE + i * 5 * SECOND);
    expect(new Set(ages.map(listedAt)).size).toBeLessThanOrEqual(2);
  });
});
