import { MINUTE, SECOND } from '../../clock.ts';
import type { Branch, Scenario } from '../conversation.ts';
import { Dice, hash32 } from '../dice.ts';
import { typicalLengthMs } from '../speech.ts';
import type { SandboxTimings } from '../timings.ts';
import type { DigaAgent } from './agents.ts';
import type { CallType } from './call.ts';
import { type Contact, drawContact, isSpanish } from './contacts.ts';
import { uuidOf } from './ids.ts';
import { drawOutcome, type Outcome } from './outcomes.ts';
import type { PhoneRow } from './phones.ts';

/** Past calls were there when the sandbox began; live ones are born while it runs. */
export type Era = 'past' | 'live';

/** The course of a call, fixed before it begins: everything that a list filters and sorts by. Times are unix ms. */
export interface CallPlan {
  id: string;
  /** Seed of everything else about the call. */
  stream: number;
  /** Which form of the API the call is printed in. */
  generation: 'old' | 'current';
  /** Null when the agent has been deleted since. */
  agent: DigaAgent | null;
  type: CallType;
  channel: 'call' | 'web';
  contact: Contact | null;
  phone: PhoneRow | null;
  scenario: Scenario;
  branch: Branch;
  outcome: Outcome;
  birthMs: number;
  /** When it begins to wait for a free line; null for a call that nobody sees wait. */
  queueMs: number | null;
  /** Null when it never connects. */
  connectMs: number | null;
  /** How long the conversation takes; zero without a connection. */
  talkMs: number;
  /** The instant of the terminal status; null for a call that is stuck for ever. */
  finishMs: number | null;
  /** What the call sorts by: its birth, for good. */
  settledKeyMs: number;
}

/** What the plan of every call depends on. */
export interface PlanRules {
  seed: number;
  originMs: number;
  historyDays: number;
  agents: readonly DigaAgent[];
  phones: readonly PhoneRow[];
  timings: SandboxTimings;
  /** Share of the connected calls that never end. */
  stuckShare: number;
}

/** Most of the past is older than the current generation, and some callers of the older one are still about. */
const OLD_SHARE: Readonly<Record<Era, number>> = { past: 0.6, live: 0.35 };
const DELETED_AGENT_SHARE = 0.01;
const NO_CONTACT_SHARE = 0.03;
const NO_PHONE_SHARE = 0.04;
const QUEUED_SHARE = 0.4;
const CAMPAIGN_SHARE = 0.06;
const MAX_TALK_MS = 15 * MINUTE;

/** Spanish has twice as many letters a second as the speech that natural lengths are measured on. */
const SPANISH_PACE = 0.55;

/** The plan of the call with this number in its era. */
export function planCall(rules: PlanRules, era: Era, number: number, birthMs: number): CallPlan {
  const stream = hash32(rules.seed, era, number);
  const dice = new Dice(stream, rules.seed, 'plan');
  const generation = dice.chance(OLD_SHARE[era]) ? 'old' : 'current';
  const agent = dice.weighted(rules.agents.map((one) => [one, one.traffic] as const));
  const { type, channel, scenario } = dice.weighted(agent.lines.map((one) => [one, one.weight] as const));
  const outcome = drawOutcome(dice, type, channel);
  const branch = dice.weighted(scenario.branches.map((one) => [one, one.weight] as const));
  return {
    id: uuidOf(stream, dice),
    stream,
    generation,
    agent: dice.chance(DELETED_AGENT_SHARE) ? null : agent,
    type,
    channel,
    contact: otherParty(rules, dice, type, channel),
    phone: channel === 'web' || dice.chance(NO_PHONE_SHARE) ? null : (rules.phones[agent.phone] ?? null),
    scenario,
    branch,
    outcome,
    ...courseOf(rules, dice, { type, outcome, branch, birthMs, generation }),
  };
}

function otherParty(rules: PlanRules, dice: Dice, type: CallType, channel: 'call' | 'web'): Contact | null {
  const unknown = dice.chance(NO_CONTACT_SHARE);
  let contact = drawContact(rules, dice, channel);
  while (type === 'outbound' && !isSpanish(contact)) contact = drawContact(rules, dice, channel);
  return unknown ? null : contact;
}

type Course = Pick<CallPlan, 'birthMs' | 'queueMs' | 'connectMs' | 'talkMs' | 'finishMs' | 'settledKeyMs'>;

/** The instants of a call: dialled, perhaps waiting, connected, over. */
function courseOf(
  { timings, stuckShare }: PlanRules,
  dice: Dice,
  call: Pick<CallPlan, 'type' | 'outcome' | 'branch' | 'birthMs' | 'generation'>,
): Course {
  const { type, outcome, branch, birthMs, generation } = call;
  const campaign = type === 'outbound' && dice.chance(CAMPAIGN_SHARE);
  const waitMs = campaign ? dice.int(2 * MINUTE, 8 * MINUTE) : dice.int(300, 3_500);
  const waitsFromMs = birthMs + Math.round(ringMs(dice, type, outcome) * timings.ringScale);
  const answeredMs = waitsFromMs + Math.round(waitMs * timings.queueScale);
  const seenWaiting = dice.chance(QUEUED_SHARE) && generation === 'current';
  const connectMs = outcome.ending === null ? null : answeredMs;
  const talkMs = connectMs === null ? 0 : drawTalkMs(dice, outcome, branch, timings);
  const stuck = dice.chance(stuckShare) && connectMs !== null;
  return {
    birthMs,
    queueMs: seenWaiting ? waitsFromMs : null,
    connectMs,
    talkMs,
    finishMs: stuck ? null : answeredMs + talkMs,
    settledKeyMs: birthMs,
  };
}

function ringMs(dice: Dice, type: CallType, { ending }: Outcome): number {
  if (type === 'inbound') return dice.int(400, 3 * SECOND);
  return ending === null ? dice.int(30 * SECOND, 45 * SECOND) : dice.int(3 * SECOND, 22 * SECOND);
}

function drawTalkMs(dice: Dice, { ending }: Outcome, branch: Branch, timings: SandboxTimings): number {
  const whole = typicalLengthMs(branch) * SPANISH_PACE * (0.95 + dice.next() * 0.3);
  const talkMs = {
    whole,
    agent_closes: whole + 2 * SECOND,
    cut: whole * 0.48,
    transfer: whole * 0.5 + 10 * SECOND,
    joined: whole * 0.5 + 35 * SECOND,
    voicemail: dice.int(14 * SECOND, 24 * SECOND),
    machine: dice.int(6 * SECOND, 12 * SECOND),
    silence: dice.int(25 * SECOND, 45 * SECOND),
    breakdown: whole * 0.38,
  }[ending ?? 'whole'];
  return Math.max(1, Math.round(Math.min(talkMs, MAX_TALK_MS) * timings.talkScale));
}
