import { MINUTE } from '../../../src/clock.ts';
import { RETRY_AFTER_MAX_MS } from '../../../src/http/retry-after.ts';
import { type Play, type Scene, scenesOf } from '../play.ts';
import { type Incident, incidentsOf } from '../story.ts';

/** What must hold within any warehouse at rest, whatever the vendor says. Each query gives what breaks it. */
const RULES = [
  `select 'gap from ' || coalesce(gap_from::text, 'the beginning') || ' to ' || coalesce(gap_to::text, 'the end') as fault
   from callhouse_sync.gaps`,
  `select 'the window of ' || stream || ' is open: ' || open_window::text as fault
   from callhouse_sync.checkpoints where open_window is not null`,
  `select c.call_id || ' has ' || coalesce(c.transcript_item_count::text, 'no') || ' items by its count, and the positions '
     || coalesce(t.positions::text, '{}') as fault
   from callhouse.calls c left join lateral (
     select array_agg(i.position order by i.position) as positions from callhouse.transcript_items i
     where (i.source_id, i.call_id) = (c.source_id, c.call_id)
   ) t on true
   where coalesce(t.positions, '{}') <> array(select generate_series(0, coalesce(c.transcript_item_count, 0) - 1))`,
  `select c.call_id || ' has revision ' || c.revision || ' and events ' || coalesce(e.revisions::text, '{}') as fault
   from callhouse.calls c left join lateral (
     select array_agg(v.revision order by v.revision) as revisions from callhouse.call_events v
     where (v.source_id, v.call_id) = (c.source_id, c.call_id)
   ) e on true
   where e.revisions is distinct from array(select generate_series(1, c.revision))`,
  `select c.call_id || ' is ' || c.status || ' and ' || c.settlement || ', its last event says ' || e.status || ' and '
     || e.settlement as fault
   from callhouse.calls c join callhouse.call_events e
     on (e.source_id, e.call_id, e.revision) = (c.source_id, c.call_id, c.revision)
   where (e.status, e.settlement) <> (c.status, c.settlement)`,
  `select call_id || ' is ' || settlement || ' and not in the queue' as fault from callhouse.calls c
   where settlement in ('open', 'settling', 'stuck') and not exists (
     select from callhouse_sync.settlements s where (s.source_id, s.call_id) = (c.source_id, c.call_id))`,
  `select 'the run of ' || worker || ' since ' || started_at || ' is still running' as fault
   from callhouse_sync.runs where outcome = 'running'`,
  `select 'watermark ' || coalesce(c.watermark::text, 'null') || ' of ' || c.stream || ' is not the end of what is wanted: '
     || v.complete_to::text as fault
   from callhouse_sync.checkpoints c join callhouse_sync.coverage v using (source_id) where c.watermark > v.complete_to`,
];

/** Tables agree with each other, nothing is missing, and nothing is left in a queue. */
export async function checkStructure(play: Play): Promise<string[]> {
  const complaints: string[] = [];
  const broken = [...play.chronicle.brokenDetails.keys()];
  for (const rule of RULES) complaints.push(...(await faultsOf(play, rule, [])));
  return [
    ...complaints,
    ...(await faultsOf(play, QUEUED, [broken])),
    ...(await faultsOf(play, LETTERS, [broken])),
    ...(await faultsOf(play, BLOCKED, [
      new Date(play.scheduler.now() + play.databaseSkew.ms + RETRY_AFTER_MAX_MS),
    ])),
    ...(await Promise.all(scenesOf(play).map(namelessAgents))).flat(),
  ];
}

/** Only calls that may still change are waited for, and those that the vendor cannot answer for. */
const QUEUED = `select call_id || ' is ' || settlement || ' and in the queue, awaiting ' || s.awaiting::text as fault
from callhouse_sync.settlements s join callhouse.calls c using (source_id, call_id)
where c.settlement not in ('stuck', 'missing') and call_id <> all($1)`;

/** A record without an id cannot be told apart from the one that came later, so it stays noted. */
const LETTERS = `select call_id || ' (' || kind || ') is set aside, and the vendor sends it rightly: ' || reason as fault
from callhouse_sync.dead_letters
where resolved_at is null and call_id not like 'sha256:%' and call_id <> all($1)`;

const BLOCKED = `select 'the budget is blocked until ' || blocked_until as fault
from callhouse_sync.budgets where blocked_until > $1`;

/** An agent that a call names is looked up within the hour, and after a failure within another. */
async function namelessAgents({ play, name }: Scene): Promise<string[]> {
  const { story, chronicle } = play;
  const isUncertain = ({ kind }: Incident) => kind === 'agents_broken' || kind === 'database_clock_set';
  if (incidentsOf(story, name).some(isUncertain)) return [];
  const done = chronicle.passes.filter(({ vendor, outcome }) => vendor === name && outcome === 'done');
  const lastPassMs = Math.max(0, ...done.map(({ startedAtMs }) => startedAtMs));
  return faultsOf(
    play,
    `select 'agent ' || agent_id || ' has no name' as fault from callhouse.agents join callhouse.sources s using (source_id)
     where s.name = $1 and agents.name is null and agents.first_seen_at < $2`,
    [name, new Date(lastPassMs - 130 * MINUTE)],
  );
}

async function faultsOf({ server }: Play, sql: string, values: unknown[]): Promise<string[]> {
  const { rows } = await server.admin.query<{ fault: string }>(sql, values);
  return rows.map(({ fault }) => fault);
}
