import { beforeEach, describe, expect, it, test } from 'vitest';
import {
  type BulkColumn,
  type BulkUpsert,
  bulkUpsertSql,
  runBulkUpsert,
} from '../../src/warehouse/bulk-upsert.ts';
import { useTestDatabase } from '../support/database.ts';

interface Item {
  id: number;
  name: string | null;
  amount?: string | null;
  data?: string | null;
  words?: string | null;
  at?: number | null;
  ms?: number | null;
  yes?: boolean | null;
  seen?: string;
}

const database = useTestDatabase();

const columns: BulkColumn<Item>[] = [
  { name: 'id', type: 'integer', value: ({ id }) => id },
  { name: 'name', type: 'text', value: ({ name }) => name },
  { name: 'amount', type: 'text', read: 'numeric', value: ({ amount }) => amount ?? null },
  { name: 'data', type: 'text', read: 'jsonb', value: ({ data }) => data ?? null },
  { name: 'words', type: 'text', read: 'text_list', value: ({ words }) => words ?? null },
  { name: 'at', type: 'timestamptz', value: ({ at }) => at ?? null },
  { name: 'ms', type: 'bigint', value: ({ ms }) => ms ?? null },
  { name: 'yes', type: 'boolean', value: ({ yes }) => yes ?? null },
  { name: 'seen', type: 'text', value: ({ seen }) => seen ?? 'first' },
];

function upsert(options: Partial<BulkUpsert<Item>> = {}): BulkUpsert<Item> {
  return { table: 'items', key: ['id'], columns, ...options };
}

/** Runs on a connection of its own, so that variants of the statement do not share a prepared one. */
async function run(rows: readonly Item[], options: Partial<BulkUpsert<Item>> = {}): Promise<number> {
  const client = await database.pool.connect();
  try {
    return await runBulkUpsert(client, upsert(options), rows);
  } finally {
    client.release(true);
  }
}

async function read(what: string, where = 'true'): Promise<unknown[]> {
  const { rows } = await database.pool.query<{ row: unknown }>(
    `select ${what} as row from items where ${where} order by id`,
  );
  return rows.map(({ row }) => row);
}

beforeEach(async () => {
  await database.pool.query(`drop table if exists items;
create table items (id integer primary key, name text, amount numeric, data jsonb, words text[], at timestamptz,
  ms bigint, yes boolean, seen text)`);
});

// Holds invariant 14.
describe('every value arrives as it was', () => {
  it.each([
    '',
    ' ',
    '가나다 😀',
    'a,b',
    '{a}',
    '"',
    "'",
    '\\',
    'NULL',
    'null',
    '\n\t',
    '$1',
    '(1,2)',
    '{"a":"b"}',
  ])('the text %j', async (name) => {
    await run([{ id: 1, name }]);
    expect(await read('name')).toEqual([name]);
  });

  it.each(['0', '-12.50', '12345678901234567890.123456789012345678', '1E+3'])(
    'the amount %s, to the digit',
    async (amount) => {
      await run([{ id: 1, name: null, amount }]);
      expect(await read(`amount = '${amount}'`)).toEqual([true]);
    },
  );

  test('JSON, with its digits', async () => {
    await run([
      { id: 1, name: null, data: '{"이름":["김",1.10,null]}' },
      { id: 2, name: null, data: 'null' },
    ]);
    expect(await read('data::text')).toEqual(['{"이름": ["김", 1.10, null]}', 'null']);
  });

  test('lists, empty and null ones told apart', async () => {
    await run(['a,b', 'a', '', null].map((words, id) => ({ id, name: null, words })));
    expect(await read('words')).toEqual([['a', 'b'], ['a'], [], null]);
  });

  test('instants, truth and nothing at all', async () => {
    await run([
      { id: 1, name: null, at: Date.UTC(2026, 10, 20, 3, 0, 0, 123), yes: false },
      { id: 2, name: null },
    ]);
    expect(await read('to_jsonb(array[at::text, yes::text, amount::text])')).toEqual([
      [expect.stringContaining('.123'), 'false', null],
      [null, null, null],
    ]);
  });
});

test.each([0, -1, 1, 255, -256, 2 ** 31 - 1, -(2 ** 31)])('the integer %d', async (id) => {
  await run([{ id, name: null }]);
  expect(await read('id')).toEqual([id]);
});

test.each([
  ...[0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, -(2 ** 32), 2 ** 52 + 1, -(2 ** 52) - 1],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
])('the long integer %d', async (ms) => {
  await run([{ id: 1, name: null, ms }]);
  expect(await read('ms::text')).toEqual([String(ms)]);
});

test.each([
  '2026-11-20T03:00:00.123Z',
  '2000-01-01T00:00:00.000Z',
  '1999-12-31T23:59:59.999Z',
  '1970-01-01T00:00:00.001Z',
  '1950-06-01T12:00:00.000Z',
  '2099-12-31T23:59:59.999Z',
])('the instant %s, to the millisecond', async (instant) => {
  await run([{ id: 1, name: null, at: Date.parse(instant) }]);
  expect(await read(`at = '${instant}'`)).toEqual([true]);
});

test.each([
  ['half a number', { ms: 0.5 }],
  ['no number', { ms: Number.NaN }],
  ['more than is exact', { ms: 2 ** 53 }],
  ['no instant', { at: Number.NaN }],
  ['an instant without end', { at: Number.POSITIVE_INFINITY }],
  ['an id of too many bits', { id: 2 ** 31 }],
])('%s is refused, not stored as another number', async (_, value) => {
  await expect(run([{ id: 1, name: null, ...value }])).rejects.toThrow(RangeError);
  expect(await read('id')).toEqual([]);
});

describe('rows that are there already', () => {
  beforeEach(() =>
    run([
      { id: 1, name: '가', seen: 'first' },
      { id: 2, name: '나', seen: 'first' },
    ]),
  );

  test('are updated, others are inserted, and all of them are counted', async () => {
    expect(
      await run([
        { id: 2, name: '다' },
        { id: 3, name: '라' },
      ]),
    ).toBe(2);
    expect(await read('name')).toEqual(['가', '다', '라']);
  });

  test('keep the columns that are written once', async () => {
    await run(
      [
        { id: 1, name: '마', seen: 'second' },
        { id: 3, name: '바', seen: 'second' },
      ],
      { insertOnly: ['seen'] },
    );
    expect(await read("name || ' ' || seen")).toEqual(['마 first', '나 first', '바 second']);
  });

  test('are left alone where a condition says so', async () => {
    const updateWhen = 'stored.name < excluded.name';
    expect(
      await run(
        [
          { id: 1, name: '하' },
          { id: 2, name: '가' },
        ],
        { updateWhen },
      ),
    ).toBe(1);
    expect(await read('name')).toEqual(['하', '나']);
  });

  // Holds invariant 7.
  test('are not written again when they say the same: nothing counted, no new version of the row', async () => {
    const version = () => read('xmin::text', 'id = 1');
    const before = await version();
    expect(
      await run(
        [
          { id: 1, name: '가' },
          { id: 2, name: '다' },
        ],
        { onlyChanged: true },
      ),
    ).toBe(1);
    expect(await version()).toEqual(before);
    expect(await run([{ id: 1, name: null }], { onlyChanged: true })).toBe(1);
    expect(await run([{ id: 1, name: null }], { onlyChanged: true })).toBe(0);
  });

  test('need both: a difference, and the condition', async () => {
    const options = { onlyChanged: true, updateWhen: "stored.seen = 'never'" };
    expect(await run([{ id: 1, name: '하' }], options)).toBe(0);
    expect(bulkUpsertSql(upsert(options))).toMatch(
      /where \(stored\.seen = 'never'\) and \(stored\.name,.* is distinct from/,
    );
  });
});

test('more rows than a statement has parameters are written in one', async () => {
  const rows = Array.from({ length: 70_000 }, (_, id) => ({ id, name: `이름 ${id}` }));
  expect(await run(rows)).toBe(70_000);
  expect(await read('name', 'id in (0, 65535, 69999)')).toEqual(['이름 0', '이름 65535', '이름 69999']);
});

test('no rows are no statement', async () => {
  const nobody = { query: () => Promise.reject(new Error('a statement was sent')) };
  expect(await runBulkUpsert(nobody, upsert(), [])).toBe(0);
});

test('no value stands in the text of the statement', () => {
  expect(
    bulkUpsertSql(upsert({ insertOnly: ['seen'] })),
  ).toBe(`insert into items as stored (id, name, amount, data, words, at, ms, yes, seen)
select n.id, n.name, n.amount::numeric, n.data::jsonb, string_to_array(n.words, ','), n.at, n.ms, n.yes, n.seen
from unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::bigint[], $8::boolean[], $9::text[]) as n (id, name, amount, data, words, at, ms, yes, seen)
on conflict (id) do update set name = excluded.name, amount = excluded.amount, data = excluded.data, words = excluded.words, at = excluded.at, ms = excluded.ms, yes = excluded.yes
`);
});
