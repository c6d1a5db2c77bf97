import { describe, expect, it } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { insertCall, insertRow, insertSource } from '../support/rows.ts';

const database = useTestDatabase();
let calls = 0;

/** The outcome of a call that ended with these words. */
async function outcomeOf(vendor: string, status: string | null, reason: string | null): Promise<unknown> {
  const sourceId = await insertVendorSource(vendor);
  calls += 1;
  const callId = `call-${calls}`;
  await insertCall(database.pool, {
    source_id: sourceId,
    call_id: callId,
    vendor_status: status,
    end_reason: reason,
  });
  return (await readOutcome(callId)).outcome;
}

async function insertVendorSource(vendor: string): Promise<number> {
  calls += 1;
  const sourceId = await insertSource(database.pool, `source-${calls}`, 'Asia/Seoul');
  await database.pool.query('update callhouse.sources set vendor = $2 where source_id = $1', [
    sourceId,
    vendor,
  ]);
  return sourceId;
}

async function readOutcome(callId: string): Promise<Record<string, unknown>> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    'select outcome, vendor_status, end_reason from callhouse_analytics.calls where call_id = $1',
    [callId],
  );
  return rows[0] ?? {};
}

describe('the outcome of a call', () => {
  it.each([
    ['vox', 'ended', 'user_hangup', 'answered'],
    ['vox', 'ended', 'voicemail_reached', 'voicemail'],
    ['vox', 'ended', 'call_transfer', 'transferred'],
    ['vox', 'ended', null, 'answered'],
    ['vox', 'not_connected', 'dial_busy', 'busy'],
    ['vox', 'not_connected', 'dial_declined', 'declined'],
    ['vox', 'not_connected', 'blocked_number', 'blocked'],
    ['vox', 'not_connected', 'concurrency_limit_reached', 'limit_reached'],
    ['vox', 'canceled', 'daily_call_limit_reached', 'limit_reached'],
    ['vox', 'error', 'error_voxai', 'failed'],
    ['voicy', 'agent_hangup', 'agent_hangup', 'answered'],
    ['voicy', 'no_answer', 'no_answer', 'no_answer'],
    ['voicy', 'error', 'error', 'failed'],
    ['diga', 'completed', 'user_hang_up', 'answered'],
    ['diga', 'completed', 'answering_machine_detected', 'voicemail'],
    ['diga', 'transferred', null, 'transferred'],
    ['diga', 'no_answer', null, 'no_answer'],
  ])('of %s, %s by %s is %s', async (vendor, status, reason, outcome) => {
    expect(await outcomeOf(vendor, status, reason)).toBe(outcome);
  });

  it('goes by the reason before the status, because an older status may stand beside a newer reason', async () => {
    expect(await outcomeOf('diga', 'failed', 'voicemail_left')).toBe('voicemail');
  });

  it('is unknown where nobody has said it, with the vendor’s words beside it', async () => {
    expect(await outcomeOf('vox', 'ended', 'abducted')).toBe('unknown');
    expect(await outcomeOf('acme', 'done', 'done')).toBe('unknown');
    expect(await outcomeOf('vox', null, null)).toBe('unknown');
    const { rows } = await database.pool.query(
      `select vendor, vendor_status, end_reason, calls from callhouse_analytics.unknown_outcomes order by 1, 2`,
    );
    expect(rows).toEqual([
      { vendor: 'acme', vendor_status: 'done', end_reason: 'done', calls: '1' },
      { vendor: 'vox', vendor_status: 'ended', end_reason: 'abducted', calls: '1' },
      { vendor: 'vox', vendor_status: null, end_reason: null, calls: '1' },
    ]);
  });

  it('is not there yet while the call goes on', async () => {
    const sourceId = await insertVendorSource('vox');
    await insertCall(database.pool, {
      source_id: sourceId,
      call_id: 'going-on',
      status: 'ongoing',
      vendor_status: 'ongoing',
      settlement: 'open',
    });
    expect((await readOutcome('going-on')).outcome).toBe(null);
  });

  it('is what people make of it, at once and without reading anything again', async () => {
    await insertRow(database.pool, 'callhouse.outcomes', {
      vendor: 'vox',
      vendor_status: 'ended',
      end_reason: 'sold',
      outcome: 'answered',
      note: 'ours',
    });
    expect(await outcomeOf('vox', 'ended', 'sold')).toBe('answered');
    await database.pool.query(
      `update callhouse.outcomes set outcome = 'limit_reached' where vendor = 'vox' and end_reason = 'max_duration_reached'`,
    );
    expect(await outcomeOf('vox', 'ended', 'max_duration_reached')).toBe('limit_reached');
  });

  it('has no word of its own making', async () => {
    const row = { vendor: 'vox', vendor_status: 'x', end_reason: 'x', outcome: 'fine' };
    await expect(insertRow(database.pool, 'callhouse.outcomes', row)).rejects.toThrow(
      'outcomes_outcome_known',
    );
  });
});
