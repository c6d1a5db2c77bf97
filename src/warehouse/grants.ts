import { type ClientBase, escapeIdentifier } from 'pg';
import type { Sql } from '../database/database.ts';
import { SQLSTATE, sqlState } from './migrate-errors.ts';

/** The two roles that people and BI tools are granted. Neither can log in by itself, and neither can write. */
export interface ReaderRoles {
  /** Sees everything but personal data: phone numbers are masked, texts and values are null. */
  reader: string;
  /** Sees all of it, raw payloads included. */
  piiReader: string;
}

const READER_ROLES: ReaderRoles = { reader: 'callhouse_reader', piiReader: 'callhouse_pii_reader' };

/** What a role may select: everything in a schema, now and later, or only the relations named. */
interface Grant {
  role: string;
  schema: string;
  relations: 'all' | readonly string[];
}

/** The worker's views that hold nothing personal. Its tables do (raw payloads, dead letters). */
const SYNC_VIEWS = ['coverage', 'gaps', 'backlog', 'health'] as const;

const grantsOf = ({ reader, piiReader }: ReaderRoles): Grant[] => [
  { role: reader, schema: 'callhouse_analytics', relations: 'all' },
  { role: reader, schema: 'callhouse_sync', relations: SYNC_VIEWS },
  { role: piiReader, schema: 'callhouse_analytics', relations: 'all' },
  { role: piiReader, schema: 'callhouse', relations: 'all' },
  { role: piiReader, schema: 'callhouse_sync', relations: 'all' },
];

/**
 * Creates the reader roles and lets them in, as far as the database user is allowed to. Returns what is left
 * for an administrator to do. Not a migration, because roles belong to the whole cluster and the user who
 * migrates may not make them: an administrator can make them later, and the next start grants.
 *
 * Within a transaction. Writes nothing when all is in place: a grant that changes nothing would still write to the catalogue and
 * make every session plan its queries anew.
 */
export async function grantReaders(client: ClientBase, roles: ReaderRoles = READER_ROLES): Promise<string[]> {
  const leftToDo: string[] = [];
  for (const role of [roles.reader, roles.piiReader]) {
    if (!(await ensureRole(client, role))) leftToDo.push(creationOf(role));
  }
  for (const grant of grantsOf(roles)) {
    if (!(await roleExists(client, grant.role)) || (await isGranted(client, grant))) continue;
    const statements = statementsFor(grant);
    for (const statement of statements) await isAllowed(client, statement);
    if (!(await isGranted(client, grant))) leftToDo.push(...statements);
  }
  return leftToDo.map(
    (statement) =>
      `The database user may not let the reader roles in. Run as an administrator, then \`callhouse migrate\`: ${statement};`,
  );
}

async function roleExists(client: ClientBase, role: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  return rowCount === 1;
}

/** Another database of the cluster may make the same role at the same moment; then it is there, which is all we want. */
const MADE_BY_ANOTHER: readonly (string | null)[] = [
  SQLSTATE.duplicateObject,
  SQLSTATE.uniqueViolation,
  SQLSTATE.internalError,
];

const creationOf = (role: string): string => `create role ${escapeIdentifier(role)} nologin`;

/** Whether the role is there in the end. */
async function ensureRole(client: ClientBase, role: string): Promise<boolean> {
  if (await roleExists(client, role)) return true;
  try {
    return await isAllowed(client, creationOf(role));
  } catch (error) {
    if (MADE_BY_ANOTHER.includes(sqlState(error)) && (await roleExists(client, role))) return true;
    throw error;
  }
}

/** Runs a statement unless the user has no right to. A right without its grant option is only a notice: look afterwards. */
async function isAllowed(client: ClientBase, statement: string): Promise<boolean> {
  await client.query('savepoint as_allowed');
  try {
    await client.query(statement);
    return true;
  } catch (error) {
    await client.query('rollback to savepoint as_allowed');
    if (sqlState(error) === SQLSTATE.insufficientPrivilege) return false;
    throw error;
  }
}

function statementsFor({ role, schema, relations }: Grant): string[] {
  const to = `to ${escapeIdentifier(role)}`;
  const within = escapeIdentifier(schema);
  const usage = `grant usage on schema ${within} ${to}`;
  if (relations === 'all') {
    return [
      usage,
      `grant select on all tables in schema ${within} ${to}`,
      `alter default privileges in schema ${within} grant select on tables ${to}`,
    ];
  }
  const named = relations.map((relation) => `${within}.${escapeIdentifier(relation)}`);
  return [usage, `grant select on ${named.join(', ')} ${to}`];
}

/** Whether the role may select all it should. Default privileges are asked only of a user who may add tables. */
async function isGranted(client: ClientBase, { role, schema, relations }: Grant): Promise<boolean> {
  const { rows } = await client.query<{ granted: boolean }>(
    `select has_schema_privilege(reader.oid, space.oid, 'usage')
        and not exists (
              select from pg_class as relation
               where relation.relnamespace = space.oid
                 and relation.relkind in ('r', 'p', 'v', 'm', 'f')
                 and ($3::text[] is null or relation.relname = any ($3))
                 and not has_table_privilege(reader.oid, relation.oid, 'select'))
        and ($3::text[] is not null
             or not has_schema_privilege(space.oid, 'create')
             or exists (
              select from pg_default_acl as later, aclexplode(later.defaclacl) as entry
               where later.defaclnamespace = space.oid
                 and later.defaclrole = (select oid from pg_roles where rolname = current_user)
                 and later.defaclobjtype = 'r'
                 and entry.grantee = reader.oid
                 and entry.privilege_type = 'SELECT')) as granted
       from pg_roles as reader, pg_namespace as space
      where reader.rolname = $1 and space.nspname = $2`,
    [role, schema, relations === 'all' ? null : relations],
  );
  return rows[0]?.granted === true;
}

/**
 * The first thing that the user of a connection may not do and the worker must: `create` schemas where nothing is migrated
 * yet, or what is missing on one of the tables. Null when nothing is.
 */
export async function missingRights(sql: Sql): Promise<string | null> {
  const { rows } = await sql.query<{ is_migrated: boolean; may_create: boolean; missing: string | null }>(
    `select exists (select from pg_tables where schemaname = 'callhouse' and tablename = 'calls') as is_migrated,
  has_database_privilege(current_database(), 'create') as may_create,
  (select wanted.privilege || ' ' || space.nspname || coalesce('.' || relation.relname, '')
     from pg_namespace as space
     left join pg_class as relation on relation.relnamespace = space.oid and relation.relkind in ('r', 'v')
     cross join unnest(array['select', 'insert', 'update', 'delete']) as wanted (privilege)
    where space.nspname = any ($1)
      and not case
            when not has_schema_privilege(space.oid, 'usage') then false
            when relation.oid is null then true
            when wanted.privilege <> 'select' and (relation.relkind = 'v' or space.nspname <> all ($2)) then true
            else has_table_privilege(relation.oid, wanted.privilege) end
    order by 1 limit 1) as missing`,
    [[...WRITTEN, ...READ], WRITTEN],
  );
  const [found] = rows;
  if (found === undefined) return null;
  return found.is_migrated ? found.missing : found.may_create ? null : 'create';
}

/** Schemas whose rows the worker writes, and those that it only reads. */
const WRITTEN = ['callhouse', 'callhouse_sync'];
const READ = ['callhouse_analytics', 'callhouse_migrations'];

/**
 * What the owner of the schemas runs, so that another role can be the worker's: it reads and writes rows, and owns
 * nothing. Only the owner migrates then; what a later migration adds is granted by the last two.
 */
export function workerGrants(role: string): string[] {
  const to = `to ${escapeIdentifier(role)}`;
  const written = WRITTEN.join(', ');
  const all = [...WRITTEN, ...READ].join(', ');
  return [
    `grant usage on schema ${all} ${to}`,
    `grant select on all tables in schema ${all} ${to}`,
    `grant insert, update, delete on all tables in schema ${written} ${to}`,
    `alter default privileges in schema ${all} grant select on tables ${to}`,
    `alter default privileges in schema ${written} grant insert, update, delete on tables ${to}`,
  ];
}
