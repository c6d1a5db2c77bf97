import { describe, expect, it } from 'vitest';
import { groupKey, readNeverComing } from '../../src/warehouse/settlements.ts';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertRow, insertSource } from '../support/rows.ts';

const database = useTestDatabase();
const ENDED_AT = '2026-03-10T03:00:00Z';
const LATER = Date.parse('2026-03-10T05:00:00Z');

/** What is known never to come to an agent of whose calls so many have an analysis. Cost is on every call. */
async function neverComing(
  calls: number,
  analyzed: number,
  before = LATER,
  named = false,
): Promise<string[]> {
  const agentId = `agent-${calls}-${analyzed}-${before}-${named}`;
  const sourceId = await insertSource(database.pool, agentId, 'Asia/Seoul');
  for (let i = 0; i < calls; i += 1) {
    const call = { source_id: sourceId, call_id: `call-${i}` };
    await insertCall(database.pool, {
      ...call,
      ...(named ? { agent_name: agentId } : { agent_id: agentId }),
      vendor_status: 'ended',
      ended_at: ENDED_AT,
    });
    await insertRow(database.pool, 'callhouse.call_costs', { ...call, amount: '200.00', currency: 'KRW' });
    if (i < analyzed) await insertRow(database.pool, 'callhouse.call_analyses', { ...call, summary: '예약' });
  }
  const group = { agentId: named ? null : agentId, agentName: named ? agentId : null, vendorStatus: 'ended' };
  const never = await readNeverComing(database.pool, sourceId, [group], before);
  return [...(never.get(groupKey(group)) ?? [])];
}

describe('what an agent’s calls never get', () => {
  it('is learnt from five calls that have ended long enough ago, and not from fewer', async () => {
    expect(await neverComing(5, 0)).toEqual(['analysis', 'recording']);
    expect(await neverComing(4, 0)).toEqual([]);
    expect(await neverComing(6, 0, Date.parse(ENDED_AT))).toEqual([]);
  });

  it('is learnt by the name of the agent where the vendor tells no id', async () => {
    expect(await neverComing(5, 0, LATER, true)).toEqual(['analysis', 'recording']);
    expect(await neverComing(10, 1, LATER, true)).toEqual(['recording']);
  });

  it('is not what one in ten of them has', async () => {
    expect(await neverComing(10, 1)).toEqual(['recording']);
  });

  it('is still what a single odd one of many has: the others do not wait for it', async () => {
    expect(await neverComing(50, 1)).toEqual(['analysis', 'recording']);
    expect(await neverComing(51, 2)).toEqual(['recording']);
  });
});
