import { expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { DIGA } from '../support/vendors.ts';
import { startBench } from './bench.ts';

const NAMELESS =
  'select count(*)::integer from callhouse.calls where phone_id is not null and (from_number is null or to_number is null) and channel = $1';

it('calls show our own number, which the vendor names by an id', async () => {
  const bench = await startBench({ vendor: DIGA, pastCalls: 60 });
  bench.clock.advance(HOUR);
  await bench.settle();
  expect(await bench.value('select count(*)::integer from callhouse.phones where number is not null')).toBe(
    4,
  );
  expect(await bench.value<number>(NAMELESS, ['phone'])).toBe(0);
  expect(await bench.differences()).toEqual([]);
});

it('a key that may not list numbers has calls without them, until it may', async () => {
  const bench = await startBench({ vendor: DIGA, pastCalls: 60 });
  bench.sandbox.diga.world.rights.phones = false;
  bench.clock.advance(HOUR);
  await bench.settle();
  expect(await bench.value<number>(NAMELESS, ['phone'])).toBeGreaterThan(0);

  bench.sandbox.diga.world.rights.phones = true;
  bench.clock.advance(25 * HOUR);
  await bench.settle();
  expect(await bench.value<number>(NAMELESS, ['phone'])).toBe(0);
  expect(await bench.differences()).toEqual([]);
  // What changes of a settled call is told, whatever the cause.
  const untold = `select count(*)::integer from callhouse.call_events e where changes ?| '{from_number,to_number}'
and not restated and exists (select from callhouse.call_events s where (s.source_id, s.call_id) = (e.source_id, e.call_id)
and s.settlement = 'settled' and s.revision < e.revision)`;
  expect(await bench.value(untold)).toBe(0);
});
