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
  at?: string | null;
  yes?: boolean | null;
  seen?: string;
}

const database = useTestDatabase();

const columns: BulkColumn<Item>[] = [
  { name: 'id', type: 'integer', value: ({ id }) => id },
  { name: 'name', type: 'text', value: ({ name }) => name },
  { name: 'amount', type: 'numeric', value: ({ amount }) => amount ?? null },
  { name: 'data', type: 'text', read: 'jsonb', value: ({ data }) => data ?? null },
  { name: 'words', type: 'text', read: 'text_list', value: ({ words }) => words ?? null },
  { name: 'at', type: 'timestamptz', value: ({ at }) => at ?? null },
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
  yes boolean, seen text)`);
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
      { id: 1, name: null, at: '2026-11-20T03:00:00.123Z', yes: false },
      { id: 2, name: null },
    ]);
    expect(await read('to_jsonb(array[at::text, yes::text, amount::text])')).toEqual([
      [expect.stringContaining('.123'), 'false', null],
      [null, null, null],
    ]);
  });
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
  ).toBe(`insert into items as stored (id, name, amount, data, words, at, yes, seen)
select n.id, n.name, n.amount, n.data::jsonb, string_to_array(n.words, ','), n.at, n.yes, n.seen
from unnest($1::integer[], $2::text[], $3::numeric[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[], $8::text[]) as n (id, name, amount, data, words, at, yes, seen)
on conflict (id) do update set name = excluded.name, amount = excluded.amount, data = excluded.data, words = excluded.words, at = excluded.at, yes = excluded.yes
`);
});
