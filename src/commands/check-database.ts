import { MINUTE } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import type { Settings } from '../config/settings.ts';
import { describeAddress } from '../database/address.ts';
import type { Reached } from '../database/connect.ts';
import type { Database } from '../database/database.ts';
import { explainFailure } from '../explain-failure.ts';
import { missingRights, workerGrants } from '../warehouse/grants.ts';
import { zoneProblem } from '../warehouse/time-zones.ts';
import { type CommandContext, clock, withWarehouse } from './command.ts';
import { type Finding, finding, well } from './finding.ts';

/** What the warehouse is like, and whether the worker may do there what it has to. */
export async function checkDatabase(context: CommandContext): Promise<Finding[]> {
  try {
    return await withWarehouse(
      context,
      async ({ database, reached }) => [
        ...(await inspectServer(database, reached)),
        ...(await inspectRights(database, reached)),
        ...(await inspectZones(database, context.settings)),
      ],
      { patient: false, migrate: false },
    );
  } catch (error) {
    const { message } = explainFailure(error, context.signal, context.settings.database);
    return [finding('database', false, message, 'Mend the database, or how it is named, first.')];
  }
}

interface Server {
  version: string;
  encoding: string;
  ctype: string;
  skew_ms: string;
  readers: number;
  migrated: boolean;
}

async function inspectServer(database: Database, reached: Reached): Promise<Finding[]> {
  const { rows } = await database.query<Server>(
    `select current_setting('server_version') as version, pg_encoding_to_char(d.encoding) as encoding,
  coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datctype) as ctype,
  round(extract(epoch from clock_timestamp()) * 1000 - $1::bigint)::text as skew_ms,
  (select count(*)::integer from pg_roles where rolname in ('callhouse_reader', 'callhouse_pii_reader')) as readers,
  exists (select from pg_tables where schemaname = 'callhouse' and tablename = 'calls') as migrated
from pg_database d where d.datname = current_database()`,
    [clock.now()],
  );
  const [server] = rows;
  if (server === undefined) return [];
  const { version, encoding, ctype, readers, migrated } = server;
  const skewMs = Math.abs(Number(server.skew_ms));
  return [
    well('database', `PostgreSQL ${version}${migrated ? '' : ', not migrated yet'}`),
    well('connection', describeWay(reached)),
    finding(
      'encoding',
      encoding === 'UTF8',
      encoding,
      'Create the database with encoding UTF8: transcripts are not Latin.',
    ),
    finding(
      'character type',
      ctype !== 'C' && ctype !== 'POSIX',
      ctype,
      'Create the database with LC_CTYPE C.UTF-8 or another UTF-8 locale: text search finds no Korean under C.',
    ),
    finding(
      'reader roles',
      readers === 2,
      readers === 2 ? 'callhouse_reader and callhouse_pii_reader exist' : 'missing',
      'Let a user with CREATEROLE run callhouse migrate once.',
    ),
    finding(
      'clock',
      skewMs < MINUTE,
      `${formatDuration(skewMs)} apart from the database`,
      'Set the clock of this machine or of the database (NTP).',
    ),
  ];
}

function describeWay({ isEncrypted, isPooled, address }: Reached): string {
  const way = address.host.startsWith('/') ? '' : isEncrypted ? ', with TLS' : ', without TLS';
  const between = isPooled ? ', behind a pooler: nothing is kept in a session' : '';
  return `${describeAddress(address)}${way}${between}`;
}

/** Whether the worker may migrate or is migrated, and may write. */
async function inspectRights(database: Database, { isReadOnly, address }: Reached): Promise<Finding[]> {
  if (isReadOnly) {
    const fix =
      'Name the primary in DATABASE_URL, or let it be written to (default_transaction_read_only, a full disk).';
    return [finding('rights', false, 'the database is read-only: a standby, or set so', fix)];
  }
  const missing = await missingRights(database);
  const { user, database: name } = address;
  if (missing === 'create') {
    const fix = `Let an administrator run: grant create on database "${name}" to "${user}";`;
    return [finding('rights', false, `the user '${user}' may not create schemas here`, fix)];
  }
  const ok = missing === null;
  const detail = ok
    ? `the user '${user}' may do all that is needed`
    : `the user '${user}' may not ${missing}`;
  const grants = workerGrants(user).map((statement) => `\n     ${statement};`);
  return [finding('rights', ok, detail, `Let the role that migrated the database run:${grants.join('')}`)];
}

async function inspectZones(database: Database, { sources }: Settings): Promise<Finding[]> {
  const zones = [...new Set(sources.map(({ timeZone }) => timeZone))];
  const problems = await Promise.all(zones.map((zone) => zoneProblem(database, zone, clock.now())));
  return zones.map((zone, at) => {
    const problem = problems[at] ?? null;
    const detail = problem?.what ?? 'Node and PostgreSQL mean the same by it';
    return finding(`time zone ${zone}`, problem === null, detail, problem?.fix ?? '');
  });
}
