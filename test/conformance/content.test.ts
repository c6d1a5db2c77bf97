import { createHash } from 'node:crypto';
import { LosslessNumber } from 'lossless-json';
import { expect } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { type ConformanceBench, hasTalk, startConformance } from './bench.ts';
import { nested } from './mutate-record.ts';
import { row } from './row.ts';
import { PROTO } from './tamper.ts';

const stored = (bench: ConformanceBench, columns: string, callId: string) =>
  bench.pool
    .query<Record<string, unknown>>(`select ${columns} from callhouse.calls where call_id = $1`, [callId])
    .then(({ rows: [found] }) => found);

const drift = (bench: ConformanceBench, kind: string, path: string) =>
  bench.value<string>('select value from callhouse_sync.drift where kind = $1 and path like $2', [
    kind,
    path,
  ]);

/** The vendor tells the truth again: all of it must be there in the end. */
async function expectHealed(bench: ConformanceBench, mend: () => void): Promise<void> {
  mend();
  bench.clock.advance(10 * MINUTE);
  // A record without a sign of change is read when its window is.
  await bench.pool.query('delete from callhouse_sync.checkpoints');
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
  expect(
    await bench.value('select count(*)::integer from callhouse_sync.dead_letters where resolved_at is null'),
  ).toBe(0);
}

row('words', async (vendor) => {
  const bench = await startConformance(vendor);
  const { id, status } = vendor.fields;
  const callId = bench.pick(hasTalk);
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) if (call[id] === callId) call[status] = 'dreaming';
  });

  expect((await bench.pass()).error).toBeNull();

  const { settlement, ...told } = (await stored(bench, 'status, vendor_status, settlement', callId)) ?? {};
  expect(told).toEqual({ status: 'unknown', vendor_status: 'dreaming' });
  expect(settlement).toMatch(/open|stuck/);
  expect(await drift(bench, 'unknown_value', status)).toBe('dreaming');
  await expectHealed(bench, mend);
  expect(await stored(bench, 'settlement', callId)).toEqual({ settlement: 'settled' });
});

row('types', async (vendor) => {
  const bench = await startConformance(vendor);
  const { id, type } = vendor.fields;
  const callId = bench.pick();
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) if (call[id] === callId) call[type.name] = 'telepathy';
  });

  expect((await bench.pass()).error).toBeNull();

  expect(await stored(bench, `call_type, ${type.column} as told`, callId)).toEqual({
    call_type: 'telepathy',
    told: 'unknown',
  });
  expect(await drift(bench, 'unknown_value', type.name)).toBe('telepathy');
  await expectHealed(bench, mend);
});

row('roles', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick(hasTalk);
  const { role } = vendor.fields;
  bench.tamper(({ items }) => {
    for (const item of items.slice(0, 1)) item[role] = 'ghost';
  });

  expect((await bench.settle()).error).toBeNull();

  const ghosts = await bench.pool.query(
    "select role from callhouse.transcript_items where vendor_role = 'ghost' group by role",
  );
  expect(ghosts.rows).toEqual([{ role: 'other' }]);
  expect(await drift(bench, 'unknown_value', `%.${role}`)).toBe('ghost');
  expect(await stored(bench, 'settlement', callId)).toEqual({ settlement: 'settled' });
});

row('extra', async (vendor) => {
  const bench = await startConformance(vendor);
  bench.tamper(({ calls }) => {
    for (const call of calls) call.brand_new = { of: 'next year', rank: 3 };
  });

  expect((await bench.settle()).error).toBeNull();

  expect(await drift(bench, 'unknown_field', 'brand_new')).toBe('');
  expect(await bench.differences()).toEqual([]);
  const kept =
    "select count(*)::integer from callhouse_sync.raw_payloads where payload #>> '{brand_new,of}' = 'next year'";
  expect(await bench.value(kept)).toBeGreaterThanOrEqual(bench.truth().size);
});

row('lacking', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick();
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls.filter((one) => one[vendor.fields.id] === callId)) {
      for (const field of Object.keys(call)) if (!vendor.needed.includes(field)) delete call[field];
    }
  });

  expect((await bench.pass()).error).toBeNull();

  expect(await stored(bench, 'status, vendor_status, call_type', callId)).toEqual({
    status: 'unknown',
    vendor_status: null,
    call_type: null,
  });
  await expectHealed(bench, mend);
});

const LETTERS =
  'select call_id, path, scope, reason from callhouse_sync.dead_letters where resolved_at is null';

row('idless', async (vendor) => {
  const bench = await startConformance(vendor);
  const { id } = vendor.fields;
  const callId = bench.pick();
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) if (call[id] === callId) call[id] = 42;
  });

  expect((await bench.pass()).error).toBeNull();

  const letters = await bench.pool.query<Record<string, string>>(LETTERS);
  expect(letters.rows).toMatchObject([
    { call_id: expect.stringMatching(/^sha256:/), path: id, scope: 'record' },
  ]);
  expect(await bench.storedIds()).toEqual(bench.listedIds().filter((one) => one !== callId));
  mend();
  // Nobody can be asked for it: the next reading of its window has it.
  bench.clock.advance(10 * MINUTE);
  await bench.pool.query('delete from callhouse_sync.checkpoints');
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
});

row('poison', async (vendor) => {
  const bench = await startConformance(vendor);
  const { field, value, path } = vendor.poison;
  const callId = bench.pick(hasTalk);
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) if (call[vendor.fields.id] === callId) call[field] = value;
  });

  expect((await bench.pass()).error).toBeNull();

  const letters = await bench.pool.query<Record<string, string>>(LETTERS);
  expect(letters.rows).toEqual([
    { call_id: callId, path, scope: 'field', reason: expect.stringContaining(path) },
  ]);
  expect(letters.rows[0]?.reason).not.toContain(value);
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  const partly = 'select partly_read_calls::integer from callhouse_analytics.freshness';
  expect(await bench.value(partly)).toBe(1);
  await expectHealed(bench, mend);
});

row('endless', async (vendor) => {
  const bench = await startConformance(vendor);
  const { endField } = bench.synced.source;
  const callId = bench.pick(hasTalk);
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) if (call[vendor.fields.id] === callId) call[endField] = vendor.farEnd;
  });

  expect((await bench.pass()).error).toBeNull();

  expect(await stored(bench, 'ended_at, duration_ms, settlement', callId)).toMatchObject({
    ended_at: null,
    settlement: 'settling',
  });
  const longest = 'select max(duration_ms) < 7 * 24 * 3600 * 1000 from callhouse.calls';
  expect(await bench.value(longest)).toBe(true);
  const letters = await bench.pool.query<Record<string, string>>(LETTERS);
  expect(letters.rows).toMatchObject([{ call_id: callId, path: endField, scope: 'field' }]);
  await expectHealed(bench, mend);
});

row('resigned', async (vendor) => {
  const bench = await startConformance(vendor);
  let readings = 0;
  bench.tamper(({ calls }) => {
    readings += 1;
    const signature = `X-Amz-Date=${readings}&X-Amz-Signature=${'ab12'.repeat(16)}${readings}&lang=ko`;
    for (const call of calls) {
      if (call[vendor.recording ?? '']) call[vendor.recording ?? ''] = `https://r.invalid/a.mp3?${signature}`;
    }
  });
  await bench.settle();
  const before = await bench.value('select count(*)::integer from callhouse.call_events');

  await bench.pool.query('delete from callhouse_sync.checkpoints');
  expect((await bench.pass()).error).toBeNull();

  expect(await bench.value('select count(*)::integer from callhouse.call_events')).toBe(before);
  const links = 'select distinct recording_url from callhouse.calls where recording_url is not null';
  const [link, ...others] = (await bench.pool.query<{ recording_url: string }>(links)).rows;
  expect(others).toEqual([]);
  expect(link?.recording_url).toMatch(/^https:\/\/r\.invalid\/a\.mp3/);
  const signed =
    "select count(*)::integer from callhouse_sync.raw_payloads where payload::text like '%X-Amz%'";
  expect(await bench.value(signed)).toBe(0);
});

row('nested', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick(hasTalk);
  const mend = bench.tamper(({ calls }) => {
    for (const call of calls) {
      if (call[vendor.fields.id] === callId) call[vendor.fields.variables] = nested(2_500);
    }
  });

  expect((await bench.settle()).error).toBeNull();

  expect(await stored(bench, 'variables', callId)).toEqual({ variables: null });
  const letters = await bench.pool.query<Record<string, string>>(LETTERS);
  expect(letters.rows).toMatchObject([{ call_id: callId, path: vendor.fields.variables, scope: 'field' }]);
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  await expectHealed(bench, mend);
});

row('longWords', async (vendor) => {
  const bench = await startConformance(vendor);
  const { id, type } = vendor.fields;
  const callId = bench.pick(hasTalk);
  const dice = Array.from({ length: 500 }, (_, i) => createHash('sha1').update(`${i}`).digest('base64'));
  const long = dice.join('').slice(0, 4_000);
  const mend = bench.tamper(({ path, calls, items }) => {
    for (const call of calls.filter((one) => one[id] === callId)) {
      call[type.name] = long;
      call[long] = 1;
    }
    for (const item of path.includes(callId) ? items : []) item[vendor.fields.role] = long;
  });

  expect((await bench.settle()).error).toBeNull();

  expect(await stored(bench, 'call_type', callId)).toEqual({ call_type: null });
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  const kept = 'select bool_or(payload ? $2) from callhouse_sync.raw_payloads where call_id = $1';
  expect(await bench.value(kept, [callId, long])).toBe(true);
  await expectHealed(bench, mend);
});

row('capitals', async (vendor) => {
  const bench = await startConformance(vendor);
  let isUpper = false;
  bench.tamper(({ calls }) => {
    isUpper = !isUpper;
    for (const call of calls) {
      if (isUpper) call[vendor.fields.id] = String(call[vendor.fields.id]).toUpperCase();
    }
  });

  expect((await bench.settle()).error).toBeNull();

  expect(await bench.differences()).toEqual([]);
  expect(await bench.value('select count(*)::integer from callhouse_sync.dead_letters')).toBe(0);
});

row('refusedRow', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick(hasTalk);
  await bench.pool.query(
    `alter table callhouse.calls add constraint not_this_one check (call_id <> '${callId}') not valid`,
  );

  expect((await bench.pass()).error).toBeNull();

  expect(await bench.storedIds()).toEqual(bench.listedIds().filter((one) => one !== callId));
  const letters = await bench.pool.query<Record<string, string>>(LETTERS);
  expect(letters.rows).toMatchObject([
    { call_id: callId, path: 'not_this_one', scope: 'record', reason: expect.stringContaining('23514') },
  ]);
  await bench.pool.query('alter table callhouse.calls drop constraint not_this_one');
  // It is asked for again by itself.
  bench.clock.advance(10 * MINUTE);
  expect((await bench.settle()).error).toBeNull();
  expect(await bench.differences()).toEqual([]);
  expect((await bench.pool.query(LETTERS)).rows).toEqual([]);
});

const ODD = 'a\u0000b \ud83d c \u202eשלום\u202c 👩‍👩‍👧 \u2028 é';
const ODD_STORED = 'a\ufffdb \ufffd c \u202eשלום\u202c 👩‍👩‍👧 \u2028 é';

row('odd', async (vendor) => {
  const bench = await startConformance(vendor);
  const { id, variables, content } = vendor.fields;
  const callId = bench.pick(hasTalk);
  const long = '긴 말 '.repeat(100_000);
  bench.tamper(({ calls, items }) => {
    for (const call of calls.filter((one) => one[id] === callId)) {
      call[variables] = { odd: ODD, long, [PROTO]: { polluted: true }, 'k\u0000': 1 };
    }
    for (const item of items) item[content] = ODD;
  });

  expect((await bench.settle()).error).toBeNull();

  const row = await stored(bench, "variables, variables ? '__proto__' as proto", callId);
  expect(row?.variables).toMatchObject({ odd: ODD_STORED, long, 'k\ufffd': 1 });
  expect(row?.proto).toBe(true);
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  const said =
    'select distinct content from callhouse.transcript_items where call_id = $1 and content is not null';
  expect((await bench.pool.query(said, [callId])).rows).toEqual([{ content: ODD_STORED }]);
  expect(await drift(bench, 'cleaned_text', '%')).toBe('');
});

const MANY_DIGITS = '12345678901234567890.1234567890123456789';

row('digits', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick();
  bench.tamper(({ calls }) => {
    for (const call of calls) call[vendor.fields.variables] = { big: new LosslessNumber(MANY_DIGITS) };
  });

  expect((await bench.settle()).error).toBeNull();

  expect(await stored(bench, "variables->>'big' as big", callId)).toEqual({ big: MANY_DIGITS });
});

row('money', async (vendor) => {
  const bench = await startConformance(vendor);
  const callId = bench.pick(hasTalk);
  const told = vendor.cost?.(MANY_DIGITS) ?? {};
  bench.tamper(({ calls }) => {
    for (const call of calls) Object.assign(call, told);
  });

  expect((await bench.settle()).error).toBeNull();

  const amount = 'select amount::text from callhouse.call_costs where call_id = $1';
  expect(await bench.value(amount, [callId])).toBe(MANY_DIGITS);
});
