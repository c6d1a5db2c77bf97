import { Client, escapeIdentifier } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { grantReaders, type ReaderRoles } from '../../src/warehouse/grants.ts';
import { migrate } from '../../src/warehouse/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let admin: Client;
let roles: ReaderRoles;

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

/** Roles belong to the whole server, which tests share: each test has its own, named after its database. */
beforeEach(async () => {
  database = await createTestDatabase();
  admin = await connect(database.url);
  roles = { reader: `${database.name}_r`, piiReader: `${database.name}_p` };
});

afterEach(async () => {
  for (const role of [roles.reader, roles.piiReader, database.name]) {
    const { rowCount } = await admin.query('select from pg_roles where rolname = $1', [role]);
    if (rowCount === 0) continue;
    await admin.query(`drop owned by ${escapeIdentifier(role)}`);
    await admin.query(`drop role ${escapeIdentifier(role)}`);
  }
  await admin.end();
  await database.drop();
});

/** In a transaction of its own, as a migration has it. */
async function grant(client: Client): Promise<string[]> {
  await client.query('begin');
  const leftToDo = await grantReaders(client, roles);
  await client.query('commit');
  return leftToDo;
}

/** Whether a role of the test may select a relation. */
async function maySelect(role: string, relation: string): Promise<boolean> {
  const { rows } = await admin.query<{ may: boolean }>(
    `select has_table_privilege($1, $2, 'select') and has_schema_privilege($1, split_part($2, '.', 1), 'usage') as may`,
    [role, relation],
  );
  return rows[0]?.may === true;
}

/** The address of this database for a plain user, who is not its owner. */
async function plainUser(): Promise<string> {
  await admin.query(`create role ${escapeIdentifier(database.name)} login password 'test'`);
  const url = new URL(database.url);
  url.username = database.name;
  url.password = 'test';
  return url.href;
}

test('the roles are made without a login, and each is let in as far as it may', async () => {
  expect(await grant(admin)).toEqual([]);
  const { rows } = await admin.query(
    'select rolcanlogin, rolsuper, rolcreaterole from pg_roles where rolname = any ($1)',
    [[roles.reader, roles.piiReader]],
  );
  const powerless = { rolcanlogin: false, rolsuper: false, rolcreaterole: false };
  expect(rows).toEqual([powerless, powerless]);
  expect(await maySelect(roles.reader, 'callhouse_analytics.calls')).toBe(true);
  expect(await maySelect(roles.reader, 'callhouse_sync.health')).toBe(true);
  expect(await maySelect(roles.reader, 'callhouse_sync.raw_payloads')).toBe(false);
  expect(await maySelect(roles.piiReader, 'callhouse_sync.raw_payloads')).toBe(true);
});

test('a table or view that comes later can be read without another grant', async () => {
  await grant(admin);
  await admin.query('create view callhouse_analytics.later as select 1 as one');
  await admin.query('create table callhouse.later (call_id text)');
  await admin.query('create table callhouse_sync.later (call_id text)');
  expect(await maySelect(roles.reader, 'callhouse_analytics.later')).toBe(true);
  expect(await maySelect(roles.reader, 'callhouse_sync.later')).toBe(false);
  expect(await maySelect(roles.piiReader, 'callhouse.later')).toBe(true);
  expect(await maySelect(roles.piiReader, 'callhouse_sync.later')).toBe(true);
});

test('a right that somebody took away is given again', async () => {
  await grant(admin);
  await admin.query(`revoke select on callhouse_sync.health from ${escapeIdentifier(roles.reader)}`);
  expect(await maySelect(roles.reader, 'callhouse_sync.health')).toBe(false);
  expect(await grant(admin)).toEqual([]);
  expect(await maySelect(roles.reader, 'callhouse_sync.health')).toBe(true);
});

test('a user who may not make roles is told the statements for an administrator, and goes on', async () => {
  const client = await connect(await plainUser());
  const advice = 'Run as an administrator, then `callhouse migrate`:';
  expect(await grant(client)).toEqual([
    `The database user may not let the reader roles in. ${advice} create role "${roles.reader}" nologin;`,
    `The database user may not let the reader roles in. ${advice} create role "${roles.piiReader}" nologin;`,
  ]);
  await client.end();
});

test('a user who may not grant is told what is left to grant', async () => {
  for (const role of [roles.reader, roles.piiReader]) {
    await admin.query(`create role ${escapeIdentifier(role)} nologin`);
  }
  const client = await connect(await plainUser());
  const warnings = await grant(client);
  await client.end();
  expect(warnings.map((warning) => warning.split('migrate`: ')[1])).toContain(
    `grant select on all tables in schema "callhouse_analytics" to "${roles.reader}";`,
  );
  expect(await maySelect(roles.reader, 'callhouse_analytics.calls')).toBe(false);
});

test('a worker without any right to grant starts without a warning once all is in place', async () => {
  const url = await plainUser();
  await admin.query(
    `grant usage on schema callhouse_migrations to ${escapeIdentifier(database.name)};
     grant select on callhouse_migrations.applied to ${escapeIdentifier(database.name)}`,
  );
  const { applied, warnings } = await migrate(url);
  expect({ applied, warnings }).toEqual({ applied: [], warnings: [] });
});

test('several databases of one server that make the roles at once all succeed', async () => {
  const others = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase()));
  const clients = await Promise.all(others.map(({ url }) => connect(url)));
  expect(await Promise.all(clients.map((client) => grant(client)))).toEqual([[], [], [], []]);
  await Promise.all(clients.map((client) => client.end()));
  await Promise.all(others.map((other) => other.drop()));
});
