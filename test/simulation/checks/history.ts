import type { Play } from '../play.ts';
import { readDigests } from '../settled-calls.ts';

/** A call that was settled does not change without an event that says so. */
export async function checkHistory({ server, chronicle }: Play): Promise<string[]> {
  const { settledAtRest } = chronicle;
  const digests = await readDigests(server.admin, [...settledAtRest.keys()]);
  const changed = [...settledAtRest].filter(([callId, { digest }]) => digests.get(callId) !== digest);
  const silent: string[] = [];
  for (const [callId, { revision }] of changed) {
    const { rows } = await server.admin.query(
      'select from callhouse.call_events where call_id = $1 and revision > $2 and restated',
      [callId, revision],
    );
    if (rows.length === 0) silent.push(`${callId} was settled and has changed without a restatement`);
  }
  const { rows } = await server.admin.query<{ fault: string }>(UNMARKED);
  return [...silent, ...rows.map(({ fault }) => fault)];
}

const UNMARKED = `select fault from (
  select call_id || ' revision ' || revision || ' changed ' || (changes - 'settlement')::text
    || ' of a settled call and is not marked as restated' as fault,
    lag(settlement) over (partition by source_id, call_id order by revision) as was, changes, restated
  from callhouse.call_events
) e where was = 'settled' and not restated and changes - 'settlement' <> '{}'`;
