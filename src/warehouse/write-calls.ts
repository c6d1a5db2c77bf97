import { answersTo, type Sql } from '../database/database.ts';
import type { Changes } from '../merge/merge-call.ts';
import { runBulkUpsert } from './bulk-upsert.ts';
import {
  CALL_ANALYSES,
  CALL_COSTS,
  CALL_EVENTS,
  CALL_EXTRACTIONS,
  CALLS,
  type PayloadWrite,
  RAW_PAYLOADS,
  TRANSCRIPT_ITEMS,
} from './call-tables.ts';
import type { Lineage, StoredCall } from './stored-call.ts';

/** What becomes of a part of a call: nothing, rows where there were none, or rows in the place of others. */
export type PartWrite = 'none' | 'first' | 'replace';

/** One call to be stored: which parts changed decides what is written. */
export interface CallWrite {
  stored: StoredCall;
  /** Parts to be written besides the row of the call itself. */
  parts: Record<'analysis' | 'costs' | 'extractions' | 'transcript', PartWrite>;
  event: { restated: boolean; changes: Changes; lineage: Lineage };
}

/**
 * Writes calls and their changed parts. Must run in the transaction that saves the checkpoint of their page: the
 * statements are sent one after the other, calls first, without waiting for one another.
 */
export async function writeCalls(
  sql: Sql,
  sourceId: number,
  writes: readonly CallWrite[],
): Promise<{ transcriptItems: number }> {
  const source = { sourceId };
  const calls = writes.map(({ stored }) => ({ ...source, stored }));
  const events = writes.map(({ stored, event }) => ({ ...source, stored, ...event }));
  // The dearest are sent early: the server works on them while the others are made up.
  const [, transcriptItems] = await answersTo([
    runBulkUpsert(sql, CALLS, calls),
    writeTranscripts(sql, sourceId, changed(writes, 'transcript')),
    runBulkUpsert(sql, CALL_EVENTS, events),
    writeAnalyses(sql, sourceId, changed(writes, 'analysis')),
    writeCosts(sql, sourceId, changed(writes, 'costs')),
    writeExtractions(sql, sourceId, changed(writes, 'extractions')),
  ]);
  return { transcriptItems };
}

/** Stores payloads, the latest of each kind. */
export async function writePayloads(
  sql: Sql,
  sourceId: number,
  payloads: readonly PayloadWrite[],
): Promise<void> {
  await runBulkUpsert(
    sql,
    RAW_PAYLOADS,
    payloads.map((payload) => ({ sourceId, ...payload })),
  );
}

/** Forgets what was stored of conversations that the vendor may no longer keep. The list row stays. */
export async function erasePayloads(sql: Sql, sourceId: number, callIds: readonly string[]): Promise<void> {
  if (callIds.length === 0) return;
  await sql.query(
    `delete from callhouse_sync.raw_payloads
where source_id = $1 and call_id = any($2) and kind in ('detail', 'messages')`,
    [sourceId, callIds],
  );
  await sql.query('delete from callhouse_sync.dead_letters where source_id = $1 and call_id = any($2)', [
    sourceId,
    callIds,
  ]);
}

interface ChangedCall extends StoredCall {
  /** Whether rows of the changed part are there already. */
  replaces: boolean;
}

function changed(writes: readonly CallWrite[], part: keyof CallWrite['parts']): ChangedCall[] {
  return writes
    .filter(({ parts }) => parts[part] !== 'none')
    .map(({ stored, parts }) => ({ ...stored, replaces: parts[part] === 'replace' }));
}

async function writeAnalyses(sql: Sql, sourceId: number, calls: ChangedCall[]): Promise<void> {
  const rows = calls.flatMap(({ callId, content: { analysis } }) =>
    analysis ? [{ sourceId, callId, analysis }] : [],
  );
  const gone = calls.filter(({ content }) => content.analysis === null);
  await answersTo([
    runBulkUpsert(sql, CALL_ANALYSES, rows),
    deleteReplaced(sql, 'call_analyses', sourceId, gone),
  ]);
}

/** Few rows per call and rarely changed: replaced as a whole. */
async function writeCosts(sql: Sql, sourceId: number, calls: ChangedCall[]): Promise<void> {
  const rows = calls.flatMap(({ callId, content }) =>
    content.costs.map((cost) => ({ sourceId, callId, cost })),
  );
  await answersTo([deleteReplaced(sql, 'call_costs', sourceId, calls), runBulkUpsert(sql, CALL_COSTS, rows)]);
}

async function writeExtractions(sql: Sql, sourceId: number, calls: ChangedCall[]): Promise<void> {
  const rows = calls.flatMap(({ callId, content }) =>
    content.extractions.map((extraction) => ({ sourceId, callId, extraction })),
  );
  await answersTo([
    deleteReplaced(sql, 'call_extractions', sourceId, calls),
    runBulkUpsert(sql, CALL_EXTRACTIONS, rows),
  ]);
}

/** By position, then the surplus tail is deleted: only items that differ are written. */
async function writeTranscripts(sql: Sql, sourceId: number, calls: ChangedCall[]): Promise<number> {
  const rows = calls.flatMap(({ callId, content }) =>
    (content.transcript ?? []).map((item, i, items) => ({ sourceId, callId, item, before: items[i - 1] })),
  );
  const [written] = await answersTo([
    runBulkUpsert(sql, TRANSCRIPT_ITEMS, rows),
    deleteReplaced(
      sql,
      'transcript_items',
      sourceId,
      calls.map((call) => ({ ...call, fromPosition: call.content.transcript?.length ?? 0 })),
    ),
  ]);
  return written;
}

/** Deletes rows in whose place others come: all of a call's, or those from a position on. */
async function deleteReplaced(
  sql: Sql,
  table: 'call_analyses' | 'call_costs' | 'call_extractions' | 'transcript_items',
  sourceId: number,
  written: readonly (ChangedCall & { fromPosition?: number })[],
): Promise<void> {
  const calls = written.filter(({ replaces }) => replaces);
  if (calls.length === 0) return;
  const byPosition = table === 'transcript_items';
  // "any" is said besides: by it the rows are found through their key, where the join alone may read all of a source's.
  await sql.query({
    name: `delete from ${table}`,
    text: `delete from callhouse.${table} t
using unnest($2::text[], $3::integer[]) as n (call_id, from_position)
where t.source_id = $1 and t.call_id = any($2) and t.call_id = n.call_id${byPosition ? ' and t.position >= n.from_position' : ''}`,
    values: [sourceId, calls.map(({ callId }) => callId), calls.map(({ fromPosition }) => fromPosition ?? 0)],
  });
}
