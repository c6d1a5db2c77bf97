import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { countDrift, type DriftSighting } from '../../src/warehouse/drift.ts';
import { registerSource } from '../../src/warehouse/sources.ts';
import { useTestDatabase } from '../support/database.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const database = useTestDatabase();
let sourceId = 0;
let sources = 0;

beforeEach(async () => {
  sources += 1;
  sourceId = await registerSource(database.pool, {
    name: `source-${sources}`,
    vendor: 'any',
    baseUrl: 'https://vendor.invalid',
    timeZone: 'Asia/Seoul',
    staleAfterMs: MINUTE,
    limits: { requestsPerSecond: 5, requestsPerMinute: 20 },
    now: NOON,
  });
});

const field = (path: string, count?: number): DriftSighting => ({
  kind: 'unknown_field',
  path,
  value: '',
  callId: `call of ${path}`,
  ...(count === undefined ? {} : { count }),
});
const count = (sightings: readonly DriftSighting[], now = NOON) =>
  countDrift(database.pool, sourceId, sightings, now);
const many = (prefix: string, length: number) => Array.from({ length }, (_, i) => field(`${prefix}${i}`));

async function rows(where = 'true'): Promise<unknown[]> {
  const { rows: found } = await database.pool.query(
    `select kind, path, value, seen_count::integer as seen, example_call_id as call from callhouse_sync.drift
where source_id = $1 and ${where} order by kind, path`,
    [sourceId],
  );
  return found;
}

describe('what is not known', () => {
  test('is counted, and is news once', async () => {
    const word: DriftSighting = { kind: 'unknown_value', path: 'status', value: 'dreaming', callId: 'b' };
    expect(await count([field('a'), word, field('a')])).toHaveLength(2);
    expect(await count([field('a')], NOON + 1)).toEqual([]);
    expect(await rows()).toEqual([
      { kind: 'unknown_field', path: 'a', value: '', seen: 3, call: 'call of a' },
      { kind: 'unknown_value', path: 'status', value: 'dreaming', seen: 1, call: 'b' },
    ]);
  });

  test('fills the table of a source no further than a thousand rows, and is counted beyond', async () => {
    expect(await count(many('a', 990))).toHaveLength(990);
    const news = await count([field('a0'), ...many('b', 30), field('(more)', 5)], NOON + 1);

    expect(news).toHaveLength(11);
    expect(await rows(`path ~ '^b' or path in ('a0', '(more)')`)).toEqual([
      { kind: 'unknown_field', path: '(more)', value: '', seen: 25, call: 'call of b10' },
      { kind: 'unknown_field', path: 'a0', value: '', seen: 2, call: 'call of a0' },
      ...many('b', 10).map(({ path, callId: call }) => ({
        kind: 'unknown_field',
        path,
        value: '',
        seen: 1,
        call,
      })),
    ]);
    // What is told by its name goes on being counted; what is new no more.
    expect(await count([field('a0'), field('c')], NOON + 2)).toEqual([]);
    expect(await rows(`path in ('a0', 'c', '(more)')`)).toMatchObject([{ seen: 26 }, { seen: 3 }]);
    expect(await rows()).toHaveLength(1_001);
  });

  test('is bounded for each source by itself', async () => {
    await count(many('a', 1_000));
    sources += 1;
    const other = sourceId + 1;
    await registerSource(database.pool, {
      name: `source-${sources}`,
      vendor: 'any',
      baseUrl: 'https://vendor.invalid',
      timeZone: 'Asia/Seoul',
      staleAfterMs: MINUTE,
      limits: { requestsPerSecond: 5, requestsPerMinute: 20 },
      now: NOON,
    });
    expect(await countDrift(database.pool, other, [field('a')], NOON)).toHaveLength(1);
  });
});
