import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { is } from 'drizzle-orm';
import { getTableConfig, PgDialect, PgTable } from 'drizzle-orm/pg-core';
import { escapeIdentifier } from 'pg';
import { expect, test } from 'vitest';
import * as callhouse from '../../src/warehouse/schema/callhouse.ts';
import * as callhouseSync from '../../src/warehouse/schema/callhouse-sync.ts';
import { useTestDatabase } from '../support/database.ts';

const database = useTestDatabase();
const root = fileURLToPath(new URL('../..', import.meta.url));

const tables = [...Object.values(callhouse), ...Object.values(callhouseSync)]
  .filter((exported) => is(exported, PgTable))
  .map((table) => getTableConfig(table));
const qualified = ({ schema, name }: { schema: string | undefined; name: string }) => `${schema}.${name}`;
const named = tables.map((table) => ({ ...table, title: qualified(table) }));

const byName = (a: string, b: string) => a.localeCompare(b);

/** The names in a column of the answer, in its order. */
async function list(query: string, parameters: unknown[] = []): Promise<string[]> {
  const { rows } = await database.pool.query<{ item: string }>(query, parameters);
  return rows.map(({ item }) => item);
}

test('drizzle-kit finds nothing that the migrations lack', async () => {
  const copy = await mkdtemp(join(tmpdir(), 'callhouse-drift-'));
  try {
    for (const path of ['migrations', 'src/warehouse/schema', 'drizzle.config.ts', 'package.json']) {
      await cp(join(root, path), join(copy, path), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const before = await readdir(join(copy, 'migrations'), { recursive: true });
    const kit = join(dirname(fileURLToPath(import.meta.resolve('drizzle-kit'))), 'bin.cjs');
    const { stdout } = await promisify(execFile)(process.execPath, [kit, 'generate'], { cwd: copy });
    expect(stdout).toContain('No schema changes, nothing to migrate');
    expect(await readdir(join(copy, 'migrations'), { recursive: true })).toEqual(before);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test('the migrated database has exactly the tables that are declared', async () => {
  const live = await list(
    `select schemaname || '.' || tablename as item
       from pg_tables where schemaname in ('callhouse', 'callhouse_sync')`,
  );
  expect(new Set(live)).toEqual(new Set(named.map(({ title }) => title)));
});

test.each(named)('$title has the columns, types and nullability that are declared', async (table) => {
  const live = await list(
    `select format('%s %s%s', attname, format_type(atttypid, atttypmod), case when attnotnull then ' not null' end) as item
       from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped
      order by attnum`,
    [table.title],
  );
  expect(live).toEqual(
    table.columns.map(
      (column) => `${column.name} ${column.getSQLType()}${column.notNull ? ' not null' : ''}`,
    ),
  );
});

test.each(named)('$title has the keys that are declared', async (table) => {
  const live = await list(
    `select format('%s (%s)%s', contype,
              (select string_agg(attname, ', ' order by at) from unnest(conkey) with ordinality as key (num, at)
                 join pg_attribute on attrelid = conrelid and attnum = num),
              (select format(' to %s.%s (%s)', relnamespace::regnamespace, relname, string_agg(attname, ', ' order by at))
                 from unnest(confkey) with ordinality as key (num, at)
                 join pg_attribute on attrelid = confrelid and attnum = num
                 join pg_class on pg_class.oid = confrelid
                group by relnamespace, relname)) as item
       from pg_constraint
      where conrelid = $1::regclass and contype in ('p', 'u', 'f')`,
    [table.title],
  );
  const names = (columns: { name: string }[]) => columns.map(({ name }) => name).join(', ');
  const primary = table.columns.filter((column) => column.primary);
  const declared = [
    ...(primary.length > 0 ? [`p (${names(primary)})`] : []),
    ...table.primaryKeys.map(({ columns }) => `p (${names(columns)})`),
    ...table.uniqueConstraints.map(({ columns }) => `u (${names(columns)})`),
    ...table.foreignKeys.map((key) => {
      const { columns, foreignColumns, foreignTable } = key.reference();
      return `f (${names(columns)}) to ${qualified(getTableConfig(foreignTable))} (${names(foreignColumns)})`;
    }),
  ];
  expect(live.toSorted(byName)).toEqual(declared.toSorted(byName));
});

test.each(named)('$title has the checks that are declared', async (table) => {
  const definitions = `select format('%s: %s', conname, pg_get_constraintdef(oid)) as item
                         from pg_constraint where conrelid = $1::regclass and contype = 'c' order by conname`;
  const live = await list(definitions, [table.title]);
  // The server spells an expression its own way: let it spell the declared ones too.
  const twin = `public.${escapeIdentifier(`twin_of_${table.name}`)}`;
  await database.pool.query(`create table ${twin} (like ${table.title})`);
  for (const { name, value } of table.checks) {
    const expression = new PgDialect().sqlToQuery(value).sql;
    await database.pool.query(
      `alter table ${twin} add constraint ${escapeIdentifier(name)} check (${expression})`,
    );
  }
  expect(live).toEqual(await list(definitions, [twin]));
});

test('every schema, table, view, column and function that people see has a comment', async () => {
  const silent = await list(
    `with space as (
       select oid, nspname from pg_namespace
        where nspname in ('callhouse', 'callhouse_sync', 'callhouse_analytics')
     ), relation as (
       select pg_class.oid from pg_class join space on space.oid = relnamespace where relkind in ('r', 'p', 'v', 'm')
     )
     select nspname as item from space where obj_description(oid, 'pg_namespace') is null
     union all
     select oid::regclass::text from relation where obj_description(oid, 'pg_class') is null
     union all
     select attrelid::regclass || '.' || attname
       from pg_attribute join relation on relation.oid = attrelid
      where attnum > 0 and not attisdropped and col_description(attrelid, attnum) is null
     union all
     select pg_proc.oid::regprocedure::text from pg_proc join space on space.oid = pronamespace
      where obj_description(pg_proc.oid, 'pg_proc') is null`,
  );
  expect(silent).toEqual([]);
});

test('every primary, unique and foreign key of a table of calls contains call_id', async () => {
  const keys = `
    select indexrelid::regclass::text as item, indrelid as relation, indkey::int2[] as columns
      from pg_index where indisunique
     union all
    select format('%s of %s', conname, conrelid::regclass), conrelid, conkey from pg_constraint where contype = 'f'`;
  const ofCalls = `
    select item, attnum = any (columns) as scales
      from (${keys}) as key
      join pg_attribute on attrelid = relation and attname = 'call_id'
      join pg_class on pg_class.oid = relation
     where relnamespace in ('callhouse'::regnamespace, 'callhouse_sync'::regnamespace)`;
  expect(await list(`select item from (${ofCalls}) as key where not scales`)).toEqual([]);
  expect((await list(`select item from (${ofCalls}) as key where scales`)).length).toBeGreaterThan(10);
});
