import { type Conversation, findingsOf, type Setting } from '../conversation.ts';
import { Dice } from '../dice.ts';
import type { SandboxTimings } from '../timings.ts';
import { type Aftermath, aftermathOf } from './aftermath.ts';
import type { CallStatus, TranscriptItem, VoxCall, VoxCallRow } from './call.ts';
import { personName } from './conversations/people.ts';
import { conversationWith } from './endings.ts';
import { APPROVED_PRESENTATION_NUMBERS, customerNumber } from './numbers.ts';
import type { CallPlan } from './plan.ts';
import { type TimedItem, transcriptOf } from './transcript.ts';
import { dynamicVariables, metadata } from './variables.ts';

/** What the life of a call depends on beside its plan. */
export interface LifeRules {
  timings: SandboxTimings;
  /** Weeks after the end the vendor may analyse a call anew and word its summary differently; null = never. */
  reanalysis: { share: number; afterMs: number } | null;
}

/** The status at an instant at or after the call's birth. */
export function statusAt(plan: CallPlan, nowMs: number): CallStatus {
  if (plan.finishMs !== null && nowMs >= plan.finishMs) return plan.outcome.status;
  return plan.connectMs !== null && nowMs >= plan.connectMs ? 'ongoing' : 'queued';
}

/** What a list shows of a call at an instant at or after its birth. */
export function rowAt(plan: CallPlan, nowMs: number, rules: LifeRules): VoxCallRow {
  const status = statusAt(plan, nowMs);
  const over = status !== 'queued' && status !== 'ongoing';
  const after = aftermathOf(plan, rules.timings);
  const reached = (atMs: number | null) => atMs !== null && nowMs >= atMs;
  const dice = new Dice(plan.stream, 'row');
  const request = requestOf(plan, dice);
  return {
    id: plan.id,
    agent: { agent_id: plan.agent.id, agent_version: request.agentVersion },
    call_type: plan.callType,
    status,
    from_number: plan.fromNumber,
    to_number: plan.toNumber,
    presentation_number: request.presentationNumber,
    disconnection_reason: over ? plan.outcome.reason : null,
    start_at: reached(plan.connectMs) ? plan.connectMs : null,
    end_at: over && after.endShown ? plan.finishMs : null,
    recording_url: reached(after.recordingAtMs) ? `https://recordings.sandbox.invalid/${plan.id}.mp3` : null,
    metadata: request.metadata,
    dynamic_variables: request.dynamicVariables,
    call_analysis: reached(after.analysisAtMs) ? analysisAt(plan, nowMs, rules) : null,
    call_cost: reached(after.costAtMs) ? { total_cost: after.totalCost } : null,
    variant_label: request.variantLabel,
    opt_out_sensitive_data_storage: plan.optedOut,
  };
}

/** What a detail shows: the row and the transcript as far as it is known by then. */
export function detailAt(plan: CallPlan, nowMs: number, rules: LifeRules): VoxCall {
  return { ...rowAt(plan, nowMs, rules), transcript: transcriptAt(plan, nowMs, rules.timings) };
}

function transcriptAt(plan: CallPlan, nowMs: number, timings: SandboxTimings): TranscriptItem[] | null {
  if (plan.optedOut) return null;
  const conversation = conversationOf(plan);
  if (conversation === null) return [];
  const items = transcriptOf(plan, conversation.lines);
  const after = aftermathOf(plan, timings);
  return withoutLateTail(items, after, nowMs).map(({ item }) => item);
}

function withoutLateTail(items: readonly TimedItem[], after: Aftermath, nowMs: number): TimedItem[] {
  if (after.tailAtMs !== null && nowMs >= after.tailAtMs) return [...items];
  const prompt = after.tailAtMs === null ? items.length : Math.max(0, items.length - after.tailItems);
  return items.slice(0, prompt).filter(({ atMs }) => nowMs >= atMs);
}

function analysisAt(plan: CallPlan, nowMs: number, rules: LifeRules): VoxCallRow['call_analysis'] {
  const { lines, summary, sentiment } = conversationOf(plan) ?? unreached(plan);
  const findings = findingsOf(lines);
  const custom = plan.agent.fields.map(({ type, name, unknown }) => {
    const found = findings[name];
    return { type, name, value: found === undefined ? unknown : found };
  });
  const renewed = isReanalysed(plan, nowMs, rules);
  return {
    summary: renewed ? `[재분석] ${summary}` : summary,
    user_sentiment: sentiment,
    custom_analysis_data: custom,
  };
}

function isReanalysed(plan: CallPlan, nowMs: number, { reanalysis }: LifeRules): boolean {
  if (reanalysis === null || plan.finishMs === null) return false;
  const chosen = new Dice(plan.stream, 'reanalysis').chance(reanalysis.share);
  return chosen && nowMs >= plan.finishMs + reanalysis.afterMs;
}

function unreached({ scenario }: CallPlan): Conversation {
  const summary = `${scenario.topic} 건으로 통화를 시도하였으나 연결되지 않음.`;
  return { lines: [], summary, sentiment: 'neutral' };
}

function conversationOf(plan: CallPlan): Conversation | null {
  const { ending } = plan.outcome;
  if (ending === null) return null;
  return conversationWith(ending, plan.scenario, plan.branch, settingOf(plan));
}

function settingOf(plan: CallPlan): Setting {
  const named = plan.placed?.dynamicVariables.customer_name;
  const person = new Dice(plan.stream, 'person');
  const customer = personName(person);
  const own = plan.direction === 'inbound' ? plan.fromNumber : plan.toNumber;
  return {
    dice: new Dice(plan.stream, 'conversation'),
    callAtMs: plan.birthMs,
    customer: typeof named === 'string' && named.trim() !== '' ? named : customer,
    phone: own ?? customerNumber(person),
  };
}

interface RequestFacts {
  agentVersion: string;
  presentationNumber: string | null;
  variantLabel: string | null;
  metadata: Record<string, unknown>;
  dynamicVariables: Record<string, unknown>;
}

/** What came with the request that started the call: as placed, or drawn. */
function requestOf(plan: CallPlan, dice: Dice): RequestFacts {
  if (plan.placed !== null) return plan.placed;
  const { customer, phone } = settingOf(plan);
  const shown = plan.direction === 'outbound' && dice.chance(0.3);
  const version = `v${Math.max(1, plan.agent.productionVersion - dice.int(0, 2))}`;
  return {
    agentVersion: dice.weighted([
      ['production', 7],
      [version, 2],
      ['current', 1],
    ]),
    presentationNumber: shown ? dice.pick(APPROVED_PRESENTATION_NUMBERS) : null,
    variantLabel: dice.chance(0.05) ? dice.pick(['A안', 'B안', 'control']) : null,
    metadata: metadata(plan, dice),
    dynamicVariables: dynamicVariables(plan, dice, customer, phone),
  };
}
