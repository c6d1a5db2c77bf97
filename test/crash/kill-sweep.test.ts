import { afterAll, expect, it, vi } from 'vitest';
import type { LoggedRequest } from '../../src/sandbox/request-log.ts';
import { expectGreen, openStage, type Stage, SYNC } from './stage.ts';
import { type SweepRow, sweepTable } from './sweep-table.ts';
import type { Step } from './worker.ts';

// Each is two processes, one after the other: two at once keep two cores busy.
vi.setConfig({ maxConcurrency: 2 });

/** How far a killed process had come: what `runs` and the lease tell of it. */
type Left = 'no schema' | 'no source' | 'no run' | 'running' | 'finished';

interface SweepStep extends Step {
  name: string;
  left: Left;
  /** The vendor stops answering in the middle of the second page of history. */
  hangs?: true;
}

/** The second page of history has been read: the first is the probe. */
const PAGE = 'heard history > heard history';
/** The last page of history is stored; the live window's watermark was the first. What follows are details. */
const DETAILS = 'after move watermark > after move watermark > after commit fenced';
/** A batch of details among many. */
const LATER = 3;
/** What a crash may cost: pages and details that are asked for again. */
interface Cost {
  pages: number;
  details: number;
}
/** A key with few requests: what was being stored. Details that are asked for together are stored together. */
const STORED: Cost = { pages: 1, details: 9 };
/** A key that may send as many as here: what was being stored, and what was on its way meanwhile. */
const STORED_AND_AHEAD: Cost = { pages: 2, details: 2 * 64 };

const RUNS_LEFT: Partial<Record<Left, string[]>> = {
  running: ['running'],
  finished: ['done'],
};

const STEPS: readonly SweepStep[] = [
  step('in the middle of a migration', 'after create calls', 'no schema'),
  step('before the migrations are committed', 'after note migration > before commit', 'no schema', 1),
  step('before the source is registered', 'before register source', 'no source'),
  step('after the lease was taken', 'after take lease', 'no run'),
  step('before the mark of the key is saved', 'before save key mark', 'running'),
  step('before the budget is asked', 'after save key mark > before begin', 'running'),
  step('while the budget is locked', 'after read budget', 'running'),
  step('after a request was counted, before its commit', 'after save budget', 'running', 3),
  step('before the first list request is sent', 'ask list', 'running'),
  step('after the wanted time was noted', 'after want window', 'running', 2),
  step('after the live page was stored, before its commit', 'after move watermark', 'running'),
  step('after the agents were stored, before their commit', 'after upsert callhouse.agents', 'running'),
  step('after the probe was read', 'heard history', 'running'),
  step('after the probe was committed', 'heard history > after commit fenced', 'running'),
  {
    ...step('while the body of a page arrives', 'heard history > body history', 'running'),
    hangs: true,
  },
  step('after a page was read, before its transaction', PAGE, 'running'),
  step('after the fence', `${PAGE} > after fence`, 'running'),
  step('after the calls of a page', `${PAGE} > after upsert callhouse.calls`, 'running'),
  step('after the raw payloads of a page', `${PAGE} > after upsert callhouse_sync.raw_payloads`, 'running'),
  step('after the queue of a page', `${PAGE} > after upsert callhouse_sync.settlements`, 'running'),
  step('after the checkpoint of a page', `${PAGE} > after save open window`, 'running'),
  step('after the commit of a page was sent', `${PAGE} > sent commit fenced`, 'running'),
  step('after the commit of a page', `${PAGE} > after commit fenced`, 'running'),
  step('after the last page closed its window', `${PAGE} > after drop open window`, 'running'),
  step('while some details are asked for', `${DETAILS} > ask detail`, 'running', 4 * LATER + 2),
  step('after some details were read', `${DETAILS} > heard detail`, 'running', 4 * LATER + 3),
  step('after the fence of details', `${DETAILS} > heard detail > after fence`, 'running'),
  step('after the calls of details', `${DETAILS} > after upsert callhouse.calls`, 'running', LATER),
  step('after the transcripts', `${DETAILS} > after upsert callhouse.transcript_items`, 'running', LATER),
  step(
    'after the payloads of details',
    `${DETAILS} > after upsert callhouse_sync.raw_payloads`,
    'running',
    LATER,
  ),
  step('after details left the queue', `${DETAILS} > after dequeue settlements`, 'running', LATER),
  step('after the commit of details was sent', `${DETAILS} > heard detail > sent commit fenced`, 'running'),
  step('after the commit of details', `${DETAILS} > heard detail > after commit fenced`, 'running'),
  step('before the run is finished', 'before finish run', 'running'),
  step('before the lease is released', 'before release lease', 'finished'),
];

function step(name: string, at: string, left: Left, occurrence = 1): SweepStep {
  return { name, at, left, occurrence };
}

// Holds invariants 1, 2.
it.concurrent.for(STEPS)(
  'a worker killed $name loses nothing, and costs no more than what was on its way',
  async (killed, { onTestFinished }) => {
    const early = killed.left === 'no schema' || killed.left === 'no source';
    const stage = await openStage(onTestFinished, { empty: early });
    if (killed.hangs) stage.world.vox.faults.add({ kind: 'hang_body', route: 'list', after: 3 });
    rows.set(killed, await sweep(stage, killed, STORED_AND_AHEAD));
  },
);

// Holds invariants 1, 2.
it.concurrent.for(STEPS.filter(({ name }) => /^after the calls of/.test(name)))(
  'a worker with few requests that is killed $name costs one page, or the details of one transaction',
  async (killed, { onTestFinished }) => {
    const env = { VOX_REQUESTS_PER_SECOND: '19' };
    await sweep(await openStage(onTestFinished, { pastCalls: 220, env }), killed, STORED);
  },
);

/** Kills a worker at a step, lets another finish its work, and looks at what there is then. */
async function sweep(stage: Stage, killed: SweepStep, atMost: Cost): Promise<SweepRow> {
  const first = stage.start(SYNC, killed);
  expect(await first.finished).toMatchObject({ code: null, signal: 'SIGKILL', complaints: '' });
  await stage.abandoned();
  await expectLeft(stage, killed.left, first.child.pid ?? 0);

  const { code, complaints } = await stage.start(SYNC).finished;
  const faults = await stage.faults();
  const again = sentAgain(stage);
  expect({ code, complaints, faults }).toEqual({ code: 0, complaints: '', faults: [] });
  expect(again.pages).toBeLessThanOrEqual(atMost.pages);
  expect(again.details).toBeLessThanOrEqual(atMost.details);
  await expectTold(stage, killed.left);
  const { list: lists, detail: details } = stage.world.vox.requests.counts;
  return {
    step: killed.name,
    killed: `SIGKILL, ${killed.left}`,
    lists,
    pagesAgain: again.pages,
    details,
    outcome: 'exit 0, equal to the vendor',
  };
}

/** What is seen of a worker that was killed: by `status`, and in `runs`. */
async function expectLeft(stage: Stage, left: Left, pid: number): Promise<void> {
  const { source, complaint, exitCode } = await stage.status();
  if (left === 'no schema') {
    expect({ source, exitCode }).toEqual({ source: null, exitCode: 1 });
    expect(complaint).toContain('run callhouse migrate');
    return;
  }
  expect(complaint).toBe('');
  expect((await stage.runs()).map(({ outcome }) => outcome)).toEqual(RUNS_LEFT[left] ?? []);
  if (left === 'no source') expect(source).toBe(null);
  const holds = left === 'no run' || left === 'running' || left === 'finished';
  expect(source?.lease?.holder ?? '').toMatch(holds ? new RegExp(`:${pid}:`) : /^$/);
}

/** When the work is done, status is green, and `runs` tells of the worker that was killed. */
async function expectTold(stage: Stage, left: Left): Promise<void> {
  await expectGreen(stage);
  const ends = (await stage.runs()).map(({ outcome, error }) => ({ outcome, error }));
  const killed = (RUNS_LEFT[left] ?? []).map((outcome) =>
    outcome === 'running'
      ? { outcome: 'failed', error: 'the process ended before the run did' }
      : { outcome, error: null },
  );
  expect(ends).toEqual([...killed, { outcome: 'done', error: null }]);
}

/** Requests of history and of details that were sent more than once. */
function sentAgain({ world }: Stage): Cost {
  const { entries } = world.vox.requests;
  const isHistory = ({ kind, query }: LoggedRequest) => kind === 'list' && query.includes('sort_order=desc');
  const surplus = (sent: string[]) => sent.length - new Set(sent).size;
  return {
    pages: surplus(entries.filter(isHistory).map(({ query }) => query)),
    details: surplus(entries.filter(({ kind }) => kind === 'detail').map(({ path }) => path)),
  };
}

const rows = new Map<SweepStep, SweepRow>();

afterAll(() => {
  // biome-ignore lint/style/noProcessEnv: for a person who wants to see the table, not a setting of the test
  if (process.env.KILL_SWEEP_TABLE === undefined) return;
  process.stdout.write(sweepTable(STEPS.flatMap((one) => rows.get(one) ?? [])));
});
