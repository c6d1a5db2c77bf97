import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { MINUTE, SECOND, systemClock } from '../../src/clock.ts';
import { createConsole } from '../../src/commands/console.ts';
import { openSources } from '../../src/commands/open-sources.ts';
import { type PlaceCommand, place } from '../../src/commands/place.ts';
import { readSettings } from '../../src/config/settings.ts';
import { openDatabase } from '../../src/database/database.ts';
import { explainFailure } from '../../src/explain-failure.ts';
import { createHttpTransport } from '../../src/http/transport.ts';
import { createLogger } from '../../src/log.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { SyncContext } from '../../src/sync/context.ts';
import { newReread, resyncCalls } from '../../src/sync/resync.ts';
import { runUnderLease } from '../../src/sync/sync-source.ts';
import { callhouse, startCallhouse } from '../support/command-line.ts';
import { useTestDatabase } from '../support/database.ts';

const FROM = '07011220005';
const TO = '01012345678';

const database = useTestDatabase();
const log = createLogger('silent');
let sandbox: Sandbox;
let agentId: string;
/** Ahead of ours by so much: a test lets the vendor's time pass. */
let vendorAheadMs = 0;

const env = (): Record<string, string> => ({
  DATABASE_URL: database.url,
  VOX_API_KEY: 'sandbox-key',
  VOX_BASE_URL: sandbox.vox.baseUrl,
  VOX_REQUESTS_PER_SECOND: '5000',
  VOX_REQUESTS_PER_MINUTE: '300000',
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command in this process, where its clock can be made to hurry. */
async function run(
  command: Partial<PlaceCommand>,
  { json = false, settings = {} }: { json?: boolean; settings?: Record<string, string> } = {},
): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') =>
    ({ write: (text: string) => (written[name] += text) }) as unknown as NodeJS.WriteStream;
  const console = createConsole({ json, stdout: stream('stdout'), stderr: stream('stderr'), now: Date.now });
  const { signal } = new AbortController();
  const context = { settings: readSettings({ ...env(), ...settings }), console, log, signal };
  const order = { from: FROM, to: TO, agentId, presentation: null, variables: [], metadata: [] };
  const rest = { source: null, wait: false, timeoutMs: 30 * MINUTE };
  try {
    return { code: await place(context, { ...order, ...rest, ...command }), ...written };
  } catch (error) {
    const { message, exitCode } = explainFailure(error, signal);
    return { code: exitCode, stdout: written.stdout, stderr: `${written.stderr}${message}` };
  }
}

const HURRY = 40;
/** Waits and deadlines pass so many times quicker; the clock itself goes on as ever. */
function hurry(onSleep: (ms: number) => Promise<void> = async () => undefined): void {
  const { deadline } = systemClock;
  vi.spyOn(systemClock, 'deadline').mockImplementation((ms) => deadline(ms / HURRY));
  vi.spyOn(systemClock, 'sleep').mockImplementation(async (ms, signal) => {
    await pause(ms / HURRY, undefined, signal ? { signal } : {});
    await onSleep(ms);
  });
}

const sent = () => sandbox.vox.requests.counts.create;
const breakWith = (fault: FaultInput) => sandbox.vox.faults.add({ ...fault, route: 'create' } as FaultInput);

async function storedCalls() {
  const { rows } = await database.pool.query(
    `select call_id, status, from_number, to_number, agent_id, presentation_number, metadata, variables,
  (select array_agg(step order by revision) from callhouse.call_events e
    where e.source_id = c.source_id and e.call_id = c.call_id) as steps
from callhouse.calls c order by first_seen_at`,
  );
  return rows;
}

beforeAll(async () => {
  sandbox = await startSandbox({
    pastCalls: 20,
    now: () => Date.now() + vendorAheadMs,
    requestsPerSecond: 0,
    requestsPerMinute: 0,
  });
  agentId = sandbox.vox.world.agents.find(({ number }) => number === FROM)?.id ?? '';
});
beforeEach(async () => {
  sandbox.vox.requests.reset();
  await database.pool.query('truncate callhouse.calls cascade');
});
afterEach(() => {
  sandbox.vox.faults.clear();
  vi.restoreAllMocks();
});
afterAll(() => sandbox.close());

describe('--wait', () => {
  // The first call of this sandbox: its seed lets it be answered, and end with a conversation.
  it('tells each change of the call once until it is settled, and what came of it', async () => {
    const course = { steps: 0 };
    const letVendorTimePass = async (ms: number) => {
      if (ms !== 5 * SECOND) return;
      course.steps += 1;
      const [{ call_id: callId } = { call_id: '' }] = await storedCalls();
      const now = Date.now() + vendorAheadMs;
      const plan = sandbox.vox.world.planOf(callId, now);
      const milestones = [plan?.connectMs, plan?.finishMs, (plan?.finishMs ?? 0) + 15 * MINUTE];
      vendorAheadMs = Math.max(now, (milestones[course.steps - 1] ?? now) + SECOND) - Date.now();
      if (course.steps === 3) {
        await database.pool.query(
          "update callhouse_sync.settlements set next_check_at = now() - interval '1 s'",
        );
      }
    };
    hurry(letVendorTimePass);

    const { code, stdout, stderr } = await run({ wait: true });

    expect([code, sent()]).toEqual([0, 1]);
    const told = stderr.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'T').split('\n');
    expect(told).toEqual([
      expect.stringMatching(/^placed: [0-9a-f-]{36}$/),
      'T  queued, open',
      'T  ongoing, open',
      'T  ended (user_hangup), settling',
      'T  ended (user_hangup), settled',
      '',
    ]);
    expect(stdout).toMatch(
      /^call +[0-9a-f-]{36} at vox\nplacement +[0-9a-f-]{36}\nstate +ended \(user_hangup\), settled\nduration +\d+s\ncost +\d+\.\d\d KRW\nturns +\d+\nsummary +\S/,
    );
    const [call] = await storedCalls();
    expect(call?.steps?.[0]).toBe('place');
    vendorAheadMs = 0;
  });

  it('gives up when time is up, and names the state', async () => {
    hurry();
    const { code, stdout, stderr } = await run({ wait: true, timeoutMs: 300 });
    expect([code, sent()]).toEqual([1, 1]);
    expect(stdout).toMatch(/state +queued, open/);
    expect(stderr).toMatch(
      /time is up after 300ms: the call is queued, open; callhouse why [0-9a-f-]{36} says/,
    );
  });
});

describe('--wait beside others', () => {
  it('watches the rows while another worker has the source in hand', async () => {
    const others: Awaited<ReturnType<typeof holdLease>>[] = [];
    hurry(async (ms) => {
      if (ms !== 5 * SECOND) return;
      if (others.length === 0) {
        others.push(await holdLease());
        sandbox.vox.requests.reset();
      } else {
        await database.pool.query(
          "update callhouse.calls set status = 'ended', settlement = 'settled', settled_at = now()",
        );
      }
    });
    const { code, stdout } = await run({ wait: true });
    for (const other of others) await other.letGo();
    expect([code, sandbox.vox.requests.entries]).toEqual([0, []]);
    expect(stdout).toMatch(/state +ended, settled/);
  });

  it('stopped, ends the waiting and not the call', async () => {
    const order = ['--from', FROM, '--to', TO, '--agent', agentId];
    const { child, stderr, finished } = startCallhouse(['place', ...order, '--wait'], env());
    await vi.waitFor(() => expect(stderr()).toContain('queued, open'), { timeout: 60_000, interval: 20 });
    child.kill('SIGINT');
    const ended = await finished;
    expect([ended.code, sent()]).toEqual([1, 1]);
    expect(ended.stderr).toMatch(/stopped waiting: the call is queued, open; callhouse why/);
    expect(ended.stdout).toMatch(/^call +[0-9a-f-]{36} at vox\n/);
  });
});

describe('a call that is placed', () => {
  it('is one request, and a row with its mark and the step that brought it', async () => {
    const { code, stdout, stderr } = await run({
      to: '+82 10-1234-5678',
      presentation: '1588-0100',
      variables: ['customer_name=홍길동', 'note=a=b'],
      metadata: ['crm_lead_id=lead_7', 'empty='],
    });

    expect([code, sent()]).toEqual([0, 1]);
    expect(stderr).toContain("--to '+82 10-1234-5678' is sent as 01012345678\n");
    expect(stderr).toContain("--presentation '1588-0100' is sent as 15880100\n");
    const [, callId, placement] =
      /^call +(\S+) at vox\nplacement +(\S+)\nstate +queued, open\n$/.exec(stdout) ?? [];
    expect(await storedCalls()).toEqual([
      {
        call_id: callId,
        status: 'queued',
        from_number: FROM,
        to_number: TO,
        agent_id: agentId,
        presentation_number: '15880100',
        metadata: { crm_lead_id: 'lead_7', empty: '', callhouse_placement: placement },
        variables: { customer_name: '홍길동', note: 'a=b' },
        steps: ['place'],
      },
    ]);
    const { rows } = await database.pool.query(
      `select step, call_ids, command, outcome from callhouse_sync.requests
join callhouse_sync.runs using (source_id, run_id) where step = 'place' order by started_at desc limit 1`,
    );
    expect(rows).toEqual([{ step: 'place', call_ids: [callId], command: 'place', outcome: 'done' }]);
  });

  it('from a line of eight digits, and without an agent where the number has its own', async () => {
    expect((await run({ from: '15880101' })).code).toBe(0);
    expect((await run({ from: '07011220099', agentId: null })).code).toBe(0);
    expect(sent()).toBe(2);
  });

  it('is told as JSON, by the command line too', async () => {
    const { code, stdout, stderr } = await callhouse(
      [
        'place',
        '--from',
        FROM,
        '--to',
        TO,
        '--agent',
        agentId,
        '--var',
        'a=1',
        '--var',
        'b=2',
        '--meta',
        'c=3',
        '--json',
      ],
      env(),
    );
    expect([code, sent()]).toEqual([0, 1]);
    const [row] = await storedCalls();
    expect(stderr).toBe(`placed: ${row?.call_id}\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      source: 'vox',
      outcome: 'placed',
      foundBy: 'answer',
      callId: row?.call_id,
      placement: row?.metadata.callhouse_placement,
      call: { status: 'queued', settlement: 'open' },
    });
    expect(row).toMatchObject({ variables: { a: '1', b: '2' }, metadata: { c: '3' } });
  });

  it('while another worker has the source in hand is told all the same, and left to the next pass', async () => {
    const other = await holdLease();
    const skipped = { ms: 0 };
    const { now } = systemClock;
    hurry(async (ms) => {
      skipped.ms += ms;
    });
    vi.spyOn(systemClock, 'now').mockImplementation(() => now() + skipped.ms);
    const { code, stdout, stderr } = await run({});
    await other.letGo();

    expect([code, sent()]).toEqual([0, 1]);
    expect(stderr).toMatch(/the call \S+ was placed, and is not stored yet: another worker is syncing vox/);
    expect(stderr).toContain('the next pass stores it');
    expect(stdout).toMatch(/state +not stored yet/);
  });

  it('and read by another worker meanwhile is left as that one stored it', async () => {
    const other = await holdLease(async (context) => {
      const placed = [...sandbox.vox.world.details(Date.now())].find(
        ({ metadata }) => metadata.race === 'yes',
      );
      await pause(1_100);
      await resyncCalls(context, [placed?.id ?? ''], newReread());
    });
    const placing = run({ metadata: ['race=yes'] });
    await vi.waitFor(() => expect(sent()).toBe(1), { interval: 10 });
    await other.letGo();
    const { code, stderr } = await placing;
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^placed: \S+\n$/)]);
    expect(await storedCalls()).toMatchObject([{ metadata: { race: 'yes' }, steps: ['resync'] }]);
  });
});

/** Holds the source as another machine's worker would; `last` is done with it before it is let go. */
async function holdLease(
  last: (context: SyncContext) => Promise<void> = async () => undefined,
): Promise<{ letGo: () => Promise<void> }> {
  const pool = openDatabase(database.url);
  const { transport, close } = createHttpTransport();
  const surroundings = { clock: systemClock, sharedNow: () => null, random: Math.random, transport, log };
  const [synced] = await openSources(readSettings(env()), pool, surroundings);
  if (!synced) throw new Error('there is no source');
  const elsewhere = { ...synced, worker: 'elsewhere:1:a' };
  let isHolding = false;
  const options = { command: 'test', signal: new AbortController().signal, leaseWaitMs: 0 };
  const work = runUnderLease(elsewhere, options, async (context) => {
    isHolding = true;
    for (; isHolding; await pause(20)) await elsewhere.clock.keepAlive?.renew();
    await last(context);
  });
  await vi.waitFor(() => expect(isHolding).toBe(true), { interval: 5 });
  return {
    async letGo() {
      isHolding = false;
      expect((await work).outcome).toBe('done');
      await close();
      await pool.end();
    },
  };
}

describe('an order that is refused', () => {
  const UNKNOWN_AGENT = '00000000-0000-4000-8000-000000000000';
  it.each<[string, FaultInput | null, () => Partial<PlaceCommand>, RegExp]>([
    ['a wrong key', { kind: 'unauthorized' }, () => ({}), /answered 401: UNAUTHORIZED/],
    [
      'too many requests',
      { kind: 'rate_limited', retryAfterMs: 20 },
      () => ({}),
      /answered 429: RATE_LIMIT_EXCEEDED/,
    ],
    ['an agent that is not there', null, () => ({ agentId: UNKNOWN_AGENT }), /answered 404: NOT_FOUND/],
    [
      'a number that may not be shown',
      null,
      () => ({ presentation: '15889999' }),
      /answered 400: VALIDATION_ERROR; field presentation_number; is not an approved/,
    ],
    ['no agent', null, () => ({ agentId: null }), /answered 400: VALIDATION_ERROR; field agent; is required/],
    [
      'a refusal that breaks off',
      { kind: 'hang_body' },
      () => ({ agentId: UNKNOWN_AGENT }),
      /answered 404: no reason given/,
    ],
  ])('%s: nothing was placed, one request, exit 1', async (_what, fault, command, words) => {
    hurry();
    if (fault !== null) breakWith(fault);
    const { code, stdout, stderr } = await run(command());
    expect([code, sent(), stdout]).toEqual([1, 1, '']);
    expect(stderr).toMatch(/^no call was placed: POST \/calls answered/);
    expect(stderr).toMatch(words);
    expect(sandbox.vox.requests.counts.list).toBe(0);
    expect(await storedCalls()).toEqual([]);
  });

  it('is JSON on request', async () => {
    breakWith({ kind: 'unauthorized' });
    const { stdout } = await run({}, { json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'refused',
      callId: null,
      reason: expect.stringMatching(/401/),
    });
  });

  it('a vendor that is not reached: nothing was placed', async () => {
    const { code, stderr } = await run({}, { settings: { VOX_BASE_URL: 'http://127.0.0.1:1/v3' } });
    expect([code, stderr]).toEqual([1, 'no call was placed: the vendor was not reached (ECONNREFUSED)\n']);
  });
});

describe('an order of which nobody knows what came', () => {
  it.each<[string, FaultInput]>([
    ['the answer breaks off', { kind: 'truncated' }],
    ['the answer stalls', { kind: 'hang_body' }],
    ['the vendor is slow, and places the call after we have given up', { kind: 'slow', delayMs: 700 }],
  ])('is found by its mark when %s', async (_what, fault) => {
    hurry();
    breakWith(fault);
    const { code, stdout, stderr } = await run({});
    expect([code, sent()]).toEqual([0, 1]);
    expect(stderr).toMatch(/: looking for the call\nplaced: /);
    const [row, ...others] = await storedCalls();
    expect(others).toEqual([]);
    expect(stdout).toContain(
      `call       ${row?.call_id} at vox\nplacement  ${row?.metadata.callhouse_placement}\n`,
    );
    expect(row?.steps).toEqual(['place']);
  });

  it.each<[FaultInput, RegExp]>([
    [{ kind: 'hang' }, /did not answer in time/],
    [{ kind: 'reset' }, /failed: (ECONNRESET|UND_ERR_SOCKET)/],
    [{ kind: 'server_error', status: 503 }, /answered 503/],
    [{ kind: 'html' }, /answered 200 with what is no record of a call/],
    [{ kind: 'empty_body' }, /answered 200 with what is no record of a call/],
    [{ kind: 'redirect' }, /answered 302/],
  ])('with $kind is sent once, looked for, and told as unknown', async (fault, words) => {
    const pauses: number[] = [];
    hurry(async (ms) => {
      pauses.push(ms / SECOND);
    });
    breakWith(fault);
    const { code, stdout, stderr } = await run({});
    expect([code, sent(), stdout]).toEqual([1, 1, '']);
    expect(stderr).toMatch(words);
    expect(stderr).toContain('It is not known whether the call was placed');
    expect(stderr).toMatch(
      /The order was sent once and is not sent again: the call may be ringing\. The lists were read \d times since and do not show it\./,
    );
    expect(stderr).toMatch(
      /callhouse sync\n {2}select .* where metadata->>'callhouse_placement' = '[0-9a-f-]{36}';/,
    );
    expect(pauses.slice(0, 3)).toEqual([2, 5, 10]);
    expect(sandbox.vox.requests.counts.list).toBeGreaterThan(3);
  });

  it('says so when the lists cannot be read either', async () => {
    hurry();
    sandbox.vox.faults.add({ kind: 'unauthorized', route: 'list', times: null });
    breakWith({ kind: 'server_error' });
    const { code, stdout, stderr } = await run({}, { json: true });
    expect([code, sent()]).toEqual([1, 1]);
    expect(stderr).toMatch(
      /may be ringing\. The lists could not be read \(GET .*401: the API key is not accepted; the vendor says: UNAUTHORIZED; .*\)\./,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'unknown',
      callId: null,
      reason: expect.stringMatching(/500/),
    });
  });

  it('stopped while it is sent, is told as unknown at once', async () => {
    breakWith({ kind: 'hang' });
    const { child, finished } = startCallhouse(
      ['place', '--from', FROM, '--to', TO, '--agent', agentId],
      env(),
    );
    await vi.waitFor(() => expect(sent()).toBe(1), { timeout: 60_000, interval: 20 });
    child.kill('SIGINT');
    const { code, stderr } = await finished;
    expect([code, sent()]).toEqual([1, 1]);
    expect(stderr).toMatch(
      /not known whether the call was placed: stopped by SIGINT\.\nThe order was sent once/,
    );
    expect(stderr).toContain('It was not looked for.');
  });
});

describe('wrong usage', () => {
  it.each<[string, Partial<PlaceCommand>, string[]]>([
    ['no numbers', { from: null, to: null }, ['--from is missing', '--to is missing']],
    [
      'everything at once',
      { to: '+12025550100', from: '112', agentId: 'me', variables: ['x', 'y=1', 'y=2'], metadata: ['=1'] },
      [
        "--to '+12025550100' is no valid Korean number; it wants one such as 01012345678 or 15880101",
        "--from '112' is no valid Korean number",
        "--agent 'me' is no id of an agent, which is a UUID",
        "--var 'x' wants a name and a value, such as name=value",
        '--var y is given twice',
        "--meta '=1' wants a name and a value",
      ],
    ],
    [
      'words around a number',
      { to: 'call 01012345678' },
      ["--to 'call 01012345678' is no valid Korean number"],
    ],
    ['an extension', { to: '01012345678 ext 5' }, ["--to '01012345678 ext 5' is no valid Korean number"]],
    [
      'a mark of one’s own',
      { metadata: ['callhouse_placement=1'] },
      ['--meta callhouse_placement: callhouse sets'],
    ],
    ['a source that is not there', { source: 'voz' }, ['--source voz: there is no such source']],
  ])('%s: exit 2 with every problem, and nothing is sent', async (_what, command, problems) => {
    const { code, stderr } = await run(command);
    expect([code, sent()]).toEqual([2, 0]);
    for (const problem of problems) expect(stderr).toContain(`- ${problem}`);
    expect(stderr.match(/^ {2}- /gm)).toHaveLength(problems.length);
  });

  it('several accounts that can place it: --source says which', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callhouse-place-'));
    const file = join(folder, 'callhouse.yaml');
    const source = (name: string, host: string) =>
      `  - {name: ${name}, vendor: vox, api_key: env:KEY, base_url: ${sandbox.vox.baseUrl.replace('127.0.0.1', host)}}\n`;
    await writeFile(file, `sources:\n${source('seoul', '127.0.0.1')}${source('busan', 'localhost')}`);
    const settings = { CALLHOUSE_CONFIG: file, KEY: 'sandbox-key' };

    const unsaid = await run({}, { settings });
    expect([unsaid.code, sent()]).toEqual([2, 0]);
    expect(unsaid.stderr).toContain('--source is missing: these can place the call: seoul, busan');
    const said = await run({ source: 'busan' }, { settings });
    expect([said.code, sent()]).toEqual([0, 1]);
    expect(said.stdout).toMatch(/^call +\S+ at busan\n/);
    await rm(folder, { recursive: true });
  });
});
