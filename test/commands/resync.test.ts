import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { callhouse } from '../support/command-line.ts';
import { useTestDatabase } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { VOX } from '../support/vendors.ts';

const database = useTestDatabase();
let sandbox: Sandbox;
let callIds: string[];

const env = () => ({
  DATABASE_URL: database.url,
  VOX_API_KEY: 'sandbox-key',
  VOX_BASE_URL: sandbox.vox.baseUrl,
  VOX_REQUESTS_PER_SECOND: '5000',
  VOX_REQUESTS_PER_MINUTE: '300000',
});
const resync = (...args: string[]) => callhouse(['resync', ...args], env());

beforeAll(async () => {
  const originMs = Date.now() - HOUR;
  sandbox = await startSandbox({
    pastCalls: 60,
    historyDays: 3,
    originMs,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
  await callhouse(['sync'], env());
  const { rows } = await database.pool.query<{ call_id: string }>(
    'select call_id from callhouse.calls where transcript_item_count > 2 order by call_id limit 3',
  );
  callIds = rows.map(({ call_id }) => call_id);
});
afterAll(() => sandbox.close());

describe('callhouse resync', () => {
  it('by id tells what became of each call, mends what a hand has damaged, and ends with 0', async () => {
    const [damaged = '', whole = ''] = callIds;
    await database.pool.query('delete from callhouse.transcript_items where call_id = $1', [damaged]);

    const { code, stdout, stderr } = await resync(damaged, whole, damaged);

    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(`^call +source +result\n${damaged} +vox +changed\n${whole} +vox +unchanged\n`),
    );
    expect(await differencesFromTruth(database.pool, sandbox.vox.world.details(Date.now()), VOX)).toEqual([]);
  });

  it('takes ids as they are pasted: with blanks, quotes and commas, in capitals, some in one word', async () => {
    const [one = '', two = ''] = callIds;
    const { code, stdout } = await resync(` "${one.toUpperCase()}", '${two}'`);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`^call +source +result\n${one} +vox +unchanged\n${two} +vox +unchanged\n`),
    );

    const { code: wrong, stderr } = await resync(' ", " ');
    expect(wrong).toBe(2);
    expect(stderr).toContain('is no id of a call');
  });

  it('of a call that the vendor does not know ends with 1, and says whether it was ever stored', async () => {
    const [, , deleted = ''] = callIds;
    sandbox.vox.faults.add({ kind: 'deleted', callId: deleted });
    const { code, stdout, stderr } = await resync(deleted, 'never-heard-of', '--json');
    sandbox.vox.faults.clear();

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      sources: [
        {
          source: 'vox',
          outcome: 'done',
          calls: [
            { callId: deleted, result: 'missing' },
            { callId: 'never-heard-of', result: 'unknown' },
          ],
          counts: { detailRequests: 2, listRequests: 0 },
        },
      ],
    });
    expect(stderr).toContain(
      `vox no longer knows: ${deleted}. What is stored of them is kept and called missing.`,
    );
    expect(stderr).toContain('vox does not know: never-heard-of');
    expect((await resync(deleted)).code).toBe(0);
  });

  it('of a call whose record cannot be read ends with 1 and the reason', async () => {
    const [callId = ''] = callIds;
    sandbox.vox.faults.add({ kind: 'poison_row', route: 'detail', callId, poison: 'cost_word', times: null });
    const { code, stdout, stderr } = await resync(callId);
    sandbox.vox.faults.clear();

    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`${callId} +vox +unreadable`));
    expect(stderr).toMatch(
      /vox sent what cannot be read: .* \(call_cost\.total_cost: .*see callhouse_sync\.dead_letters/,
    );
    expect((await resync(callId)).code).toBe(0);
  });

  it('of a range lists it and asks for its transcripts', async () => {
    const from = new Date(Date.now() - 10 * 24 * HOUR).toISOString();
    const { code, stdout } = await resync('--from', from, '--to', new Date().toISOString(), '--json');
    expect(code).toBe(0);
    const { rows } = await database.pool.query<{ details: number }>(
      'select count(*)::integer as details from callhouse.calls where started_at is not null and not opt_out',
    );
    const counts = { listRequests: 1, detailRequests: rows[0]?.details, callsInserted: 0, callsUpdated: 0 };
    expect(JSON.parse(stdout)).toMatchObject({ sources: [{ outcome: 'done', calls: [], counts }] });
  });

  it.each([
    ['nothing', [], /wants call ids, or both --from and --to/],
    ['half a range', ['--from', '2026-01-01'], /both --from and --to/],
    ['a range and an id', ['x', '--from', '2026-01-01', '--to', '2026-01-02'], /wants call ids, or --from/],
    ['a range that ends before it begins', ['--from', '2026-01-02', '--to', '2026-01-01'], /must be before/],
    ['the name of a record without an id', ['sha256:00'], /'sha256:00' is no id of a call/],
    ['an id that is a path', ['..'], /'\.\.' is no id of a call/],
    [
      'a source that is not there',
      ['x', '--source', 'voz'],
      /--source voz: there is no such source; configured: vox/,
    ],
  ])('of %s is wrong usage', async (_what, args, words) => {
    const { code, stderr } = await resync(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});
