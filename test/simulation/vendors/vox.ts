import type { FaultInput } from '../../../src/sandbox/fault-kinds.ts';
import type { VoxCall } from '../../../src/sandbox/vox/call.ts';
import type { CallPlan } from '../../../src/sandbox/vox/plan.ts';
import { VOX } from '../../support/vendors.ts';
import { type Course, type SimulatedVendor, withItems } from './vendor.ts';

export const vox: SimulatedVendor = {
  case: VOX,
  baseUrl: 'http://vendor.invalid/v3',
  path: '/v3/',
  withPageSize: ({ path, body }, rows) => ({ path: path.replace('limit=100', `limit=${rows}`), body }),
  askedFor(path) {
    const [, callId] = /^\/v3\/calls\/([^/?]+)$/.exec(path) ?? [];
    return callId === undefined ? null : { callId, field: 'id' };
  },
  courseOf(sandbox, callId, nowMs) {
    const plan = sandbox.vox.world.planOf(callId, nowMs);
    return plan && courseOf(plan);
  },
  *calls({ vox: { world } }, nowMs) {
    for (const call of world.details(nowMs)) {
      const plan = world.planOf(call.id, nowMs);
      if (plan === null) continue;
      yield { course: courseOf(plan), row: VOX.expect(call), fits: (fault) => fits(call, fault) };
    }
  },
  withoutDetail: (row, stored) => withItems(row, stored?.transcriptItems ?? 0),
  afterRetention: (row, { recording, analysis, transcriptItems }) => ({
    ...withItems(row, transcriptItems ?? 0),
    ...(recording ? {} : { recording_url: null }),
    ...(analysis ? {} : { summary: null, sentiment: null, extractions: [] }),
  }),
  retracted: ({ recording, analysis }) => [
    ...(recording ? [['recording_url']] : []),
    ...(analysis ? [['analysis']] : []),
  ],
  unawaited: [],
};

function courseOf(plan: CallPlan): Course {
  const { id, birthMs, connectMs, finishMs, outcome, optedOut, agent } = plan;
  return {
    id,
    birthMs,
    connectMs,
    finishMs,
    placedMs: connectMs,
    isWhole: outcome.status === 'ended',
    isOptedOut: optedOut,
    agentId: agent.id,
    lacksAnalysis: !agent.analysed,
    lateMs: 0,
    rerunMs: null,
    words: `${agent.name}, ${outcome.status}${optedOut ? ', opted out' : ''}`,
  };
}

function fits(call: VoxCall, fault: FaultInput): boolean {
  if (fault.kind === 'nul_text') {
    return call.call_analysis !== null && call.start_at !== null && !call.opt_out_sensitive_data_storage;
  }
  if (fault.kind === 'poison_row' && fault.poison.startsWith('cost')) return call.call_cost !== null;
  return true;
}
