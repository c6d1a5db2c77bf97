import { describe, expect, it } from 'vitest';
import { expectVoicy, withoutQuery } from '../../support/truth-voicy.ts';
import { openBench, SETTLED_MS } from './bench.ts';

type Row = Record<string, unknown>;

describe('the truth', () => {
  it('is what the details answer, but for the signature of the recording', async () => {
    const { truth, detail } = openBench({ pastCalls: 200 });
    for (const call of await truth()) {
      const answer = await detail(call.call_id);
      expect({ ...answer, recording_url: withoutQuery(answer.recording_url) }).toEqual(call);
    }
  });

  it('asks the warehouse for the same columns of every call', () => {
    const rows = [...openBench({ pastCalls: 800 }).vendor.world.details(SETTLED_MS)].map(expectVoicy);
    expect(new Set(rows.map((row) => Object.keys(row).join())).size).toBe(1);
    const items = rows.flatMap((row) => row.items as Row[]);
    expect(new Set(items.map((item) => Object.keys(item).length)).size).toBe(1);
    expect(new Set(items.map(({ role, kind }) => `${role} ${kind}`))).toEqual(
      new Set([
        'agent speech',
        'user speech',
        'tool tool_call',
        'tool tool_result',
        'system event',
        'other speech',
      ]),
    );
    expect(rows.every(({ status }) => status !== 'unknown')).toBe(true);
  });

  it('names the end of a call once it has one, as far as the row tells', () => {
    const rows = [...openBench({ pastCalls: 400 }).vendor.world.details(SETTLED_MS)].map(expectVoicy);
    for (const row of rows) {
      expect(row.end_reason).toBe(row.vendor_status);
      if (row.started_ms === null) expect(row.ended_ms).toBeNull();
      else expect(row.ended_ms).toBe(Number(row.started_ms) + Number(row.duration_ms));
    }
  });
});
