import { DAY, MINUTE, SECOND } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import type { Database } from '../database/database.ts';
import { PartRefusedError } from '../errors.ts';
import { explainFailure } from '../explain-failure.ts';
import type { Budget } from '../http/budget.ts';
import { createHttpTransport } from '../http/transport.ts';
import { keepSecret } from '../secrets.ts';
import type { ListQuery, Page, Source } from '../source.ts';
import { keySettings, vendorOf } from '../sources/index.ts';
import { type CommandContext, clock, withWarehouse } from './command.ts';

interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  /** What to do about it. */
  fix: string | null;
}

/** `check`: database, rights, clock, and each key and endpoint. Every problem at once, each with its fix. */
export async function check(context: CommandContext): Promise<number> {
  const findings = [...(await checkDatabase(context)), ...(await checkSources(context))];
  const text = findings
    .map(
      ({ ok, what, detail, fix }) => `${ok ? 'ok ' : 'NO '} ${what}: ${detail}${fix ? `\n     ${fix}` : ''}`,
    )
    .join('\n');
  context.console.result({ findings }, text);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

/** A database that fails must not hide a wrong key. */
async function checkDatabase(context: CommandContext): Promise<Finding[]> {
  try {
    return await withWarehouse(context, ({ database }) => inspectDatabase(database), {
      patient: false,
      migrate: false,
    });
  } catch (error) {
    const { message } = explainFailure(error, context.signal);
    return [
      { what: 'database', ok: false, detail: message, fix: 'Mend the database, or DATABASE_URL, first.' },
    ];
  }
}

async function checkSources({ settings, log, signal }: CommandContext): Promise<Finding[]> {
  if (settings.sources.length === 0) {
    return [{ what: 'sources', ok: false, detail: 'none is configured', fix: `Set ${keySettings()}.` }];
  }
  const { transport, close } = createHttpTransport();
  for (const { apiKey } of settings.sources) keepSecret(apiKey);
  try {
    const sources = settings.sources.map(({ name, vendor, apiKey, baseUrl, switches }) =>
      vendorOf(vendor).create(
        { name, apiKey, baseUrl, switches },
        {
          transport,
          clock,
          random: Math.random,
          counts: { sent: { list: 0, detail: 0, other: 0 }, retries: 0 },
          budget: ONE_REQUEST,
          limits: { retry: { retries: 1, firstWaitMs: SECOND, waitMaxMs: SECOND } },
          onRetry: (fault) => log.warn({ source: name, ...fault }, 'request failed, trying again'),
        },
      ),
    );
    return (await Promise.all(sources.map((source) => checkSource(source, signal)))).flat();
  } finally {
    await close();
  }
}

/** One request, and one more when it fails: no budget is needed, and there may be no database to keep it in. */
const ONE_REQUEST: Budget = {
  take: async () => undefined,
  block: async () => undefined,
  refused: async () => undefined,
};

async function inspectDatabase(database: Database): Promise<Finding[]> {
  const { rows } = await database.query<{
    version: string;
    encoding: string;
    ctype: string;
    skew_ms: string;
    readers: number;
    migrated: boolean;
  }>(
    `select current_setting('server_version') as version, pg_encoding_to_char(d.encoding) as encoding,
  coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', d.datctype) as ctype,
  round(extract(epoch from clock_timestamp()) * 1000 - $1::bigint)::text as skew_ms,
  (select count(*)::integer from pg_roles where rolname in ('callhouse_reader', 'callhouse_pii_reader')) as readers,
  to_regclass('callhouse.calls') is not null as migrated
from pg_database d where d.datname = current_database()`,
    [clock.now()],
  );
  const row = rows[0];
  if (!row) return [];
  const skewMs = Math.abs(Number(row.skew_ms));
  return [
    {
      what: 'database',
      ok: true,
      detail: `PostgreSQL ${row.version}${row.migrated ? '' : ', not migrated yet'}`,
      fix: null,
    },
    {
      what: 'encoding',
      ok: row.encoding === 'UTF8',
      detail: row.encoding,
      fix:
        row.encoding === 'UTF8' ? null : 'Create the database with encoding UTF8: transcripts are not Latin.',
    },
    {
      what: 'character type',
      ok: row.ctype !== 'C' && row.ctype !== 'POSIX',
      detail: row.ctype,
      fix:
        row.ctype === 'C' || row.ctype === 'POSIX'
          ? 'Create the database with LC_CTYPE C.UTF-8 or another UTF-8 locale: text search finds no Korean under C.'
          : null,
    },
    {
      what: 'reader roles',
      ok: row.readers === 2,
      detail: row.readers === 2 ? 'callhouse_reader and callhouse_pii_reader exist' : 'missing',
      fix: row.readers === 2 ? null : 'Let a user with CREATEROLE run callhouse migrate once.',
    },
    {
      what: 'clock',
      ok: skewMs < MINUTE,
      detail: `${formatDuration(skewMs)} apart from the database`,
      fix: skewMs < MINUTE ? null : 'Set the clock of this machine or of the database (NTP).',
    },
  ];
}

/** One list request, one call and the names tell of the key, its rights, the endpoints and the vendor's clock. */
async function checkSource(source: Source, signal: AbortSignal): Promise<Finding[]> {
  const what = `source ${source.name}`;
  try {
    const page = await source.listCalls(newestCalls(), () => undefined, signal);
    const skewMs = page.vendorNow === null ? 0 : Math.abs(page.vendorNow - page.requestedAt);
    return [
      { what, ok: true, detail: `${source.baseUrl} accepts the key and lists calls`, fix: null },
      await checkTranscripts(source, page, signal),
      await checkNames(source, signal),
      {
        what: `${what} clock`,
        ok: skewMs < MINUTE,
        detail: `${formatDuration(skewMs)} apart from this machine`,
        fix:
          skewMs < MINUTE
            ? null
            : 'Set the clock of this machine (NTP). Windows follow the vendor’s clock meanwhile.',
      },
    ];
  } catch (error) {
    signal.throwIfAborted();
    const detail = error instanceof Error ? error.message : String(error);
    const name = vendorOf(source.vendor).settingPrefix;
    return [
      {
        what,
        ok: false,
        detail,
        fix:
          error instanceof PartRefusedError
            ? null
            : `Check ${name}_API_KEY and ${name}_BASE_URL (in CALLHOUSE_CONFIG its api_key and base_url), and that this machine may reach it.`,
      },
    ];
  }
}

function newestCalls(): ListQuery {
  const window = { from: clock.now() - DAY, to: null };
  return { window, openOnly: false, order: 'newest_first', cursor: null, urgency: 'live' };
}

/** Asks for one call of the list, because a key may list calls and not read what was said in them. */
async function checkTranscripts(source: Source, page: Page, signal: AbortSignal): Promise<Finding> {
  const what = `source ${source.name} transcripts`;
  const callId = page.calls.find((call) => call.callId !== null)?.callId ?? null;
  if (callId === null) {
    return { what, ok: true, detail: 'not tried: the vendor lists no call of the last day', fix: null };
  }
  try {
    await source.readCall(callId, 'transcript', signal);
    return { what, ok: true, detail: 'a call can be read', fix: null };
  } catch (error) {
    if (!(error instanceof PartRefusedError)) throw error;
    return { what, ok: false, detail: error.message, fix: 'Give the key the right that is named.' };
  }
}

/** Names are welcome, not needed. */
async function checkNames(source: Source, signal: AbortSignal): Promise<Finding> {
  const directory = await source.readDirectory(signal);
  const detail = directory
    ? `${directory.agents.length} agents${directory.phones.length > 0 ? `, ${directory.phones.length} numbers` : ''}`
    : 'the key may not list agents: calls are stored without their names';
  return { what: `source ${source.name} names`, ok: true, detail, fix: null };
}
