import type { CallPayloads, Instant, PayloadKind } from '../call.ts';
import { type Sql, toMs, toRange, toTimestamp } from '../database/database.ts';
import { parseJson } from '../json.ts';
import type { TimeWindow } from '../source.ts';

/** Calls that have a stored payload, in the order of their ids, from behind `after`. */
export async function callsWithPayloads(
  sql: Sql,
  sourceId: number,
  options: { after: string; since: Instant | null; within: TimeWindow | null; limit: number },
): Promise<string[]> {
  const { rows } = await sql.query<{ call_id: string }>({
    name: 'calls with payloads',
    text: `select c.call_id from callhouse.calls c
where c.source_id = $1 and c.call_id > $2 and ($4::tstzrange is null or c.occurred_at <@ $4)
  and exists (select from callhouse_sync.raw_payloads r where r.source_id = c.source_id and r.call_id = c.call_id
    and ($3::timestamptz is null or r.fetched_at >= $3))
order by c.call_id limit $5`,
    values: [sourceId, options.after, toTimestamp(options.since), toRange(options.within), options.limit],
  });
  return rows.map((row) => row.call_id);
}

/** The payloads of calls as they came, digits intact. */
export async function readPayloads(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
): Promise<Map<string, CallPayloads>> {
  const { rows } = await sql.query<{ call_id: string; kind: PayloadKind; payload_text: string }>({
    name: 'read payloads',
    text: `select call_id, kind, payload::text as payload_text
from callhouse_sync.raw_payloads where source_id = $1 and call_id = any($2)`,
    values: [sourceId, callIds],
  });
  const payloads = new Map<string, CallPayloads>();
  for (const row of rows) {
    payloads.set(row.call_id, { ...payloads.get(row.call_id), [row.kind]: parseJson(row.payload_text) });
  }
  return payloads;
}

/** Notes that the payloads of these calls were read by this version of the mapping. Writes only where it is new. */
export async function markReadBy(
  sql: Sql,
  sourceId: number,
  callIds: readonly string[],
  normalizerVersion: number,
): Promise<void> {
  await sql.query({
    name: 'mark payloads read',
    text: `update callhouse_sync.raw_payloads set normalizer_version = $3
where source_id = $1 and call_id = any($2) and normalizer_version <> $3`,
    values: [sourceId, callIds, normalizerVersion],
  });
}

/** A record that was set aside, with what it says. */
export interface UnreadableRecord {
  callId: string;
  kind: PayloadKind;
  payloads: CallPayloads;
  seenAt: Instant;
  hasId: boolean;
  /** A reading of the call that came after it is stored. */
  isOvertaken: boolean;
}

/** Fields that could not be read by the calls that are stored without them, in the order of their ids, from behind `after`. */
export async function readPartlyRead(
  sql: Sql,
  sourceId: number,
  after: string,
  limit: number,
): Promise<Map<string, number>> {
  const { rows } = await sql.query<{ call_id: string; fields: number }>(
    `select call_id, count(*)::integer as fields from callhouse_sync.dead_letters
where source_id = $1 and resolved_at is null and scope = 'field' and call_id > $2
group by call_id order by call_id limit $3`,
    [sourceId, after, limit],
  );
  return new Map(rows.map(({ call_id, fields }) => [call_id, fields]));
}

/** Records that are set aside as a whole, in the order of their ids, from behind `after`. */
export async function readDeadLetters(
  sql: Sql,
  sourceId: number,
  after: Pick<UnreadableRecord, 'callId' | 'kind'>,
  limit: number,
): Promise<UnreadableRecord[]> {
  const { rows } = await sql.query<{
    call_id: string;
    kind: PayloadKind;
    payload_text: string;
    last_seen_at: Date;
    is_overtaken: boolean;
  }>(
    `select d.call_id, d.kind, d.payload::text as payload_text, d.last_seen_at,
  exists (select from callhouse.calls c
    where c.source_id = d.source_id and c.call_id = d.call_id and c.checked_at > d.last_seen_at)
  or exists (select from callhouse_sync.raw_payloads r
    where r.source_id = d.source_id and r.call_id = d.call_id and r.fetched_at > d.last_seen_at) as is_overtaken
from callhouse_sync.dead_letters d
where d.source_id = $1 and d.resolved_at is null and d.scope = 'record' and (d.call_id, d.kind) > ($2, $3)
order by d.call_id, d.kind limit $4`,
    [sourceId, after.callId, after.kind, limit],
  );
  return rows.map((row) => ({
    callId: row.call_id,
    kind: row.kind,
    payloads: { [row.kind]: parseJson(row.payload_text) },
    seenAt: toMs(row.last_seen_at),
    hasId: !row.call_id.startsWith('sha256:'),
    isOvertaken: row.is_overtaken,
  }));
}
