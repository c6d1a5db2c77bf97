import type { Line, Setting } from '../conversation.ts';
import { Dice, hash32 } from '../dice.ts';
import type { SandboxTimings } from '../timings.ts';
import { aftermathOf } from './aftermath.ts';
import { versionId } from './agents.ts';
import type { CallStatus, DigaCall, DigaCallRow, DigaMessage } from './call.ts';
import { personName } from './conversations/people.ts';
import { linesWith } from './endings.ts';
import type { CallPlan } from './plan.ts';
import { drawDateStyle, stamp } from './stamp.ts';
import { transcriptOf } from './transcript.ts';
import { dynamicVariables } from './variables.ts';

/** What the life of a call depends on beside its plan. */
export interface LifeRules {
  timings: SandboxTimings;
  /** So long after its end a call of the older generation may be brought over to the current statuses; null = never. */
  reanalysis: { share: number; afterMs: number } | null;
}

const RECORDINGS = 'https://recordings.sandbox.invalid/diga';
const NO_VERSION_SHARE = 0.05;

/** The status at an instant at or after the call's birth. */
export function statusAt(plan: CallPlan, nowMs: number, rules: LifeRules): CallStatus {
  if (isOver(plan, nowMs)) return endOf(plan, nowMs, rules).status;
  if (plan.connectMs !== null && nowMs >= plan.connectMs) return 'in_progress';
  return plan.queueMs !== null && nowMs >= plan.queueMs ? 'in_queue' : 'dialing';
}

/** What lists and the call itself show at an instant at or after its birth. */
export function rowAt(plan: CallPlan, nowMs: number, rules: LifeRules): DigaCallRow {
  const dates = dateStyleOf(plan);
  const over = isOver(plan, nowMs);
  const shown = (atMs: number | null) => (atMs !== null && nowMs >= atMs ? stamp(atMs, dates) : null);
  const { contact, phone, agent } = plan;
  const common = {
    id: plan.id,
    agent_id: agent?.id ?? null,
    status: statusAt(plan, nowMs, rules),
    type: plan.type,
    contact: contact && {
      id: contact.id,
      created_date: stamp(contact.firstSeenMs, dates),
      identifier: contact.identifier,
      contact_type: contact.channel,
    },
    created_date: stamp(plan.birthMs, dates),
    recording_url: recordingUrl(plan, nowMs, rules.timings),
    start_time: shown(plan.connectMs),
    end_time: shown(plan.finishMs),
    duration: over ? durationOf(plan) : null,
    end_reason: over ? endOf(plan, nowMs, rules).reason : null,
  };
  if (plan.generation === 'old') return { ...common, phone_id: phone?.id ?? null };
  const dice = new Dice(plan.stream, 'row');
  return {
    ...common,
    agent_version_id: versionOf(plan, dice),
    phone_register_id: phone?.id ?? null,
    dynamic_variables: dynamicVariables(plan, dice, settingOf(plan).customer),
  };
}

/** What was said by then, oldest first. */
export function messagesAt(plan: CallPlan, nowMs: number, { timings }: LifeRules): DigaMessage[] {
  const messages = transcriptOf(plan, linesOf(plan), dateStyleOf(plan));
  const { tailAtMs, tailMessages } = aftermathOf(plan, timings);
  const complete = tailAtMs !== null && nowMs >= tailAtMs;
  const prompt =
    complete || tailAtMs === null ? messages.length : Math.max(0, messages.length - tailMessages);
  return messages
    .slice(0, prompt)
    .filter(({ atMs }) => nowMs >= atMs)
    .map(({ message }) => message);
}

/** The call with all that other paths tell of it. */
export function callAt(plan: CallPlan, nowMs: number, rules: LifeRules): DigaCall {
  return {
    ...rowAt(plan, nowMs, rules),
    messages: messagesAt(plan, nowMs, rules),
    phone_number: plan.phone?.number ?? null,
  };
}

function isOver({ finishMs }: CallPlan, nowMs: number): boolean {
  return finishMs !== null && nowMs >= finishMs;
}

/** Terminal status and reason: in the current generation, and once a call was brought over, every end is `completed`. */
function endOf(
  plan: CallPlan,
  nowMs: number,
  rules: LifeRules,
): { status: CallStatus; reason: string | null } {
  const { status, reason } = plan.outcome;
  if (plan.generation === 'current') return { status: 'completed', reason };
  if (status === 'completed' || !isBroughtOver(plan, nowMs, rules)) return { status, reason };
  return { status: 'completed', reason: reason ?? 'hangup' };
}

function isBroughtOver(plan: CallPlan, nowMs: number, { reanalysis }: LifeRules): boolean {
  if (reanalysis === null || plan.finishMs === null) return false;
  const chosen = new Dice(plan.stream, 'reanalysis').chance(reanalysis.share);
  return chosen && nowMs >= plan.finishMs + reanalysis.afterMs;
}

/** Whole seconds; a call that nobody answered took none, which the older generation leaves out. */
function durationOf({ connectMs, talkMs, generation }: CallPlan): number | null {
  return connectMs === null && generation === 'old' ? null : Math.floor(talkMs / 1_000);
}

/** The current generation signs its links anew at every read. */
function recordingUrl(plan: CallPlan, nowMs: number, timings: SandboxTimings): string | null {
  const { recordingAtMs } = aftermathOf(plan, timings);
  if (recordingAtMs === null || nowMs < recordingAtMs) return null;
  if (plan.generation === 'old') return `${RECORDINGS}/${plan.id}.wav`;
  const expires = Math.floor(nowMs / 1_000) + 3_600;
  const signature = hash32('signature', plan.id, nowMs).toString(16).padStart(8, '0');
  return `${RECORDINGS}/${plan.id}.mp3?expires=${expires}&signature=${signature}`;
}

function versionOf({ agent }: CallPlan, dice: Dice): string | null {
  const number = dice.int(0, 2);
  if (dice.chance(NO_VERSION_SHARE) || agent === null) return null;
  return versionId(agent, agent.publishedVersion - number);
}

function dateStyleOf({ stream }: CallPlan): ReturnType<typeof drawDateStyle> {
  return drawDateStyle(new Dice(stream, 'dates'));
}

function linesOf(plan: CallPlan): Line[] {
  const { ending } = plan.outcome;
  return ending === null ? [] : linesWith(ending, plan.scenario, plan.branch, settingOf(plan));
}

/** Who calls again has the same name again. */
function settingOf({ stream, contact, birthMs }: CallPlan): Setting {
  return {
    dice: new Dice(stream, 'conversation'),
    callAtMs: birthMs,
    customer: personName(new Dice(contact?.id ?? stream, 'person')),
    phone:
      contact?.channel === 'call' ? contact.identifier : `+3460012${new Dice(stream, 'phone').digits(4)}`,
  };
}
