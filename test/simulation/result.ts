import { billOf, type RequestBill } from './checks/requests.ts';
import type { DatabaseServer } from './database.ts';
import { callsOf, scenesOf } from './play.ts';
import { playStory } from './run-story.ts';
import type { Story } from './story.ts';
import { type Complaint, judge } from './verdict.ts';

/** What came of one story, to be sent from process to process. */
export interface StoryResult {
  complaints: Complaint[];
  digest: string;
  operations: number;
  calls: number;
  bill: RequestBill;
  passes: number;
  virtualMs: number;
  wallMs: number;
  /** Where each incident struck, and the call that it chose. */
  struck: Record<number, string>;
}

/** Plays a story and judges it. What the harness itself throws is a complaint too. */
export async function playAndJudge(
  story: Story,
  server: DatabaseServer,
  tell?: (line: string) => void,
): Promise<StoryResult> {
  const startedAt = performance.now();
  try {
    const play = await playStory(story, server, tell);
    const complaints = await judge(play);
    const scenes = scenesOf(play);
    return {
      complaints,
      digest: play.log.digest(),
      operations: play.log.length,
      calls: scenes.reduce((sum, scene) => sum + [...callsOf(scene)].length, 0),
      bill: sumOf(scenes.map(billOf)),
      passes: play.chronicle.passes.length,
      virtualMs: play.chronicle.endedAtMs - story.originMs,
      wallMs: performance.now() - startedAt,
      struck: Object.fromEntries([...play.chronicle.victims, ...play.log.strikes]),
    };
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const nothing = {
      digest: '',
      operations: 0,
      calls: 0,
      bill: sumOf([]),
      passes: 0,
      virtualMs: 0,
      struck: {},
    };
    return { ...nothing, complaints: [{ check: 'harness', message }], wallMs: performance.now() - startedAt };
  }
}

function sumOf(bills: readonly RequestBill[]): RequestBill {
  const sum = (field: keyof RequestBill) => bills.reduce((total, bill) => total + bill[field], 0);
  return {
    lists: sum('lists'),
    details: sum('details'),
    leastLists: sum('leastLists'),
    leastDetails: sum('leastDetails'),
  };
}
