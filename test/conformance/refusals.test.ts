import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { SourceError } from '../../src/errors.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type ConformanceBench, hasTalk, startConformance } from './bench.ts';
import { apart, rowsOf } from './dump.ts';
import { row } from './row.ts';
import type { Change } from './tamper.ts';

row('key', async (vendor) => {
  const bench = await startConformance(vendor, {
    env: { [`${vendor.vendor.prefix}_API_KEY`]: 'not-the-key' },
  });

  const { outcome, error } = await bench.pass();

  expect(outcome).toBe('failed');
  expect(error).toBeInstanceOf(SourceError);
  expect(error?.message).toMatch(/401: the API key is not accepted/);
  expect(error?.message).not.toContain('not-the-key');
  expect(bench.vendor.requests.entries).toHaveLength(1);

  const revoked = await startConformance(vendor);
  await revoked.settle();
  const before = await rowsOf(revoked.pool);
  revoked.vendor.faults.add({ kind: 'unauthorized', times: null });
  revoked.vendor.requests.reset();
  expect((await revoked.pass()).error).toBeInstanceOf(SourceError);
  expect(revoked.vendor.requests.entries).toHaveLength(1);
  expect(apart(before, await rowsOf(revoked.pool))).toEqual([]);
});

row('account', async (vendor) => {
  const bench = await startConformance(vendor);
  await bench.settle();
  const renewed = await bench.openWithKey('five-low-lanterns-2819');
  expect((await bench.pass({}, renewed.worker)).error).toBeNull();
  const { worker } = await bench.openWithKey('six-far-lanterns-1928', 2);
  const before = await rowsOf(bench.pool);
  // Audits of the days that are stored are due.
  bench.clock.advance(DAY);

  const { outcome, error } = await bench.pass({}, worker);

  expect(outcome).toBe('failed');
  expect(error).toBeInstanceOf(SourceError);
  expect(error?.message).toMatch(/is the key of another account\? Fix: /);
  expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
});

/** Agents and numbers are asked for once a day, also where that was refused. */
const NAMES_AGAIN_MS = 25 * HOUR;

const forbid: Change = (answer) => {
  answer.status = 403;
};

row('forbidden', async (vendor) => {
  const bench = await startConformance(vendor);
  const allow = bench.tamper(forbid);

  const { outcome, error } = await bench.pass();

  expect(outcome).toBe('failed');
  expect(error).toBeInstanceOf(SourceError);
  expect(error?.message).toMatch(/403/);
  expect(await bench.storedIds()).toEqual([]);
  // One for each part that a key may have a right to.
  expect(bench.sent.length).toBeLessThanOrEqual(4);
  allow();
  bench.clock.advance(NAMES_AGAIN_MS);
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
});

row('spared', async (vendor) => {
  expect(vendor.spared).not.toEqual([]);
  for (const { kind, tells } of vendor.spared) {
    const bench = await startConformance(vendor);
    const allow = bench.tamper((answer) => {
      if (bench.vendor.requests.entries.at(-1)?.kind === kind) forbid(answer);
    });

    const { error } = await bench.pass();

    if (tells === null) expect(error).toBeNull();
    else expect(error?.message).toMatch(tells);
    expect(await bench.storedIds()).toEqual(bench.listedIds());
    allow();
    bench.clock.advance(NAMES_AGAIN_MS);
    expect((await bench.settle()).error).toBeNull();
    expect(await bench.differences()).toEqual([]);
  }
});

row('locked', async (vendor) => {
  for (const status of [403, 423, 451]) {
    const bench = await startConformance(vendor);
    const callId = bench.pick(hasTalk);
    const unlock = bench.tamper((answer) => {
      if (answer.path.includes(callId)) answer.status = status;
    });

    expect((await bench.pass()).error).toBeNull();

    expect(await bench.storedIds()).toEqual(bench.listedIds());
    const others = 'select count(*)::integer from callhouse.calls where transcript_item_count > 3';
    const talks = [...bench.truth().values()].filter(hasTalk).length;
    expect(await bench.value(others)).toBe(talks - 1);
    const fault = 'select last_fault from callhouse_sync.settlements where call_id = $1';
    expect(await bench.value(fault, [callId])).toContain(`answered ${status}`);
    unlock();
    bench.clock.advance(DAY / 24);
    expect((await bench.settle()).error).toBeNull();
    expect(await bench.differences()).toEqual([]);
  }
});

const SILENCE_MS = 20 * SECOND;
const BACKOFF_MIN_MS = 250;
const limited = (retryAfter: 'seconds' | 'http-date' | 'zero' | 'none'): FaultInput => {
  return { kind: 'rate_limited', retryAfter, retryAfterMs: SILENCE_MS, after: 1, times: 2 };
};

/** The forms in which vendors ask for silence, and how long it then has to be. */
const FORMS: [string, FaultInput, Change | null, number][] = [
  ['seconds', limited('seconds'), null, SILENCE_MS],
  ['a date', limited('http-date'), null, SILENCE_MS],
  ['zero', limited('zero'), null, BACKOFF_MIN_MS],
  ['no word of it', limited('none'), null, BACKOFF_MIN_MS],
  [
    'an instant of reset',
    limited('none'),
    (answer) => {
      const at = Date.parse(answer.headers.date ?? '') + SILENCE_MS;
      if (answer.status === 429) answer.headers['x-ratelimit-reset'] = String(Math.ceil(at / SECOND));
    },
    SILENCE_MS - SECOND,
  ],
  [
    'prose',
    limited('none'),
    (answer) => {
      if (answer.status === 429) answer.json = { error: 'Too many requests, come back in 20 seconds.' };
    },
    SILENCE_MS,
  ],
];

row('silence', async (vendor) => {
  for (const [form, fault, change, silenceMs] of FORMS) {
    const bench = await startConformance(vendor, { pastCalls: 12 });
    if (change) bench.tamper(change);
    bench.vendor.faults.add(fault);

    expect((await bench.pass()).error, form).toBeNull();

    const { entries } = bench.vendor.requests;
    const refused = entries.flatMap(({ status }, at) => (status === 429 ? [at] : []));
    expect(refused, form).toHaveLength(2);
    for (const at of refused) {
      const waited = (entries[at + 1]?.atMs ?? 0) - (entries[at]?.atMs ?? 0);
      expect(waited, form).toBeGreaterThanOrEqual(silenceMs);
      expect(waited, form).toBeLessThan(2 * MINUTE);
    }
    expect(await bench.storedIds(), form).toEqual(bench.listedIds());
  }
});

row('redirect', async (vendor) => {
  const asked: string[] = [];
  const elsewhere = createServer((request, response) => {
    asked.push(`${request.url}`);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  try {
    const bench = await startConformance(vendor);
    const { port } = elsewhere.address() as AddressInfo;
    const location = `http://127.0.0.1:${port}/calls`;
    const stop = bench.vendor.faults.add({ kind: 'redirect', location, times: null });

    const { error } = await bench.pass();

    expect(error).toBeInstanceOf(SourceError);
    expect(error?.message).toMatch(/a redirect: check the base URL/);
    expect(bench.vendor.requests.entries).toHaveLength(1);
    await expectCaughtUp(bench, stop);
    expect(asked).toEqual([]);
  } finally {
    elsewhere.close();
  }
});

async function expectCaughtUp(bench: ConformanceBench, mend: () => void): Promise<void> {
  mend();
  bench.clock.advance(MINUTE);
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
  expect([...bench.truth().values()].some(hasTalk)).toBe(true);
}
