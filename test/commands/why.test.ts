import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { describeLineage, explainStanding } from '../../src/commands/why-words.ts';
import { type CallLineage, readLineages } from '../../src/warehouse/why.ts';
import { type Bench, startBench } from '../scenarios/bench.ts';
import { callhouse, type Finished } from '../support/command-line.ts';
import { insertCall, insertRow, insertSource } from '../support/rows.ts';

const why = (bench: Bench, ...args: string[]): Promise<Finished> =>
  callhouse(['why', ...args], { DATABASE_URL: bench.databaseUrl });

async function lineageOf(bench: Bench, callId: string): Promise<CallLineage> {
  const [lineage] = await readLineages(bench.pool, callId, null);
  if (!lineage) throw new Error(`no call ${callId}`);
  return lineage;
}

/** The answer as a person reads it, on the clock of the test. */
const told = async (bench: Bench, callId: string) =>
  describeLineage(await lineageOf(bench, callId), bench.clock.now());

/** Passes at the poll interval for this long. */
async function poll(bench: Bench, forMs: number): Promise<void> {
  const end = bench.clock.now() + forMs;
  while (bench.clock.now() < end) {
    await bench.pass({ until: bench.clock.now() + 15 * SECOND });
    bench.clock.advance(15 * SECOND);
  }
}

/** Everything personal that is stored of a call. */
async function secretsOf(bench: Bench, callId: string): Promise<string[]> {
  const { rows } = await bench.pool.query<{ secret: string }>(
    `select unnest(array[from_number, to_number, presentation_number, from_e164, to_e164, recording_url]) as secret
     from callhouse.calls where call_id = $1
     union select content from callhouse.transcript_items where call_id = $1 and length(content) > 8
     union select summary from callhouse.call_analyses where call_id = $1`,
    [callId],
  );
  return rows.flatMap(({ secret }) => secret ?? []);
}

const settledCall = (bench: Bench) =>
  bench.value<string>(`select call_id from callhouse.calls
where settlement = 'settled' and transcript_item_count > 2 and not opt_out
  and exists (select from callhouse.call_analyses a where a.call_id = calls.call_id) order by call_id limit 1`);

async function startSynced(options: Parameters<typeof startBench>[0] = {}): Promise<Bench> {
  const bench = await startBench({ pastCalls: 80, ...options });
  bench.clock.advance(HOUR);
  await bench.settle();
  return bench;
}

describe('why, of a call that was followed all its life', () => {
  it('tells each step in order, what brought it, and what it still waits for', async () => {
    const bench = await startBench({
      pastCalls: 0,
      liveCallsPerSecond: 0.1,
      liveForMs: 4 * MINUTE,
      timings: { queueScale: 8 },
    });
    await poll(bench, 3 * MINUTE);
    const waiting = await bench.value<string>(
      "select call_id from callhouse.calls where settlement = 'settling' order by call_id limit 1",
    );
    const early = await lineageOf(bench, waiting);
    expect(early.queue?.awaiting.length).toBeGreaterThan(0);
    expect(explainStanding(early, bench.clock.now())).toEqual({
      why: expect.stringMatching(/^It has ended\. Awaited: .+\. Waiting ends at .+Z \(in 1d 23h\)/),
      next: expect.stringMatching(/Z by (a list|asking for the call itself).*; read (once|\d+ times) since/),
    });

    await poll(bench, 6 * MINUTE);
    const callId = await bench.value<string>(`select call_id from callhouse.calls c
where settlement = 'settled' and status = 'ended' and transcript_item_count > 0
  and exists (select from callhouse.call_events e where e.call_id = c.call_id and e.changes ? 'analysis')
  and exists (select from callhouse.call_events e
  where e.call_id = c.call_id and e.revision = 1 and e.status = 'queued') order by revision desc limit 1`);
    const lineage = await lineageOf(bench, callId);
    const { call, events, queue } = lineage;

    expect(events.map(({ revision }) => revision)).toEqual(events.map((_, i) => i + 1));
    expect(events[0]).toMatchObject({ status: 'queued', settlement: 'open' });
    // The list of open calls is read once a minute, the newest time at every poll.
    const { step, readWindow } = events[0] ?? {};
    expect(readWindow === null ? 'open' : 'live').toBe(step);
    const statuses = [...new Set(events.map(({ status }) => status))];
    expect(statuses).toEqual(['queued', 'ongoing', 'ended']);
    expect([...new Set(events.map(({ settlement }) => settlement))]).toEqual(['open', 'settling', 'settled']);
    expect(events.findIndex(({ changes }) => 'analysis' in changes)).toBeGreaterThan(0);
    const details = events.filter(({ changes }) => 'transcript' in changes);
    expect(details.every(({ step, readWindow }) => step === 'details' && readWindow === null)).toBe(true);
    for (const { status, step, readWindow, requestedAt, observedAt } of events) {
      expect(Date.parse(requestedAt ?? '')).toBeLessThanOrEqual(Date.parse(observedAt));
      // It stood elsewhere in the lists before it connected.
      if (status === 'queued' || (step !== 'live' && step !== 'settle' && step !== 'lookback')) continue;
      expect(Date.parse(readWindow?.from ?? '')).toBeLessThanOrEqual(Date.parse(call.occurredAt));
      expect(Date.parse(readWindow?.to ?? '')).toBeGreaterThanOrEqual(Date.parse(call.occurredAt));
    }
    expect(queue).toBeNull();
    expect(lineage.covered).toBe(true);
    expect(lineage.payloads.map(({ kind }) => kind)).toEqual(['detail', 'list']);
    expect(lineage.answers.length).toBeGreaterThan(0);

    const text = await told(bench, callId);
    expect(text).toContain('1. ');
    expect(text).toMatch(
      /by the list of (open calls|the newest time), asked .+\n {7}seen for the first time/,
    );
    expect(text).toMatch(/status: queued → ongoing/);
    expect(text).toMatch(
      /by the call itself, asked for by its id, asked \S+Z\n(.*\n)*? {7}transcript: – → \d+ items/,
    );
    expect(text).toMatch(/why +All that is expected is there: status, transcript \(\d+ items\)/);
    expect(text).toMatch(/its time +was read without a hole/);
    for (const secret of await secretsOf(bench, callId)) expect(text).not.toContain(secret);
  });
});

describe('why, of a call that is settled', () => {
  it('marks what changed after it was settled', async () => {
    const bench = await startBench({
      pastCalls: 0,
      liveCallsPerSecond: 0.1,
      liveForMs: 2 * MINUTE,
      reanalysis: { share: 1, afterMs: 40 * MINUTE },
    });
    await poll(bench, 2 * MINUTE);
    for (const minutes of [5, 10, 40]) {
      bench.clock.advance(minutes * MINUTE);
      await poll(bench, 30 * SECOND);
    }
    const callId = await bench.value<string>(
      'select call_id from callhouse.call_events where restated limit 1',
    );

    const text = await told(bench, callId);

    expect(text).toMatch(/settled {2}RESTATED after it was settled\n.*\n {7}analysis: told → told/);
  });

  it('says that an opted-out call has no transcript to wait for', async () => {
    const bench = await startSynced({ pastCalls: 300 });
    const callId = await bench.value<string>(
      'select call_id from callhouse.calls where opt_out and started_at is not null limit 1',
    );
    const { code, stdout } = await why(bench, callId);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Not awaited: transcript, analysis.*\(it is opted out, so the vendor keeps none\)/,
    );
    expect(stdout).toMatch(/opted out +yes/);
  });

  it('takes an id as it is pasted: with blanks, quotes and a comma, in other case', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    const { code, stdout } = await why(bench, ` "${callId.toUpperCase()}",`);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${callId} of vox`));
    expect((await why(bench, `${callId} ${callId.replace(/^./, 'x')}`)).code).toBe(2);
  });

  it('tells nothing personal, as text and as JSON, to somebody who may only read', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    const reader = new URL(bench.databaseUrl);
    reader.username = reader.pathname.slice(1);
    reader.password = 'test';
    const role = bench.pool.query.bind(bench.pool);
    await role(`create role "${reader.username}" login password 'test' in role callhouse_pii_reader`);
    try {
      const env = { DATABASE_URL: reader.href };
      const text = await callhouse(['why', callId], env);
      const json = await callhouse(['why', callId, '--json'], env);

      expect([text.code, text.stderr, json.code]).toEqual([0, '', 0]);
      expect(JSON.parse(json.stdout)).toMatchObject({
        callId,
        found: true,
        calls: [
          { source: 'vox', call: { settlement: 'settled' }, covered: true, audit: { outcome: 'equal' } },
        ],
      });
      const secrets = await secretsOf(bench, callId);
      expect(secrets.length).toBeGreaterThan(2);
      for (const secret of secrets) expect(text.stdout + json.stdout).not.toContain(secret);

      await role(`revoke callhouse_pii_reader from "${reader.username}"`);
      await role(`grant callhouse_reader to "${reader.username}"`);
      const masked = await callhouse(['why', callId], env);
      expect([masked.code, masked.stdout]).toEqual([1, '']);
      expect(masked.stderr).toContain('ask for the role callhouse_pii_reader');
    } finally {
      await role(`drop role "${reader.username}"`);
    }
  });
});

describe('why, of a call that is not as it should be', () => {
  it('says since when it is missing, and when it is asked for again', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    bench.sandbox.vox.faults.add({ kind: 'deleted', callId });
    await bench.pool.query(
      `insert into callhouse_sync.settlements select source_id, call_id, $2, 0, $2, '{transcript}', 'detail', $2
       from callhouse.calls where call_id = $1`,
      [callId, new Date(bench.clock.now())],
    );
    await bench.pass();

    const { why: reason, next } = explainStanding(await lineageOf(bench, callId), bench.clock.now());

    expect(reason).toMatch(/^The vendor answered at \S+Z that it does not know this call/);
    expect(next).toMatch(/by asking for the call itself/);
    expect(await told(bench, callId)).toMatch(/settlement: settled → missing/);
  });

  it('says that it is stuck', async () => {
    const bench = await startBench({ pastCalls: 40, stuckShare: 1 });
    bench.clock.advance(25 * HOUR);
    await bench.pass();
    const callId = await bench.value<string>(
      "select call_id from callhouse.calls where settlement = 'stuck' limit 1",
    );
    const text = await told(bench, callId);
    expect(text).toMatch(/why +It did not end in the time that calls are given, so it is presumed stuck/);
  });

  it('says what never came when it is expired', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    await bench.pool.query(
      "update callhouse.calls set settlement = 'expired', settled_at = null where call_id = $1",
      [callId],
    );
    await bench.pool.query('delete from callhouse.call_costs where call_id = $1', [callId]);
    const { why: reason, next } = explainStanding(await lineageOf(bench, callId), bench.clock.now());
    expect(reason).toBe('Its deadline passed and this never came: cost.');
    expect(next).toMatch(/`callhouse resync` reads it now/);
  });

  it('tells of a field of a later record that could not be read', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    bench.sandbox.vox.faults.add({ kind: 'poison_row', callId, poison: 'cost_word', times: null });
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    await bench.pass();

    const text = await told(bench, callId);

    expect(text).toMatch(/Fields that could not be read, and are null: call_cost\.total_cost\./);
    expect(text).toMatch(/set aside\n {2}list of \S+Z could not be read: .*; the call is stored without it/);
  });

  it('tells of a later record that the database would not take', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    await insertRow(bench.pool, 'callhouse_sync.dead_letters', {
      source_id: bench.synced.sourceId,
      call_id: callId,
      kind: 'list',
      path: '(record)',
      scope: 'record',
      reason: '(record): the database refused it for what it says (SQLSTATE 54000)',
      payload: '{}',
      payload_hash: 'x',
      first_seen_at: '2026-11-20T00:00:00Z',
      last_seen_at: '2026-11-20T00:00:00Z',
      attempts: 1,
      next_check_at: '2026-11-20T00:05:00Z',
    });
    const text = await told(bench, callId);
    expect(text).toMatch(/could not be read \(\(record\): .*\), so the row may be behind/);
    expect(text).toMatch(/set aside\n {2}list of \S+Z could not be read: .*; asked for again \S+Z/);
  });

  it('says that the vendor refused it, with the reason', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    const reason = 'GET https://vendor.invalid/calls answered 423';
    await insertRow(bench.pool, 'callhouse_sync.settlements', {
      source_id: bench.synced.sourceId,
      call_id: callId,
      next_check_at: '2026-11-20T00:05:00Z',
      deadline_at: '2026-11-20T00:05:00Z',
      awaiting: ['transcript'],
      next_read: 'detail',
      queued_at: '2026-11-20T00:00:00Z',
      last_fault: reason,
    });
    expect(await told(bench, callId)).toContain(`the vendor refused it: ${reason}.`);
  });

  it('says where its time lies when nobody covered it, and what the last audit of it found', async () => {
    const bench = await startSynced();
    const callId = await settledCall(bench);
    await bench.pool.query('delete from callhouse_sync.checkpoints');
    await bench.pool.query(
      `insert into callhouse_sync.audits (source_id, window_from, window_to, method, audited_at, run_id, stored_calls,
         outcome, not_listed, requests)
       select source_id, occurred_at - interval '1 hour', occurred_at + interval '1 hour', 'ids',
         (select max(audited_at) from callhouse_sync.audits) + interval '1 minute', gen_random_uuid(), 1, 'differs', array[call_id], 1 from callhouse.calls where call_id = $1`,
      [callId],
    );
    const text = await told(bench, callId);
    expect(text).toMatch(/its time +is not covered/);
    expect(text).toMatch(/last audit +\S+Z by ids, .*: differs; it named this call: not_listed/);
  });
});

describe('why, of an id that is not here', () => {
  it('ends with 1, says what was read, and what to do', async () => {
    const bench = await startSynced();
    const { code, stdout } = await why(bench, 'never-heard-of');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^No call never-heard-of is in this warehouse\. An id does not tell when a call happened/,
    );
    expect(stdout).toMatch(
      /vox: read are the beginning to \S+Z, without a gap\. A call that its list showed/,
    );
    expect(stdout).toContain('`callhouse resync never-heard-of` asks vox for it now.');
  });

  it('tells of the record that was set aside, and of the audit that named it', async () => {
    const bench = await startBench({ pastCalls: 40 });
    bench.clock.advance(HOUR);
    const callId = 'never-stored';
    await bench.pass();
    await insertRow(bench.pool, 'callhouse_sync.dead_letters', {
      source_id: bench.synced.sourceId,
      call_id: callId,
      kind: 'list',
      path: '(record)',
      scope: 'record',
      reason: '(record): the database refused it for what it says (SQLSTATE 54000)',
      payload: '{}',
      payload_hash: 'x',
      first_seen_at: '2026-11-20T00:00:00Z',
      last_seen_at: '2026-11-20T00:00:00Z',
      attempts: 1,
    });
    await insertRow(bench.pool, 'callhouse_sync.audits', {
      source_id: bench.synced.sourceId,
      window_from: '2026-11-18T00:00:00Z',
      window_to: '2026-11-19T00:00:00Z',
      method: 'ids',
      audited_at: '2026-11-20T00:00:00Z',
      run_id: '00000000-0000-0000-0000-000000000000',
      stored_calls: 1,
      outcome: 'differs',
      not_stored: [callId],
      requests: 1,
    });

    const { code, stdout } = await why(bench, callId, '--json');
    const { stdout: text } = await why(bench, callId);

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      found: false,
      deadLetters: [{ source: 'vox', path: '(record)', scope: 'record' }],
      audits: [{ outcome: 'differs', named: ['not_stored'] }],
    });
    expect(text).toMatch(/vox: list of \S+Z could not be read: \(record\): the database refused it/);
    expect(text).toMatch(/vox: an audit named it: .*: differs; it named this call: not_stored/);
  });

  it('is no usage error, but a source that is not there is one', async () => {
    const bench = await startSynced();
    const { code, stderr } = await why(bench, 'x', '--source', 'voz');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--source voz: there is no such source; this warehouse has: vox/);
    expect((await callhouse(['why'], { DATABASE_URL: bench.databaseUrl })).code).toBe(2);
  });
});

it('why shows every source that has the id', async () => {
  const bench = await startSynced();
  const callId = await settledCall(bench);
  const second = await insertSource(bench.pool, 'vox-two', 'Asia/Seoul');
  const occurredAt = new Date(bench.clock.now() - DAY).toISOString();
  await insertCall(bench.pool, { source_id: second, call_id: callId, occurred_at: occurredAt });

  const { stdout } = await why(bench, callId, '--json');
  const only = await why(bench, callId, '--json', '--source', 'vox-two');

  const sources = (text: string) =>
    (JSON.parse(text) as { calls: { source: string }[] }).calls.map(({ source }) => source);
  expect(sources(stdout)).toEqual(['vox', 'vox-two']);
  expect(sources(only.stdout)).toEqual(['vox-two']);
});
