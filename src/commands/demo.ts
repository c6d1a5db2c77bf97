import { join } from 'node:path';
import { HOUR, MINUTE } from '../clock.ts';
import { formatDuration } from '../config/duration.ts';
import type { Settings } from '../config/settings.ts';
import { addressOf } from '../database/address.ts';
import { configOf, openClient } from '../database/connect.ts';
import type { Database } from '../database/database.ts';
import { openEmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { startSandbox } from '../sandbox/server.ts';
import { type CommandContext, clock, withSources } from './command.ts';
import { table } from './console.ts';
import { syncAll } from './sync.ts';

export interface DemoCommand {
  calls: number;
  /** Leaves the database running afterwards, until Ctrl-C. */
  stay: boolean;
}

const DATABASE = 'callhouse_demo';
/** The sandbox of a demo answers as fast as it can: a real key would take minutes for the same. */
const LIMITS = { requestsPerSecond: 10_000, requestsPerMinute: 600_000 };

/** `demo`: an embedded PostgreSQL, a simulated vox.ai, a full sync, and what the numbers say. No key, no Docker. */
export async function demo(context: CommandContext, command: DemoCommand): Promise<number> {
  const { console, settings, signal } = context;
  const startedAt = clock.now();
  const dataDir = join(settings.dataDir, 'demo');
  console.note('starting an embedded PostgreSQL …');
  const embedded = await openEmbeddedPostgres({ dataDir, log: console.note, signal });
  const sandbox = await startSandbox({
    pastCalls: command.calls,
    historyDays: 14,
    // An hour ago: every call of this world has had the time to end and to be analysed.
    originMs: clock.now() - HOUR,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
  try {
    const databaseUrl = await freshDatabase(embedded.url);
    const source = {
      ...settings,
      name: 'vox',
      vendor: 'vox',
      apiKey: 'sandbox-key',
      baseUrl: sandbox.vox.baseUrl,
      limits: LIMITS,
      switches: {},
    };
    const demoSettings: Settings = { ...settings, database: addressOf(databaseUrl), sources: [source] };
    console.note(`reading ${command.calls} calls of a simulated vox.ai …`);
    return await withSources({ ...context, settings: demoSettings }, async ({ database }, sources) => {
      const [summary] = await syncAll(context, sources, { untilSettled: true, timeoutMs: 2 * MINUTE });
      if (summary?.outcome !== 'done' || summary.pending + summary.gaps > 0) {
        console.note(
          `the demo did not finish: ${summary?.error ?? `${summary?.pending} calls are not settled`}`,
        );
        return 1;
      }
      const tookMs = clock.now() - startedAt;
      const answer = await askWarehouse(database);
      console.result({ databaseUrl, tookMs, summary, ...answer }, describe(answer, summary.counts, tookMs));
      if (command.stay) await stay(context, databaseUrl);
      return 0;
    });
  } finally {
    await sandbox.close();
    await embedded.close();
  }
}

/** Each demo begins empty: a world that starts at another instant would restate the one before. */
async function freshDatabase(url: string): Promise<string> {
  const client = await openClient(configOf(url));
  try {
    await client.query(`drop database if exists ${DATABASE} with (force)`);
    await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
  const fresh = new URL(url);
  fresh.pathname = `/${DATABASE}`;
  return fresh.href;
}

interface Answer {
  calls: number;
  turns: number;
  costs: { currency: string; amount: string }[];
  query: string;
  rows: Record<string, string | number | null>[];
}

const QUERY = `select agent_name, sum(attempted_calls) as calls, sum(connected_calls) as connected,
       round(100.0 * sum(connected_calls) / sum(attempted_calls), 1) as connected_percent,
       round(sum(total_duration_seconds) / 60, 1) as minutes,
       round(sum(settled_calls) / sum(attempted_calls), 2) as settled_share
from callhouse_analytics.calls_daily
group by agent_name order by calls desc`;

async function askWarehouse(database: Database): Promise<Answer> {
  const totals = await database.query<{ calls: number; turns: number }>(
    `select (select count(*)::integer from callhouse.calls) as calls,
  (select count(*)::integer from callhouse.transcript_items) as turns`,
  );
  const costs = await database.query<{ currency: string; amount: string }>(
    'select currency, sum(amount) as amount from callhouse.call_costs group by currency order by currency',
  );
  const answer = await database.query<Record<string, string | number | null>>(QUERY);
  return {
    calls: totals.rows[0]?.calls ?? 0,
    turns: totals.rows[0]?.turns ?? 0,
    costs: costs.rows,
    query: QUERY,
    rows: answer.rows,
  };
}

function describe(
  answer: Answer,
  counts: { listRequests: number; detailRequests: number },
  tookMs: number,
): string {
  const columns = Object.keys(answer.rows[0] ?? {});
  return [
    `${answer.calls} calls, ${answer.turns} turns, ${answer.costs.map(({ amount, currency }) => `${amount} ${currency}`).join(', ')}`,
    `read with ${counts.listRequests} list and ${counts.detailRequests} detail requests in ${formatDuration(tookMs)}, every call settled`,
    '',
    answer.query,
    '',
    table([columns, ...answer.rows.map((row) => columns.map((column) => numeric(row[column])))]),
  ].join('\n');
}

/** pg gives exact numbers as text; to the right they read better. */
function numeric(value: string | number | null | undefined): string | number | null {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : (value ?? null);
}

async function stay({ console, signal }: CommandContext, databaseUrl: string): Promise<void> {
  console.note(`\nthe database stays until Ctrl-C:\n  psql '${databaseUrl}'`);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
