import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { createConsole } from '../../src/commands/console.ts';
import { place } from '../../src/commands/place.ts';
import { sync } from '../../src/commands/sync.ts';
import { readSettings } from '../../src/config/settings.ts';
import { createLogger } from '../../src/log.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { useTestDatabase } from '../support/database.ts';

const FROM = '07011220005';
const TIMEOUT_MS = 2 * SECOND;
/** What a command takes to open and close. */
const SLACK_MS = 4 * SECOND;

const database = useTestDatabase();
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ pastCalls: 20, requestsPerSecond: 0, requestsPerMinute: 0 });
});
afterEach(async () => {
  sandbox.vox.faults.clear();
  await database.pool.query('update callhouse_sync.budgets set blocked_until = null');
});
afterAll(() => sandbox.close());

async function timed(command: (context: Parameters<typeof sync>[0]) => Promise<number>) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    ({ write: (text: string) => (written[name] += text) }) as unknown as NodeJS.WriteStream;
  const settings = readSettings({
    DATABASE_URL: database.url,
    VOX_API_KEY: 'sandbox-key',
    VOX_BASE_URL: sandbox.vox.baseUrl,
    VOX_REQUESTS_PER_SECOND: '5000',
    VOX_REQUESTS_PER_MINUTE: '300000',
  });
  const console = createConsole({
    json: false,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    now: Date.now,
  });
  const { signal } = new AbortController();
  const startedAt = performance.now();
  const code = await command({ settings, console, log: createLogger('silent'), signal });
  return { code, tookMs: performance.now() - startedAt, ...written };
}

const syncUntil = (timeoutMs: number) => timed((context) => sync(context, { untilSettled: true, timeoutMs }));

/** Nothing is left as if it were still going on. */
async function expectNothingHeld() {
  const { rows: held } = await database.pool.query(
    'select from callhouse_sync.leases where holder is not null',
  );
  const { rows: running } = await database.pool.query(
    "select from callhouse_sync.runs where outcome = 'running'",
  );
  expect([held.length, running.length]).toEqual([0, 0]);
}

const TROUBLES: [string, FaultInput][] = [
  ['asks for an hour of silence', { kind: 'rate_limited', retryAfterMs: 60 * MINUTE, times: null }],
  ['never answers', { kind: 'hang', times: null }],
  ['never ends its answer', { kind: 'hang_body', times: null }],
  ['fails at everything', { kind: 'server_error', status: 503, times: null }],
];

describe('sync --until-settled --timeout', () => {
  it.each(TROUBLES)('is kept beside a vendor that %s', async (_, fault) => {
    sandbox.vox.faults.add(fault);
    const { code, tookMs, stderr } = await syncUntil(TIMEOUT_MS);
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(code).toBe(1);
    expect(stderr).toMatch(/vox: not settled within 2s: .*callhouse status says why/);
    await expectNothingHeld();
  });

  it('is kept while another worker has the source', async () => {
    await database.pool.query(
      `update callhouse_sync.leases set holder = 'elsewhere:1:ab', token = 9, acquired_at = now(),
  expires_at = now() + interval '1 hour'`,
    );
    const { code, tookMs, stderr } = await syncUntil(TIMEOUT_MS);
    await database.pool.query('update callhouse_sync.leases set holder = null, expires_at = null');
    expect([code, tookMs < TIMEOUT_MS + SLACK_MS]).toEqual([1, true]);
    expect(stderr).toMatch(/vox busy: another worker is syncing vox[\s\S]*not settled within 2s/);
  });

  it('cuts nothing off that is not late, and goes on where it was', async () => {
    const { code, stderr } = await syncUntil(10 * MINUTE);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('of a month is no timer that fires at once', async () => {
    expect(await syncUntil(40 * 24 * 60 * MINUTE)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('place --wait --timeout', () => {
  it.each(TROUBLES)('is kept beside a vendor that, once it has placed the call, %s', async (_, fault) => {
    const agentId = sandbox.vox.world.agents.find(({ number }) => number === FROM)?.id ?? null;
    const order = { from: FROM, to: '01012345678', agentId, presentation: null, variables: [], metadata: [] };
    for (const route of ['list', 'detail'] as const)
      sandbox.vox.faults.add({ ...fault, route } as FaultInput);
    const { code, tookMs, stderr } = await timed((context) =>
      place(context, { ...order, source: null, wait: true, timeoutMs: TIMEOUT_MS }),
    );
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(code).toBe(1);
    expect(stderr).toMatch(/time is up after 2s: the call is queued, open/);
    await expectNothingHeld();
  });
});
