import pg from 'pg';
import { fillWarehouse, TURNS_PER_CALL } from '../fill.ts';
import { type Bench, type Figure, type Finding, median, repeated, secondsOf } from '../kernel.ts';
import { tableSizes } from '../sizes.ts';

/** What a BI tool would ask of each view: thirty days, of a year that ends a day later. */
const MONTH = "day >= '2026-10-01' and day < '2026-10-31'";
const QUESTIONS: Readonly<Record<string, { view: string; sql: string }>> = {
  calls: {
    view: 'calls',
    sql: `select day, agent_name, outcome, count(*), avg(duration_seconds), sum(cost_amount)
from callhouse_analytics.calls where ${MONTH} group by day, agent_name, outcome`,
  },
  calls_newest: {
    view: 'calls',
    sql: `select * from callhouse_analytics.calls where ${MONTH} order by occurred_at desc limit 500`,
  },
  calls_daily: { view: 'calls_daily', sql: `select * from callhouse_analytics.calls_daily where ${MONTH}` },
  costs_daily: { view: 'costs_daily', sql: `select * from callhouse_analytics.costs_daily where ${MONTH}` },
  end_reasons: { view: 'end_reasons', sql: `select * from callhouse_analytics.end_reasons where ${MONTH}` },
  turns: {
    view: 'turns',
    sql: `select tool_name, count(*), avg(gap_ms) from callhouse_analytics.turns
where ${MONTH} and tool_name is not null group by tool_name`,
  },
  unknown_outcomes: { view: 'unknown_outcomes', sql: 'select * from callhouse_analytics.unknown_outcomes' },
  freshness: { view: 'freshness', sql: 'select * from callhouse_analytics.freshness' },
};
const SLOW_SECONDS = 0.1;
const TIMES = 5;

/** Every view of callhouse_analytics, asked for a month of a large warehouse. */
export async function queries(bench: Bench): Promise<Finding> {
  const calls = bench.queriedCalls;
  return bench.postgres.withDatabase(async (database) => {
    await everyViewHasAQuestion((sql) => database.query(sql));
    const filledIn = await secondsOf(() => fillWarehouse(database, calls));
    const answers = [];
    for (const name of Object.keys(QUESTIONS)) answers.push(await ask(database.url, name));
    const sizes = await tableSizes(database, calls);
    return {
      figures: answers.flatMap(figuresOf),
      evidence: { calls, turns: calls * TURNS_PER_CALL, filledInSeconds: filledIn, answers, sizes },
    };
  });
}

async function everyViewHasAQuestion(query: (sql: string) => Promise<pg.QueryResultRow[]>): Promise<void> {
  const views = await query("select viewname from pg_views where schemaname = 'callhouse_analytics'");
  const asked = new Set(Object.values(QUESTIONS).map(({ view }) => view));
  const missing = views.map(({ viewname }) => viewname as string).filter((view) => !asked.has(view));
  if (missing.length > 0) throw new Error(`nothing is asked of ${missing.join(', ')}`);
}

interface Answer {
  name: string;
  sql: string;
  first: number;
  warm: number;
  /** Of a slow one. */
  plan: unknown;
}

/** On a connection of its own: first with nothing read of the catalogue and what others left in memory, then again. */
async function ask(connectionString: string, name: string): Promise<Answer> {
  const sql = QUESTIONS[name]?.sql ?? '';
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const first = await secondsOf(() => client.query(sql));
    const warm = median(await repeated(TIMES, () => secondsOf(() => client.query(sql))));
    const isSlow = Math.max(first, warm) > SLOW_SECONDS;
    const explained = isSlow ? await client.query(`explain (analyze, buffers) ${sql}`) : null;
    const plan = explained?.rows.map((row: Record<string, string>) => row['QUERY PLAN']) ?? null;
    return { name, sql, first, warm, plan };
  } finally {
    await client.end();
  }
}

function figuresOf({ name, first, warm }: Answer): Figure[] {
  return [
    {
      name: `queries.${name}.first`,
      what: `${name}, a month: asked first`,
      value: 1_000 * first,
      unit: 'ms',
    },
    { name: `queries.${name}.warm`, what: `${name}, a month: asked again`, value: 1_000 * warm, unit: 'ms' },
  ];
}
