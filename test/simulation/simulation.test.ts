import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { HOUR } from '../../src/clock.ts';
import { checkBystanders } from './checks/bystanders.ts';
import { withDatabase } from './databases.ts';
import { drawStory } from './draw-story.ts';
import { type Play, sceneOf } from './play.ts';
import { playAndJudge } from './result.ts';
import { playStory } from './run-story.ts';
import { shrink } from './shrink.ts';
import { PROFILES, type Story, vendorStruck } from './story.ts';
import { judge } from './verdict.ts';

const simulate = (story: Story) =>
  withDatabase(inject('serverUrl'), inject('templateDatabase'), (server) => playAndJudge(story, server));

/** Vacuums move rows and change plans. An autovacuum does so in its own time: rows without an order come in any. */
const simulateAmidVacuums = (story: Story) =>
  withDatabase(inject('serverUrl'), inject('templateDatabase'), async (server) => {
    let isOver = false;
    const vacuuming = (async () => {
      while (!isOver) await server.admin.query('vacuum (analyze)');
    })();
    try {
      return await playAndJudge(story, server);
    } finally {
      isOver = true;
      await vacuuming;
    }
  });

/** A story that is played in a moment. */
function shortStory(seed: number, profile: (typeof PROFILES)[number]): Story {
  const story = drawStory(seed, profile);
  const horizonMs = Math.min(story.horizonMs, 8 * story.settings.pollIntervalMs);
  const { pastCalls, liveCalls } = story.world;
  return {
    ...story,
    horizonMs,
    world: { ...story.world, pastCalls: Math.min(16, pastCalls), liveCalls: Math.min(8, liveCalls) },
    incidents: story.incidents.map((incident) => ({ ...incident, atMs: incident.atMs % horizonMs })),
  };
}

describe('a story', () => {
  // Holds invariants 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 21.
  it.each(PROFILES)('of the profile %s ends with a warehouse that is as the vendor says', async (profile) => {
    for (const seed of [1, 2]) {
      const { complaints } = await simulate(shortStory(seed, profile));
      expect(complaints, `seed ${seed}`).toEqual([]);
    }
  });

  it('takes the same course whenever it is played', async () => {
    const story = shortStory(7, 'everything');
    const first = await simulate(story);
    const second = await simulate(story);
    expect(second.digest).toBe(first.digest);
    expect(first.operations).toBeGreaterThan(500);
    const { wallMs: _first, ...came } = first;
    const { wallMs: _second, ...cameAgain } = second;
    expect(cameAgain).toEqual(came);
  });

  it('of three vendors takes the same course whenever it is played, whatever the server tidies up meanwhile', async () => {
    const story = shortStory(2, 'three');
    const first = await simulate(story);
    expect(first.complaints).toEqual([]);
    expect((await simulateAmidVacuums(story)).digest).toBe(first.digest);
  });

  it('of several vendors has some that nothing befalls', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const story = drawStory(seed, 'three');
      const struck = new Set(story.incidents.map((incident) => vendorStruck(story, incident)));
      expect(struck.has(null)).toBe(false);
      expect(struck.size).toBeLessThan(story.vendors.length);
    }
  });

  it('takes a right of a key away only where the vendor grants rights', () => {
    for (const profile of PROFILES.filter((name) => name !== 'diga')) {
      const stories = Array.from({ length: 20 }, (_, seed) => drawStory(seed, profile));
      expect(stories.flatMap(({ incidents }) => incidents).filter(({ kind }) => kind === 'rights')).toEqual(
        [],
      );
    }
  });

  it('is drawn from its seed alone', () => {
    expect(drawStory(11, 'everything')).toEqual(drawStory(11, 'everything'));
    expect(drawStory(12, 'everything')).not.toEqual(drawStory(11, 'everything'));
    expect(JSON.parse(JSON.stringify(drawStory(11, 'data')))).toEqual(drawStory(11, 'data'));
  });
});

/** A call of the finished story with everything: a transcript, a cost and an analysis. */
const WHOLE = `(select c.call_id from callhouse.calls c
  join callhouse.call_costs using (source_id, call_id) join callhouse.call_analyses using (source_id, call_id)
  where c.settlement = 'settled' and c.transcript_item_count > 3 order by c.call_id limit 1)`;

/** A fault, the statement that plants it into a warehouse that is right, and the complaint that it must cause. */
const PLANTED: readonly [fault: string, sql: string, check: string, words: RegExp][] = [
  [
    'a wrong cost',
    `update callhouse.call_costs set amount = amount + 0.01 where call_id = ${WHOLE}`,
    'content',
    /costs: is/,
  ],
  [
    'a wrong number',
    `update callhouse.calls set to_number = '0' where call_id = ${WHOLE}`,
    'content',
    /to_number: is "0"/,
  ],
  [
    'a missing turn',
    `delete from callhouse.transcript_items where position = 1 and call_id = ${WHOLE}`,
    'structure',
    /positions \{0,2/,
  ],
  [
    'a missing last turn',
    `delete from callhouse.transcript_items t using callhouse.calls c where t.call_id = c.call_id
      and c.call_id = ${WHOLE} and t.position = c.transcript_item_count - 1`,
    'content',
    /items: is/,
  ],
  [
    'a missing call',
    `delete from callhouse.calls where call_id = ${WHOLE}`,
    'content',
    /is not in the warehouse/,
  ],
  [
    'an analysis that is gone',
    `delete from callhouse.call_analyses where call_id = ${WHOLE}`,
    'content',
    /summary: is null/,
  ],
  [
    'a gap',
    `update callhouse_sync.checkpoints set covered = covered - (
      select tstzmultirange(tstzrange(fresh_to - interval '3 hours', fresh_to - interval '2 hours')) from callhouse_sync.coverage)`,
    'structure',
    /gap from/,
  ],
  [
    'a call that is not settled',
    `update callhouse.calls set settlement = 'settling', settled_at = null where call_id = ${WHOLE}`,
    'settlement',
    /is settling, and should be settled/,
  ],
  [
    'a call called missing',
    `update callhouse.calls set settlement = 'missing', settled_at = null, missing_since = now() where call_id = ${WHOLE}`,
    'settlement',
    /is missing, and should be settled/,
  ],
  [
    'a lost event',
    `delete from callhouse.call_events where revision = 1 and call_id = ${WHOLE}`,
    'structure',
    /has revision \d+ and events/,
  ],
  [
    'an event that disagrees',
    `update callhouse.call_events set settlement = 'open' where call_id = ${WHOLE}`,
    'structure',
    /its last event says/,
  ],
  [
    'a settled call in the queue',
    `insert into callhouse_sync.settlements (source_id, call_id, next_check_at, deadline_at, awaiting, next_read, queued_at)
      select source_id, call_id, now(), now(), '{status}', 'list', now() from callhouse.calls where call_id = ${WHOLE}`,
    'structure',
    /is settled and in the queue/,
  ],
  [
    'a silent change',
    `update callhouse.calls set end_reason = 'magic' where call_id = ${WHOLE}`,
    'history',
    /changed without a restatement/,
  ],
  [
    'a change of a settled call that is not marked',
    `insert into callhouse.call_events (source_id, call_id, revision, observed_at, status, settlement, restated, changes)
      select source_id, call_id, revision + 1, now(), status, settlement, false, '{"end_reason": {}}' from callhouse.calls
      where call_id = ${WHOLE}`,
    'history',
    /is not marked as restated/,
  ],
  [
    'a run that never ended',
    `update callhouse_sync.runs set outcome = 'running'`,
    'structure',
    /is still running/,
  ],
  [
    'a budget that is blocked for ever',
    `update callhouse_sync.budgets set blocked_until = now() + interval '9 years'`,
    'structure',
    /blocked until/,
  ],
];

describe('the verdict', () => {
  let play: Play;
  let finish: () => void;
  let finished: Promise<void>;

  beforeAll(async () => {
    const hold = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await new Promise<void>((ready, fail) => {
      finished = withDatabase(inject('serverUrl'), inject('templateDatabase'), async (server) => {
        play = await playStory(shortStory(4, 'calm'), server);
        ready();
        await hold;
      });
      finished.catch(fail);
    });
  });
  afterAll(async () => {
    finish();
    await finished;
  });

  it('has nothing to say against a warehouse that is right', async () => {
    expect(await judge(play)).toEqual([]);
  });

  it.each(PLANTED)('catches %s', async (_fault, sql, check, words) => {
    const { admin } = play.server;
    await admin.query('begin');
    try {
      const planted = await admin.query(sql);
      expect(planted.rowCount).toBeGreaterThan(0);
      const complaints = await judge(play);
      expect(
        complaints
          .filter((one) => one.check === check)
          .map(({ message }) => message)
          .join('\n'),
      ).toMatch(words);
    } finally {
      await admin.query('rollback');
    }
  });

  it('catches requests beyond the budget, and writes after a lost lease', async () => {
    const crowded: Story = { ...play.story, settings: { ...play.story.settings, requestsPerMinute: 1 } };
    const stale = [
      { who: 'w0', vendor: 'vox', token: 2 },
      { who: 'w1', vendor: 'vox', token: 1 },
    ] as const;
    const complaints = await judge({ ...play, story: crowded, log: { ...play.log, commits: stale } });
    expect(complaints.map(({ check }) => check)).toEqual(expect.arrayContaining(['budget', 'fencing']));
  });

  it('catches a source that the trouble of another one holds up', () => {
    const { story, chronicle } = play;
    const pass = { worker: 'w0.1', vendor: 'vox', startedAtMs: 0, endedAtMs: 5, error: null } as const;
    const late = { ...pass, startedAtMs: story.settings.pollIntervalMs + HOUR };
    const beside: Play = {
      ...play,
      story: { ...story, vendors: ['vox', 'diga'] },
      chronicle: {
        ...chronicle,
        passes: [
          { ...pass, outcome: 'done' },
          { ...late, outcome: 'failed' },
        ],
      },
    };
    expect(checkBystanders(sceneOf(beside, 'vox'))).toEqual([
      expect.stringMatching(/a pass of w0.1 failed/),
      expect.stringMatching(/a pass of w0.1 began 3600000 ms late/),
    ]);
  });
});

describe('shrinking', () => {
  it('leaves vendors out that are not needed, with what befell them', async () => {
    const story = drawStory(1, 'three');
    const fails = async ({ vendors }: Story) => vendors.includes('diga');

    const smallest = await shrink(story, fails, () => false);

    expect(smallest.vendors).toEqual(['diga']);
    expect(smallest.incidents).toEqual([]);
  });

  it('leaves of a story that fails only what makes it fail', async () => {
    const story = drawStory(3, 'everything');
    const guilty = {
      id: 99,
      atMs: HOUR,
      kind: 'crash',
      worker: 0,
      operation: 3,
      moment: 'before',
      downForMs: 0,
    } as const;
    const innocent = drawStory(5, 'everything').incidents;
    const full: Story = { ...story, incidents: [...innocent, guilty, ...story.incidents] };
    let played = 0;
    const fails = async ({ incidents }: Story) => {
      played += 1;
      return incidents.some(({ id }) => id === 99);
    };

    const smallest = await shrink(full, fails, () => false);

    expect(smallest.incidents).toEqual([guilty]);
    expect(smallest.workers).toHaveLength(1);
    expect(smallest.world.pastCalls + smallest.world.liveCalls).toBe(0);
    expect(played).toBeLessThan(100);
  });
});
