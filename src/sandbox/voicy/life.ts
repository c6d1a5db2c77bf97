import type { Conversation, Setting } from '../conversation.ts';
import { Dice } from '../dice.ts';
import type { TimedLine } from '../speech.ts';
import type { SandboxTimings } from '../timings.ts';
import { type Aftermath, aftermathOf, type Reanalysis } from './aftermath.ts';
import type { CallStatus, VoicyCall, VoicyCallRow } from './call.ts';
import { isWoman, personName } from './conversations/people.ts';
import { conversationWith } from './endings.ts';
import { isFirst } from './generations.ts';
import type { CallPlan } from './plan.ts';
import { asText, spokenLines, type TimedItem, transcriptOf } from './transcript.ts';
import { collectedVariables, extractedVariables, providedVariables } from './variables.ts';

/** What the life of a call depends on beside its plan. */
export interface LifeRules {
  timings: SandboxTimings;
  reanalysis: Reanalysis;
}

const NO_AGENT_SHARE = 0.015;
const AGENT_ID_SHARE = 0.04;
const NO_GENDER_SHARE = 0.2;

/** The status at an instant at or after the call's birth. */
export function statusAt(plan: CallPlan, nowMs: number): CallStatus {
  if (reached(plan.finishMs, nowMs)) return plan.outcome.status;
  if (reached(plan.connectMs, nowMs)) return isFirst(plan.generation) ? 'in_progress' : 'ongoing';
  return reached(plan.ringMs, nowMs) ? 'ringing' : 'initiated';
}

/** Whether the call's row says which agent it belongs to. */
export function hasAgent(plan: CallPlan): boolean {
  return !new Dice(plan.stream, 'agent').chance(NO_AGENT_SHARE);
}

/** What a list shows of a call at an instant at or after its birth. */
export function rowAt(plan: CallPlan, nowMs: number): VoicyCallRow {
  const { agent, line, phone, finishMs } = plan;
  const startMs = reached(plan.startMs, nowMs) ? plan.startMs : null;
  const ownNumber = line === 'web' ? null : agent.number;
  return {
    call_id: plan.id,
    call_type: line === 'web' ? 'web_call' : 'phone_call',
    call_status: statusAt(plan, nowMs),
    agent: agentOf(plan),
    from_number: line === 'outgoing' ? ownNumber : phone,
    to_number: line === 'outgoing' ? phone : ownNumber,
    direction: line === 'outgoing' ? 'outgoing' : 'incoming',
    start_timestamp: startMs,
    duration_ms: finishMs !== null && nowMs >= finishMs ? finishMs - (startMs ?? finishMs) : null,
  };
}

function agentOf(plan: CallPlan): VoicyCallRow['agent'] {
  if (!hasAgent(plan)) return null;
  const dice = new Dice(plan.stream, 'version');
  const { id, name, version } = plan.agent;
  const named = {
    name,
    version: Math.max(
      1,
      version -
        dice.weighted([
          [0, 8],
          [1, 1],
          [2, 1],
        ]),
    ),
  };
  return dice.chance(AGENT_ID_SHARE) ? { id, ...named } : named;
}

/** What a detail shows: the row and all that is known of the conversation by then. */
export function detailAt(plan: CallPlan, nowMs: number, rules: LifeRules): VoicyCall {
  const after = aftermathOf(plan, rules.timings, rules.reanalysis);
  const conversation = conversationOf(plan);
  const lines = conversation === null ? [] : spokenLines(plan, conversation.lines);
  const heard = lines.filter(({ toMs }) => nowMs >= toMs).map(({ line }) => line);
  return {
    ...rowAt(plan, nowMs),
    ...transcriptAt(plan, lines, after, nowMs),
    detected_gender: reached(plan.finishMs, nowMs) ? genderOf(plan) : null,
    recording_url: reached(after.recordingAtMs, nowMs)
      ? `https://storage.voicy.sandbox.invalid/recordings/${plan.id}.wav`
      : null,
    vars_provided: providedVariables(plan, customerOf(plan)),
    vars_collected: collectedVariables(plan, heard),
    ...analysisAt(plan, conversation, after, nowMs),
    ...costAt(after, nowMs),
  };
}

function transcriptAt(
  plan: CallPlan,
  lines: readonly TimedLine[],
  after: Aftermath,
  nowMs: number,
): Pick<VoicyCall, 'transcript' | 'transcript_object'> {
  if (!reached(plan.connectMs, nowMs)) return { transcript: null };
  const items = withoutLateTail(transcriptOf(plan, lines), after, nowMs).map(({ item }) => item);
  if (!isFirst(plan.generation)) return { transcript: items };
  const transcript = items.length === 0 ? null : asText(items);
  return plan.generation === 'first' ? { transcript, transcript_object: items } : { transcript };
}

function withoutLateTail(items: readonly TimedItem[], after: Aftermath, nowMs: number): TimedItem[] {
  if (reached(after.tailAtMs, nowMs)) return [...items];
  const prompt = after.tailAtMs === null ? items.length : Math.max(0, items.length - after.tailItems);
  return items.slice(0, prompt).filter(({ atMs }) => nowMs >= atMs);
}

type Analysis = Pick<VoicyCall, 'summary' | 'vars_extracted' | 'extraction_failed'>;

function analysisAt(
  plan: CallPlan,
  conversation: Conversation | null,
  after: Aftermath,
  nowMs: number,
): Analysis {
  const nothing = new Dice(plan.stream, 'before analysis').chance(0.5) ? {} : null;
  if (conversation === null || !reached(after.analysisAtMs, nowMs))
    return { summary: null, vars_extracted: nothing };
  const extracted = extractedVariables(plan, conversation.lines);
  if (reached(after.rerunAtMs, nowMs)) {
    const { topic } = plan.agent.scenario;
    return { summary: `[ניתוח חוזר] ${conversation.summary}`, vars_extracted: { ...extracted, topic } };
  }
  if (after.analysisFails) return { summary: null, vars_extracted: nothing, extraction_failed: true };
  return { summary: conversation.summary, vars_extracted: extracted };
}

function costAt({ cost }: Aftermath, nowMs: number): Pick<VoicyCall, 'call_cost'> {
  if (cost === null) return {};
  return { call_cost: nowMs >= cost.atMs ? { combined_cost: cost.dollars, currency: 'usd' } : null };
}

function conversationOf(plan: CallPlan): Conversation | null {
  const { agent, branch, outcome } = plan;
  return outcome.ending === null
    ? null
    : conversationWith(outcome.ending, agent.scenario, branch, settingOf(plan));
}

function settingOf(plan: CallPlan): Setting {
  return {
    dice: new Dice(plan.stream, 'conversation'),
    callAtMs: plan.birthMs,
    customer: customerOf(plan),
    phone: plan.phone ?? `+97255501${new Dice(plan.stream, 'own phone').digits(4)}`,
  };
}

function customerOf(plan: CallPlan): string {
  return personName(new Dice(plan.stream, 'person'));
}

/** Of the voice, as far as somebody spoke and it could be told. */
function genderOf(plan: CallPlan): 'male' | 'female' | null {
  if (plan.connectMs === null || new Dice(plan.stream, 'gender').chance(NO_GENDER_SHARE)) return null;
  return isWoman(customerOf(plan)) ? 'female' : 'male';
}

function reached(atMs: number | null, nowMs: number): boolean {
  return atMs !== null && nowMs >= atMs;
}
