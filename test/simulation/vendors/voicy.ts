import { MINUTE } from '../../../src/clock.ts';
import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import { REALISTIC_TIMINGS } from '../../../src/sandbox/timings.ts';
import { aftermathOf } from '../../../src/sandbox/voicy/aftermath.ts';
import { COMPLETED, type VoicyCall } from '../../../src/sandbox/voicy/call.ts';
import type { CallPlan } from '../../../src/sandbox/voicy/plan.ts';
import { VOICY } from '../../support/vendors.ts';
import type { Story } from '../story.ts';
import { type Course, type Row, type SimulatedVendor, withItems } from './vendor.ts';

/** Given up after so long: a recording that never comes, and the analysis of a call that failed. */
const GIVEN_UP_MS = 15 * MINUTE;

export const voicy: SimulatedVendor = {
  case: VOICY,
  baseUrl: 'http://voicy.invalid/functions/v1',
  path: '/functions/v1/',
  withPageSize: ({ path, body }, rows) => ({
    path,
    body: body?.replace('"limit":1000', `"limit":${rows}`) ?? null,
  }),
  askedFor(path) {
    const [, callId] = /^\/functions\/v1\/call-get\/([^/?]+)$/.exec(path) ?? [];
    return callId === undefined ? null : { callId, field: 'call_id' };
  },
  courseOf(sandbox, callId, nowMs, story) {
    const plan = sandbox.voicy.world.planOf(callId, nowMs);
    return plan && courseOf(plan, story);
  },
  *calls({ voicy: { world } }, nowMs, story) {
    for (const call of world.details(nowMs)) {
      const plan = world.planOf(call.call_id, nowMs);
      // Lists hide what was made to try an agent.
      if (plan === null || plan.isTest) continue;
      const row = VOICY.expect(call);
      yield { course: courseOf(plan, story), row, fits: (fault) => fits(call, fault) };
    }
  },
  withoutDetail: (row) => Object.fromEntries(Object.entries(row).filter(([column]) => LISTED.has(column))),
  afterRetention: (row, { recording, summary, transcriptItems }) => ({
    ...withItems(row, transcriptItems ?? 0),
    ...(recording ? {} : { recording_url: null }),
    ...(summary ? {} : { summary: null }),
  }),
  // Variables outlive the summary, or the analysis was the summary alone.
  retracted: ({ recording, summary }) => [
    ...(recording ? [['recording_url']] : []),
    ...(summary ? [['summary', 'analysis']] : []),
  ],
  // What a call cost is promised by nobody, so that it is not waited for.
  unawaited: ['costs'],
};

/** What a list row tells: the rest is known when the call was asked for. */
const LISTED: ReadonlySet<keyof Row> = new Set([
  'agent_id',
  'agent_version',
  'call_type',
  'channel',
  'direction',
  'status',
  'vendor_status',
  'end_reason',
  'from_number',
  'to_number',
  'started_ms',
  'ended_ms',
  'duration_ms',
]);

function courseOf(plan: CallPlan, { world: { timings, reanalysis } }: Story): Course {
  const { id, birthMs, connectMs, finishMs, startMs, outcome, agent } = plan;
  const { analysisAtMs, recordingAtMs, rerunAtMs } = aftermathOf(
    plan,
    { ...REALISTIC_TIMINGS, ...timings },
    reanalysis,
  );
  const late = (atMs: number | null) => (atMs === null ? GIVEN_UP_MS : atMs - (finishMs ?? atMs));
  return {
    id,
    birthMs,
    connectMs,
    finishMs,
    placedMs: startMs,
    isWhole: connectMs !== null && COMPLETED.some((status) => status === outcome.status),
    isOptedOut: false,
    agentId: agent.id,
    lacksAnalysis: false,
    lateMs: Math.max(late(analysisAtMs), late(recordingAtMs)),
    rerunMs: rerunAtMs,
    words: `${agent.name}, ${outcome.status}`,
  };
}

function fits(call: VoicyCall, fault: FaultInput): boolean {
  if (fault.kind === 'nul_text') return call.summary !== null;
  if (fault.kind === 'poison_row' && fault.poison.startsWith('cost'))
    return (call.call_cost ?? null) !== null;
  return true;
}
