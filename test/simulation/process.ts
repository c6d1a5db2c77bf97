import { Dice } from '../../src/sandbox/dice.ts';
import type { OperationLog } from './operation-log.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import type { IncidentOf, Moment } from './story.ts';
import type { VendorName } from './vendors/vendor.ts';

/** Incidents that strike a worker at one of its operations. */
type Blow = IncidentOf<'crash' | 'break' | 'disconnect' | 'serialization_failure' | 'pause'>;

/** A worker: one process after the other on one machine. */
export interface Worker extends Actor {
  readonly index: number;
  pausedUntilMs: number;
  /** The machine's clock minus the true time. */
  skewMs: number;
  /** Blows that wait for their operation. */
  blows: { blow: Blow; operationsLeft: number }[];
  /** The process that lives now. */
  process: Process | null;
  /** How long it takes until the next process runs. */
  downForMs: number;
  /** Chance for latencies and jitter. */
  readonly dice: Dice;
}

/** One process of a worker. Once dead, nothing of it reaches the outside world any more. */
export interface Process {
  readonly name: string;
  readonly worker: Worker;
  isDead: boolean;
  readonly strands: readonly Strand[];
  /** Takes down what the process holds at once, as the kernel does. */
  readonly atDeath: Set<() => void>;
}

/** What a process does for one source. The strands of a process wait by themselves, but live and die together. */
export interface Strand extends Actor {
  readonly process: Process;
  readonly vendor: VendorName;
  /** Told to end after the page in hand. */
  readonly stop: AbortController;
  /** Stopped since it was granted a request of the budget, so that its next request comes late. */
  isHeldUp: boolean;
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
    dice: new Dice(seed, 'worker', index),
  };
}

export function startProcess(worker: Worker, number: number, vendors: readonly VendorName[]): Process {
  const strands: Strand[] = [];
  const process: Process = {
    name: `${worker.name}.${number}`,
    worker,
    isDead: false,
    strands,
    atDeath: new Set(),
  };
  strands.push(...vendors.map((vendor) => newStrand(process, vendor)));
  worker.process = process;
  return process;
}

function newStrand(process: Process, vendor: VendorName): Strand {
  return {
    name: `${process.name} ${vendor}`,
    process,
    vendor,
    get pausedUntilMs() {
      return process.worker.pausedUntilMs;
    },
    inTransaction: false,
    doing: 'its start',
    stop: new AbortController(),
    isHeldUp: false,
  };
}

/** Ends a process as SIGKILL does. */
export function kill(scheduler: Scheduler, process: Process): void {
  process.isDead = true;
  for (const strand of process.strands) {
    strand.inTransaction = false;
    scheduler.end(strand, new Crash(`${process.name} is dead`));
  }
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
  strand: Strand,
  operation: Operation,
  act: (strike: Strike | null) => Promise<T>,
): Promise<T> {
  const { log, scheduler } = surroundings;
  const { process } = strand;
  const { label, kind, latencyMs } = operation;
  strand.doing = label;
  await takeTurn(surroundings, strand, operation, latencyMs);
  const blow = nextBlow(process, kind);
  if (blow) log.struck(blow.id, `${strand.name} ${label}`);
  await suffer(surroundings, strand, operation, blow, 'before');
  if (blow?.kind === 'break') throw unforeseen(kind);
  log.note(`${scheduler.now()} ${strand.name} ${label}`);
  const result = await act(strikeOf(blow));
  orDie(process);
  await suffer(surroundings, strand, operation, blow, 'after');
  return result;
}

const planted = new WeakSet<object>();

/** An error of no kind that is known: the database refuses a statement, or our own code is wrong. */
function unforeseen(kind: Operation['kind']): Error {
  const error =
    kind === 'statement'
      ? Object.assign(new Error('unexpected chunk number'), { code: 'XX001' })
      : new RangeError('Maximum call stack size exceeded');
  planted.add(error);
  return error;
}

/** Whether an error is one that an incident planted. */
export function isPlanted(error: unknown): boolean {
  return typeof error === 'object' && error !== null && planted.has(error);
}

async function takeTurn(
  { scheduler }: Surroundings,
  strand: Strand,
  { kind, signal }: Operation,
  ms: number,
): Promise<void> {
  orDie(strand.process);
  await scheduler.turn(strand, ms, { signal, isStatement: kind === 'statement' });
  orDie(strand.process);
}

function orDie({ name, isDead }: Process): void {
  if (isDead) throw new Crash(`${name} is dead`);
}

/** Stops or kills a process, when that is what strikes it at this moment. */
async function suffer(
  surroundings: Surroundings,
  strand: Strand,
  operation: Operation,
  blow: Blow | null,
  moment: Moment,
): Promise<void> {
  if (blow === null || !('moment' in blow) || blow.moment !== moment) return;
  const { scheduler } = surroundings;
  const { process } = strand;
  if (blow.kind === 'crash') {
    process.worker.downForMs = blow.downForMs;
    kill(scheduler, process);
    throw new Crash(`${process.name} died at ${operation.label}`);
  }
  // The statement may have begun a transaction, and nobody is stopped inside one.
  if (blow.kind !== 'pause' || isInTransaction(process)) return;
  process.worker.pausedUntilMs = scheduler.now() + blow.forMs;
  for (const one of process.strands) one.isHeldUp = true;
  await takeTurn(surroundings, strand, operation, 0);
}

function isInTransaction({ strands }: Process): boolean {
  return strands.some(({ inTransaction }) => inTransaction);
}

function strikeOf(blow: Blow | null): Strike | null {
  if (blow?.kind === 'disconnect') return { kind: blow.kind, moment: blow.moment };
  return blow?.kind === 'serialization_failure' ? { kind: blow.kind, moment: 'before' } : null;
}

/** Counts an operation for all blows that wait, and gives the one that strikes it. */
function nextBlow(process: Process, kind: Operation['kind']): Blow | null {
  const { worker } = process;
  let struck: (typeof worker.blows)[number] | null = null;
  for (const waiting of worker.blows) {
    const { blow } = waiting;
    if ((blow.kind === 'disconnect' || blow.kind === 'serialization_failure') && kind !== 'statement')
      continue;
    // A process that is stopped inside a transaction holds row locks, and real ones are not waited for here.
    if (blow.kind === 'pause' && isInTransaction(process)) continue;
    waiting.operationsLeft -= 1;
    if (waiting.operationsLeft <= 0) struck ??= waiting;
  }
  if (struck === null) return null;
  worker.blows = worker.blows.filter((waiting) => waiting !== struck);
  return struck.blow;
}
