import { HOUR, MINUTE } from '../../../src/clock.ts';
import type { CallPlan } from '../../../src/sandbox/vox/plan.ts';
import type { Play } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';

/** Every call is settled, or in the one other state that is right for it. */
export function checkSettlement(play: Play, stored: ReadonlyMap<string, StoredCall>): string[] {
  const { sandbox, vendorNow } = play;
  const complaints: string[] = [];
  for (const [callId, call] of stored) {
    const plan = sandbox.world.planOf(callId, vendorNow());
    if (plan === null) continue;
    const allowed = allowedStates(play, plan, call, stored);
    if (!allowed.includes(call.settlement)) {
      complaints.push(
        `${callId} is ${call.settlement}, and should be ${allowed.join(' or ')} (${describe(play, plan)})`,
      );
    }
  }
  return complaints;
}

function allowedStates(
  play: Play,
  plan: CallPlan,
  call: StoredCall,
  stored: ReadonlyMap<string, StoredCall>,
): StoredCall['settlement'][] {
  if (play.chronicle.deleted.has(plan.id)) return ['missing'];
  // Nobody can know what the vendor cannot tell: waited for, or given up.
  if (play.chronicle.brokenDetails.has(plan.id)) return ['settling', 'settled', 'expired', 'stuck'];
  if (plan.finishMs === null) return ['stuck'];
  if (plan.connectMs === null) return ['settled'];
  return mayExpire(play, plan, call, stored) ? ['settled', 'expired'] : ['settled'];
}

/**
 * A call expires when something of it never came: what retention took away before it was read, or the analysis of an
 * agent that gives none (docs/settlement.md) while too few of its calls were known to tell.
 */
function mayExpire(
  play: Play,
  plan: CallPlan,
  call: StoredCall,
  stored: ReadonlyMap<string, StoredCall>,
): boolean {
  if (plan.outcome.status !== 'ended' || plan.optedOut) return false;
  if (play.chronicle.retained.has(plan.id)) return true;
  if (plan.agent.analysed) return false;
  const { expiredAtMs } = call;
  if (expiredAtMs === null) return false;
  // Stamps of a clock that was set do not tell what was known when.
  if (play.story.incidents.some(({ kind }) => kind.endsWith('clock_set'))) return true;
  return teachers(play, plan, expiredAtMs, stored) < TEACHERS_MIN;
}

/** So many calls of an agent teach what its calls never get. */
const TEACHERS_MIN = 5;

/** Calls of the same agent, known in good time, that would have taught that no analysis comes. */
function teachers(
  { sandbox, story, vendorNow }: Play,
  plan: CallPlan,
  atMs: number,
  stored: ReadonlyMap<string, StoredCall>,
): number {
  const endedBefore = atMs + story.vendorSkewMs - HOUR - MINUTE;
  let count = 0;
  for (const [callId, { firstSeenAtMs, settlement }] of stored) {
    const other = sandbox.world.planOf(callId, vendorNow());
    if (other === null || other.agent.id !== plan.agent.id || other.outcome.status !== 'ended') continue;
    if (other.optedOut || other.connectMs === null || other.finishMs === null || settlement === 'missing')
      continue;
    if (other.finishMs < endedBefore && firstSeenAtMs < atMs - MINUTE) count += 1;
  }
  return count;
}

function describe({ story }: Play, { agent, outcome, finishMs, optedOut }: CallPlan): string {
  const end =
    finishMs === null ? 'never ends' : `ended ${new Date(finishMs - story.vendorSkewMs).toISOString()}`;
  return `${agent.name}, ${outcome.status}, ${end}${optedOut ? ', opted out' : ''}`;
}
