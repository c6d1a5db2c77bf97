import { MINUTE, SECOND } from '../../clock.ts';
import type { Branch } from '../conversation.ts';
import { Dice, hash32 } from '../dice.ts';
import { typicalLengthMs } from '../speech.ts';
import type { SandboxTimings } from '../timings.ts';
import type { Line, VoicyAgent } from './agents.ts';
import { COMPLETED, type TerminalStatus } from './call.ts';
import type { Ending } from './endings.ts';
import { drawGeneration, type Generation, isFirst } from './generations.ts';
import { drawOutcome, type Outcome } from './outcomes.ts';

/** The course of a call, fixed before it begins: everything that a list filters and sorts by. Times are unix ms. */
export interface CallPlan {
  id: string;
  /** Seed of everything else about the call. */
  stream: number;
  /** Who takes the call, whether or not the call's row names it. */
  agent: VoicyAgent;
  line: Line;
  branch: Branch;
  outcome: Outcome;
  generation: Generation;
  /** Made while an agent was tried out; lists hide it unless they are asked. */
  isTest: boolean;
  /** The customer's number; null for a call through a browser. */
  phone: string | null;
  /** When it is dialled. */
  birthMs: number;
  /** When the other side begins to ring; null when it never does. */
  ringMs: number | null;
  /** When it is answered; null when it never is. */
  connectMs: number | null;
  /** How long the conversation takes; zero when it was never answered. */
  talkMs: number;
  /** The instant of the terminal status; null for a call that is stuck for ever. */
  finishMs: number | null;
  /** Its `start_timestamp` once there is one: of some calls the dial time, of others the answer. */
  startMs: number | null;
  /** What the call sorts by for good: its start, or its birth where it never gets one. */
  settledKeyMs: number;
}

/** What the plan of every call depends on. */
export interface PlanRules {
  seed: number;
  agents: readonly VoicyAgent[];
  timings: SandboxTimings;
  /** Share of the answered calls that never end. */
  stuckShare: number;
}

const MAX_TALK_MS = 30 * MINUTE;
const CAMPAIGN_SHARE = 0.06;
const TEST_SHARE = 0.03;
/** Share of the calls whose start is the answer and not the dialling. */
const STARTS_WITH_ANSWER_SHARE = 0.35;
/** The shared measure of speech is Korean; written Hebrew leaves the vowels out and is said in about half the time a letter. */
const HEBREW_PACE = 0.6;

/** The plan of the call with this number in its era (`past`, `live`). */
export function planCall(rules: PlanRules, era: string, number: number, birthMs: number): CallPlan {
  const stream = hash32(rules.seed, era, number);
  const dice = new Dice(stream, rules.seed, 'plan');
  const agent = dice.weighted(rules.agents.map((one) => [one, one.traffic] as const));
  const line = dice.weighted(agent.lines);
  const branch = dice.weighted(agent.scenario.branches.map((one) => [one, one.weight] as const));
  const drawn = drawOutcome(dice, line);
  const generation = drawGeneration(new Dice(stream, 'generation'));
  const times = drawTimes(rules, dice, line, drawn, branch, birthMs);
  return {
    id: uuidOf(stream, dice),
    stream,
    agent,
    line,
    branch,
    outcome: { ...drawn, status: inWordsOf(generation, drawn.status) },
    generation,
    isTest: dice.chance(TEST_SHARE),
    phone: line === 'web' ? null : `+97255501${dice.digits(4)}`,
    birthMs,
    ...times,
    settledKeyMs: times.startMs ?? birthMs,
  };
}

/** A UUID that begins with the stream: dice of 32 bits alone would give two calls of a thousand worlds the same. */
function uuidOf(stream: number, dice: Dice): string {
  return stream.toString(16).padStart(8, '0') + dice.uuid().slice(8);
}

function inWordsOf(generation: Generation, status: TerminalStatus): TerminalStatus {
  const completed = COMPLETED.some((one) => one === status);
  return isFirst(generation) && completed ? 'ended' : status;
}

type Times = Pick<CallPlan, 'ringMs' | 'connectMs' | 'talkMs' | 'finishMs' | 'startMs'>;

function drawTimes(
  { timings, stuckShare }: PlanRules,
  dice: Dice,
  line: Line,
  outcome: Outcome,
  branch: Branch,
  birthMs: number,
): Times {
  const queuedMs = Math.round(drawQueueMs(dice, line) * timings.queueScale);
  const rungMs = Math.round(drawRingMs(dice, line, outcome) * timings.ringScale);
  const rings = line !== 'web' && !(outcome.ending === null && outcome.status === 'error');
  const answeredMs = birthMs + queuedMs + (rings ? rungMs : 0);
  const connectMs = outcome.ending === null ? null : answeredMs;
  const talkMs = outcome.ending === null ? 0 : drawTalkMs(dice, outcome.ending, branch, timings);
  const stuck = dice.chance(stuckShare) && connectMs !== null;
  const startsWithAnswer = dice.chance(STARTS_WITH_ANSWER_SHARE);
  return {
    ringMs: rings ? birthMs + queuedMs : null,
    connectMs,
    talkMs,
    finishMs: stuck ? null : answeredMs + talkMs,
    startMs: startsWithAnswer ? connectMs : birthMs,
  };
}

function drawQueueMs(dice: Dice, line: Line): number {
  const campaign = dice.chance(CAMPAIGN_SHARE) && line === 'outgoing';
  return campaign ? dice.int(2 * MINUTE, 8 * MINUTE) : dice.int(300, 3_500);
}

function drawRingMs(dice: Dice, line: Line, { status }: Outcome): number {
  if (status === 'no_answer') return dice.int(30 * SECOND, 45 * SECOND);
  if (status === 'canceled') return dice.int(400, 20 * SECOND);
  return line === 'outgoing' ? dice.int(3 * SECOND, 22 * SECOND) : dice.int(400, 3 * SECOND);
}

function drawTalkMs(dice: Dice, ending: Ending, branch: Branch, timings: SandboxTimings): number {
  const whole = typicalLengthMs(branch) * HEBREW_PACE * (0.95 + dice.next() * 0.3);
  const talkMs = {
    whole,
    cut: whole * 0.48,
    person: whole * 0.5 + 8 * SECOND,
    voicemail: dice.int(12 * SECOND, 20 * SECOND),
    silence: dice.int(25 * SECOND, 45 * SECOND),
    breakdown: whole * 0.38,
  }[ending];
  return Math.max(1, Math.round(Math.min(talkMs, MAX_TALK_MS) * timings.talkScale));
}
