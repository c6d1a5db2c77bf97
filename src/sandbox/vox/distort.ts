import { DEEP, distortRows, isObject, type JsonObject, LONG, type RowForm } from '../distort-rows.ts';
import type { Strike } from '../faults.ts';

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = '정상\u0000문장 \ud83d 끝';

const ROWS: RowForm = {
  rowsKey: 'items',
  idKey: 'id',
  statusKey: 'status',
  nestedKey: 'agent',
  poisons: {
    agent_missing: { agent: undefined },
    cost_word: { call_cost: { total_cost: 'abc' } },
    cost_number: { call_cost: { total_cost: 200.5 } },
    cost_exponent: { call_cost: { total_cost: '2E+2' } },
    start_word: { start_at: 'yesterday' },
    start_absurd: { start_at: 9e15 },
    end_fraction: { end_at: 1.5 },
    end_far: { end_at: 3_502_915_200_000 },
    agent_long: { agent: { agent_id: LONG } },
    summary_number: { call_analysis: { summary: 5 } },
    metadata_deep: { metadata: DEEP },
    metadata_text: { metadata: 'not an object' },
  },
  withUnstorableText,
};

/** An answer of the vendor, changed as the fault wants it; other faults leave it as it is. */
export function distort(
  payload: unknown,
  { fault, firstCursor }: Strike,
  sentCursor: string | null,
): unknown {
  return distortRows(payload, fault, ROWS, (page) => {
    switch (fault.kind) {
      case 'repeated_cursor':
        return { ...page, next_cursor: fault.cursor === 'first' ? firstCursor : sentCursor };
      case 'empty_end':
        return { ...page, items: [], total_count: 0, next_cursor: null };
      case 'empty_page':
        return { ...page, items: [], next_cursor: page.next_cursor ?? 'bm90aGluZw' };
      case 'total_count_wrong':
        return { ...page, total_count: fault.totalCount };
      default:
        return page;
    }
  });
}

function withUnstorableText(row: JsonObject): JsonObject {
  const analysis = isObject(row.call_analysis)
    ? row.call_analysis
    : { user_sentiment: 'neutral', custom_analysis_data: [] };
  const texts = { call_analysis: { ...analysis, summary: UNSTORABLE } };
  if (!Array.isArray(row.transcript)) return { ...row, ...texts };
  return { ...row, ...texts, transcript: [...row.transcript, { role: 'user', content: UNSTORABLE }] };
}
