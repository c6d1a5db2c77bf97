import type { DigaCall } from '../../../src/sandbox/diga/call.ts';
import type { CallPlan } from '../../../src/sandbox/diga/plan.ts';
import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import { DIGA } from '../../support/vendors.ts';
import { type Course, type SimulatedVendor, withItems } from './vendor.ts';

export const diga: SimulatedVendor = {
  case: DIGA,
  baseUrl: 'http://diga.invalid',
  path: '/v1/',
  // Calls alone: one page of messages holds a whole conversation.
  withPageSize: ({ path, body }, rows) => ({
    path: path.startsWith('/v1/call/?') ? path.replace('limit=1000', `limit=${rows}`) : path,
    body,
  }),
  askedFor(path) {
    const [, callId, messages] = /^\/v1\/call\/([^/?]+)(\/message)?(?:\?|$)/.exec(path) ?? [];
    if (callId === undefined) return null;
    return { callId, field: messages === undefined ? 'id' : 'data' };
  },
  courseOf(sandbox, callId, nowMs) {
    const plan = sandbox.diga.world.planOf(callId, nowMs);
    return plan && courseOf(plan);
  },
  *calls({ diga: { world } }, nowMs) {
    for (const call of world.details(nowMs)) {
      const plan = world.planOf(call.id, nowMs);
      if (plan === null) continue;
      yield { course: courseOf(plan), row: DIGA.expect(call), fits: (fault) => fits(call, fault) };
    }
  },
  withoutDetail: (row, stored) => withItems(row, stored?.transcriptItems ?? 0),
  afterRetention: (row, { recording, transcriptItems }) => ({
    ...withItems(row, transcriptItems ?? 0),
    ...(recording ? {} : { recording_url: null }),
  }),
  retracted: ({ recording }) => (recording ? [['recording_url']] : []),
  unawaited: [],
};

function courseOf(plan: CallPlan): Course {
  const { id, birthMs, connectMs, finishMs, agent, outcome } = plan;
  return {
    id,
    birthMs,
    connectMs,
    finishMs,
    placedMs: birthMs,
    isWhole: connectMs !== null,
    isOptedOut: false,
    agentId: agent?.id ?? null,
    lacksAnalysis: false,
    lateMs: 0,
    rerunMs: null,
    words: `${agent?.name ?? 'no agent'}, ${outcome.status}`,
  };
}

/** The text that cannot be stored stands in the reason of the end and in the variables. */
function fits(call: DigaCall, fault: FaultInput): boolean {
  if (fault.kind !== 'nul_text') return true;
  return call.end_reason !== null && 'dynamic_variables' in call && call.dynamic_variables !== null;
}
