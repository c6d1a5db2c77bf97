import { Dice } from '../../src/sandbox/dice.ts';
import type { OperationLog } from './operation-log.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { IncidentOf, Moment } from './story.ts';

/** Incidents that strike a worker at one of its operations. */
type Blow = IncidentOf<'crash' | 'disconnect' | 'serialization_failure' | 'pause'>;

/** A worker: one process after the other on one machine. */
export interface Worker extends Actor {
  readonly index: number;
  /** The machine's clock minus the true time. */
  skewMs: number;
  /** Blows that wait for their operation. */
  blows: { blow: Blow; operationsLeft: number }[];
  /** The process that lives now. */
  process: Process | null;
  /** How long it takes until the next process runs. */
  downForMs: number;
  /** Stopped since it was granted a request of the budget, so that its next request comes late. */
  isHeldUp: boolean;
  /** Chance for latencies and jitter. */
  readonly dice: Dice;
}

/** One process of a worker. Once dead, nothing of it reaches the outside world any more. */
export interface Process {
  readonly name: string;
  readonly worker: Worker;
  isDead: boolean;
  /** Told to end after the page in hand. */
  readonly stop: AbortController;
  /** Takes down what the process holds at once, as the kernel does. */
  readonly atDeath: Set<() => void>;
}

/** Thrown at every operation of a process that is dead. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface Operation {
  label: string;
  kind: 'statement' | 'request';
  latencyMs: number;
  signal?: AbortSignal;
}

/** What becomes of the connection that a statement is sent on. */
export interface Strike {
  kind: 'disconnect' | 'serialization_failure';
  moment: Moment;
}

export function newWorker(seed: number, index: number, skewMs: number): Worker {
  const actor = { name: `w${index}`, pausedUntilMs: 0, inTransaction: false, doing: 'its start' };
  return {
    ...actor,
    index,
    skewMs,
    blows: [],
    process: null,
    downForMs: 0,
    isHeldUp: false,
    dice: new Dice(seed, 'worker', index),
  };
}

export function startProcess(worker: Worker, number: number): Process {
  const process: Process = {
    name: `${worker.name}.${number}`,
    worker,
    isDead: false,
    stop: new AbortController(),
    atDeath: new Set(),
  };
  worker.process = process;
  return process;
}

/** Ends a process as SIGKILL does. */
function kill(process: Process): void {
  process.isDead = true;
  process.worker.inTransaction = false;
  for (const takeDown of process.atDeath) takeDown();
  process.atDeath.clear();
}

interface Surroundings {
  scheduler: Scheduler;
  log: OperationLog;
}

/**
 * Does one thing in the outside world on behalf of a process, when its turn has come. Here it is struck: the process
 * may be stopped or die, before the thing is done or when it is done and the answer not seen.
 */
export async function perform<T>(
  surroundings: Surroundings,
  process: Process,
  operation: Operation,
  act: (strike: Strike | null) => Promise<T>,
): Promise<T> {
  const { log, scheduler } = surroundings;
  const { worker } = process;
  const { label, kind, latencyMs } = operation;
  worker.doing = label;
  await takeTurn(surroundings, process, operation, latencyMs);
  const blow = nextBlow(worker, kind);
  if (blow) log.struck(blow.id, `${process.name} ${label}`);
  await suffer(surroundings, process, operation, blow, 'before');
  log.note(`${scheduler.now()} ${process.name} ${label}`);
  const result = await act(strikeOf(blow));
  orDie(process);
  await suffer(surroundings, process, operation, blow, 'after');
  return result;
}

async function takeTurn(
  { scheduler }: Surroundings,
  process: Process,
  { kind, signal }: Operation,
  ms: number,
): Promise<void> {
  orDie(process);
  await scheduler.turn(process.worker, ms, { signal, isStatement: kind === 'statement' });
  orDie(process);
}

function orDie({ name, isDead }: Process): void {
  if (isDead) throw new Crash(`${name} is dead`);
}

/** Stops or kills a process, when that is what strikes it at this moment. */
async function suffer(
  surroundings: Surroundings,
  process: Process,
  operation: Operation,
  blow: Blow | null,
  moment: Moment,
): Promise<void> {
  if (blow === null || !('moment' in blow) || blow.moment !== moment) return;
  const { scheduler } = surroundings;
  const { worker } = process;
  if (blow.kind === 'crash') {
    worker.downForMs = blow.downForMs;
    kill(process);
    throw new Crash(`${process.name} died at ${operation.label}`);
  }
  // The statement may have begun a transaction, and nobody is stopped inside one.
  if (blow.kind !== 'pause' || worker.inTransaction) return;
  worker.pausedUntilMs = scheduler.now() + blow.forMs;
  worker.isHeldUp = true;
  await takeTurn(surroundings, process, operation, 0);
}

function strikeOf(blow: Blow | null): Strike | null {
  if (blow?.kind === 'disconnect') return { kind: blow.kind, moment: blow.moment };
  return blow?.kind === 'serialization_failure' ? { kind: blow.kind, moment: 'before' } : null;
}

/** Counts an operation for all blows that wait, and gives the one that strikes it. */
function nextBlow(worker: Worker, kind: Operation['kind']): Blow | null {
  let struck: (typeof worker.blows)[number] | null = null;
  for (const waiting of worker.blows) {
    const { blow } = waiting;
    if ((blow.kind === 'disconnect' || blow.kind === 'serialization_failure') && kind !== 'statement')
      continue;
    // A process that is stopped inside a transaction holds row locks, and real ones are not waited for here.
    if (blow.kind === 'pause' && worker.inTransaction) continue;
    waiting.operationsLeft -= 1;
    if (waiting.operationsLeft <= 0) struck ??= waiting;
  }
  if (struck === null) return null;
  worker.blows = worker.blows.filter((waiting) => waiting !== struck);
  return struck.blow;
}
