import { DEEP, distortRows, isObject, type JsonObject, LONG, type RowForm } from '../distort-rows.ts';
import type { RequestFault } from '../fault-kinds.ts';

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = 'תקין\u0000משפט \ud83d סוף';

const ROWS: RowForm = {
  rowsKey: 'calls',
  idKey: 'call_id',
  statusKey: 'call_status',
  nestedKey: 'agent',
  poisons: {
    agent_missing: { agent: undefined },
    cost_word: { call_cost: { combined_cost: 'abc', currency: 'usd' } },
    // Numbers are this vendor's rule, so here the text is the oddity.
    cost_number: { call_cost: { combined_cost: '200.5', currency: 'usd' } },
    cost_exponent: { call_cost: { combined_cost: 2e-7, currency: 'usd' } },
    start_word: { start_timestamp: 'yesterday' },
    start_absurd: { start_timestamp: 9e15 },
    end_fraction: { duration_ms: 1.5 },
    end_far: { duration_ms: 1_763_700_000_000 },
    agent_long: { agent: { id: LONG } },
    summary_number: { summary: 5 },
    metadata_deep: { vars_provided: DEEP },
    metadata_text: { vars_provided: 'not an object' },
  },
  withUnstorableText,
};

/** An answer of the vendor, changed as the fault wants it; other faults leave it as it is. */
export function distort(payload: unknown, fault: RequestFault): unknown {
  return distortRows(payload, fault, ROWS, (page) => {
    switch (fault.kind) {
      case 'empty_end':
        return { ...page, calls: [], total_count: 0 };
      case 'empty_page':
        return { ...page, calls: [] };
      case 'total_count_wrong':
        return { ...page, total_count: fault.totalCount };
      default:
        return page;
    }
  });
}

/** A row of the list has no text but the name of its agent. */
function withUnstorableText(row: JsonObject): JsonObject {
  if (!('transcript' in row)) {
    return isObject(row.agent) ? { ...row, agent: { ...row.agent, name: UNSTORABLE } } : row;
  }
  const summed = { ...row, summary: UNSTORABLE };
  if (!Array.isArray(row.transcript)) return summed;
  const said = { role: 'caller', content: UNSTORABLE, timestamp_ms: 0 };
  return { ...summed, transcript: [...row.transcript, said] };
}
