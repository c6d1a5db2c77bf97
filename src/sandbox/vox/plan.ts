import { MINUTE, SECOND } from '../../clock.ts';
import type { Branch, Scenario } from '../conversation.ts';
import { Dice, hash32 } from '../dice.ts';
import { typicalLengthMs } from '../speech.ts';
import type { SandboxTimings } from '../timings.ts';
import type { Direction, VoxAgent } from './agents.ts';
import type { CallType } from './call.ts';
import { customerNumber } from './numbers.ts';
import { drawOutcome, type Outcome } from './outcomes.ts';

/** What somebody asked for who placed a call with a POST. */
export interface PlacedCall {
  fromNumber: string;
  toNumber: string;
  agentVersion: string;
  presentationNumber: string | null;
  variantLabel: string | null;
  metadata: Record<string, unknown>;
  dynamicVariables: Record<string, unknown>;
}

/** The course of a call, fixed before it begins: everything that a list filters and sorts by. Times are unix ms. */
export interface CallPlan {
  id: string;
  /** Seed of everything else about the call. */
  stream: number;
  agent: VoxAgent;
  callType: CallType;
  direction: Direction;
  scenario: Scenario;
  branch: Branch;
  outcome: Outcome;
  fromNumber: string | null;
  toNumber: string | null;
  optedOut: boolean;
  birthMs: number;
  /** Null when it never connects. */
  connectMs: number | null;
  /** How long the conversation takes; zero without a connection. */
  talkMs: number;
  /** The instant of the terminal status; null for a call that is stuck for ever. */
  finishMs: number | null;
  /** What the call sorts by once it is connected or over: connection time, else birth. */
  settledKeyMs: number;
  /** Set for calls placed with a POST. */
  placed: PlacedCall | null;
}

/** What the plan of every call depends on. */
export interface PlanRules {
  seed: number;
  agents: readonly VoxAgent[];
  timings: SandboxTimings;
  /** Share of the connected calls that never end. */
  stuckShare: number;
}

const MAX_TALK_MS = 15 * MINUTE;
const CAMPAIGN_SHARE = 0.06;

/** The plan of the call with this number in its era (`past`, `live`). */
export function planCall(rules: PlanRules, era: string, number: number, birthMs: number): CallPlan {
  const stream = hash32(rules.seed, era, number);
  const dice = new Dice(stream, rules.seed, 'plan');
  const agent = dice.weighted(rules.agents.map((one) => [one, one.traffic] as const));
  const line = dice.weighted(agent.lines.map((one) => [one, one.weight] as const));
  const customer = customerNumber(dice);
  const numbers =
    line.direction === 'web'
      ? { fromNumber: null, toNumber: null }
      : line.direction === 'inbound'
        ? { fromNumber: customer, toNumber: agent.number }
        : { fromNumber: agent.number, toNumber: customer };
  const callType = drawCallType(dice, line.direction);
  return complete(rules, dice, { stream, agent, callType, ...line, ...numbers, birthMs, placed: null });
}

/** The plan of the n-th call placed with a POST. It goes out to a customer, whatever the agent usually does. */
export function planPlacedCall(
  rules: PlanRules,
  number: number,
  birthMs: number,
  agent: VoxAgent,
  placed: PlacedCall,
): CallPlan {
  const stream = hash32(rules.seed, 'placed', number);
  const dice = new Dice(stream, rules.seed, 'plan');
  const outgoing = agent.lines.filter((line) => line.direction === 'outbound');
  const { scenario } = dice.pick(outgoing.length > 0 ? outgoing : agent.lines);
  const { fromNumber, toNumber } = placed;
  const beginning = { stream, agent, callType: 'outbound', direction: 'outbound', scenario } as const;
  return complete(rules, dice, { ...beginning, fromNumber, toNumber, birthMs, placed });
}

type Beginning = Pick<
  CallPlan,
  | 'stream'
  | 'agent'
  | 'callType'
  | 'direction'
  | 'scenario'
  | 'fromNumber'
  | 'toNumber'
  | 'birthMs'
  | 'placed'
>;

function complete(rules: PlanRules, dice: Dice, beginning: Beginning): CallPlan {
  const { stream, agent, callType, direction, scenario, fromNumber, toNumber, birthMs, placed } = beginning;
  const outcome = drawOutcome(dice, direction, agent.type);
  const branch = dice.weighted(scenario.branches.map((one) => [one, one.weight] as const));
  const answeredMs = birthMs + waitMs(dice, direction, outcome, rules.timings);
  const connectMs = outcome.ending === null ? null : answeredMs;
  const talkMs = connectMs === null ? 0 : drawTalkMs(dice, outcome, branch, rules.timings);
  const stuck = dice.chance(rules.stuckShare) && connectMs !== null;
  return {
    id: uuidOf(stream, dice),
    stream,
    agent,
    callType,
    direction,
    scenario,
    branch,
    outcome,
    fromNumber,
    toNumber,
    optedOut: dice.chance(agent.optOutShare),
    birthMs,
    connectMs,
    talkMs,
    finishMs: stuck ? null : answeredMs + talkMs,
    settledKeyMs: connectMs ?? birthMs,
    placed,
  };
}

/** A UUID that begins with the stream: dice of 32 bits alone would give two calls of a thousand worlds the same. */
function uuidOf(stream: number, dice: Dice): string {
  return stream.toString(16).padStart(8, '0') + dice.uuid().slice(8);
}

function drawCallType(dice: Dice, direction: Direction): CallType {
  if (direction === 'web') return 'web';
  if (direction === 'inbound') return dice.chance(0.04) ? 'phone' : 'inbound';
  return dice.chance(0.15) ? 'api' : 'outbound';
}

/** From birth to the connection, or to the end of a call that never connects. */
function waitMs(dice: Dice, direction: Direction, outcome: Outcome, timings: SandboxTimings): number {
  const campaign = direction === 'outbound' && dice.chance(CAMPAIGN_SHARE);
  const queueMs = campaign ? dice.int(2 * MINUTE, 8 * MINUTE) : dice.int(300, 3_500);
  const ringMs = drawRingMs(dice, direction, outcome);
  return Math.round(queueMs * timings.queueScale + ringMs * timings.ringScale);
}

function drawRingMs(dice: Dice, direction: Direction, { status, reason }: Outcome): number {
  if (reason === 'dial_no_answer') return dice.int(30 * SECOND, 45 * SECOND);
  if (status === 'canceled') return dice.int(400, 20 * SECOND);
  if (direction === 'outbound') return dice.int(3 * SECOND, 22 * SECOND);
  return dice.int(400, 3 * SECOND);
}

function drawTalkMs(dice: Dice, { ending }: Outcome, branch: Branch, timings: SandboxTimings): number {
  const whole = typicalLengthMs(branch) * (0.95 + dice.next() * 0.3);
  const talkMs = {
    whole,
    agent_closes: whole + 2 * SECOND,
    cut: whole * 0.48,
    transfer: whole * 0.5 + 10 * SECOND,
    operator: whole * 0.5 + 35 * SECOND,
    voicemail: dice.int(14 * SECOND, 24 * SECOND),
    silence: dice.int(25 * SECOND, 45 * SECOND),
    time_up: MAX_TALK_MS,
    breakdown: whole * 0.38,
  }[ending ?? 'whole'];
  return Math.max(1, Math.round(Math.min(talkMs, MAX_TALK_MS) * timings.talkScale));
}
