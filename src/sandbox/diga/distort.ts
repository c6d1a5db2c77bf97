import { DEEP, distortRows, LONG, type RowForm } from '../distort-rows.ts';
import type { Strike } from '../faults.ts';

/** A text that PostgreSQL refuses: U+0000 and half of a surrogate pair. */
const UNSTORABLE = 'texto\u0000sano \ud83d fin';

const ROWS: RowForm = {
  rowsKey: 'data',
  idKey: 'id',
  statusKey: 'status',
  nestedKey: 'contact',
  poisons: {
    agent_missing: { agent_id: undefined },
    // This vendor knows no cost.
    cost_word: {},
    cost_number: {},
    cost_exponent: {},
    start_word: { start_time: 'ayer' },
    start_absurd: { start_time: '292277-12-04T15:30:07Z' },
    end_fraction: { end_time: 1.5 },
    end_far: { end_time: '2081-01-01T00:00:00Z' },
    agent_long: { agent_id: LONG },
    summary_number: { end_reason: 5 },
    metadata_deep: { dynamic_variables: DEEP },
    metadata_text: { dynamic_variables: 'not an object' },
  },
  withUnstorableText: (row) => ({
    ...row,
    end_reason: UNSTORABLE,
    dynamic_variables: { nota: UNSTORABLE },
  }),
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
        return { ...page, has_more: true, last_id: fault.cursor === 'first' ? firstCursor : sentCursor };
      case 'empty_end':
        return { ...page, data: [], has_more: false };
      case 'empty_page':
        return { ...page, data: [], has_more: true };
      default:
        return page;
    }
  });
}
