import type { Facet } from '../call.ts';
import { formatDuration } from '../config/duration.ts';
import type {
  Absence,
  AuditNote,
  CallEvent,
  CallLineage,
  CallState,
  Letter,
  QueuePlace,
  ReadRange,
} from '../warehouse/why.ts';
import { table } from './console.ts';

/** The words of `why`: facts in, lines out. Pure. */

const SETTLEMENTS: Readonly<Record<CallState['settlement'], string>> = {
  open: 'it has not ended',
  settling: 'it has ended, and something of it is still awaited',
  settled: 'nothing of it is expected to change',
  expired: 'its deadline passed and something never came',
  stuck: 'it never ended, and is left out of the counts',
  missing: 'the vendor no longer knows it; the row is kept',
};

const STEPS: ReadonlyMap<string, string> = new Map([
  ['open', 'the list of open calls'],
  ['live', 'the list of the newest time'],
  ['lookback', 'the look-back'],
  ['settle', 'a list that was read because calls were due'],
  ['details', 'the call itself, asked for by its id'],
  ['backfill', 'the list of history'],
  ['audit', 'an audit'],
  ['resync', 'a resync'],
  ['place', 'the answer to the order that placed it'],
  ['judged', 'no request: it was judged by what was stored'],
  ['replay', 'no request: it was derived again from the stored payloads'],
  ['heal', 'no request: rows were mended from the stored payloads'],
]);

/** Why a call stands where it stands, and when it is read next, in plain words. */
export function explainStanding(lineage: CallLineage, now: number): { why: string; next: string } {
  const { queue, deadLetters } = lineage;
  const unread = deadLetters.filter(({ resolvedAt }) => resolvedAt === null);
  const letter = unread.findLast(({ scope }) => scope === 'record');
  const behind = letter
    ? ` A record of it that came ${letter.lastSeenAt} could not be read (${letter.reason}), so the row may be behind.`
    : '';
  const fields = unread.filter(({ scope }) => scope === 'field').map(({ path }) => path);
  const partly =
    fields.length > 0 ? ` Fields that could not be read, and are null: ${fields.join(', ')}.` : '';
  const refused = queue?.lastFault
    ? ` When it was last asked for, the vendor refused it: ${queue.lastFault}.`
    : '';
  return {
    why: reasonOf(lineage, now) + behind + partly + refused,
    next: queue ? nextRead(queue, now) : noNextRead(lineage),
  };
}

function reasonOf({ call, queue }: CallLineage, now: number): string {
  const deadline = queue ? ` at ${queue.deadlineAt} (${distance(queue.deadlineAt, now)})` : '';
  switch (call.settlement) {
    case 'open':
      return `It has not ended, as far as the vendor has told. If it has not ended${deadline}, it is called stuck.`;
    case 'settling':
      return `It has ended. Awaited: ${awaited(queue)}. Waiting ends${deadline}; then it is called expired.`;
    case 'settled':
      return `${presence(call)}${queue ? ` It changed after that, so it is read once more: ${awaited(queue)}.` : ''}`;
    case 'expired':
      return `Its deadline passed and this never came: ${absent(call).join(', ') || 'a record that can be read'}.`;
    case 'stuck':
      return 'It did not end in the time that calls are given, so it is presumed stuck and asked for ever more rarely.';
    case 'missing':
      return `The vendor answered at ${call.missingSince} that it does not know this call. The row is kept as it was.`;
  }
}

function awaited(queue: QueuePlace | null): string {
  return queue?.awaiting.join(', ') || 'nothing that is noted';
}

function nextRead({ nextCheckAt, nextRead, attempts }: QueuePlace, now: number): string {
  const how = nextRead === 'list' ? 'by a list' : 'by asking for the call itself';
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  const due =
    Date.parse(nextCheckAt) <= now ? `; due since ${formatDuration(now - Date.parse(nextCheckAt))}` : '';
  return `${nextCheckAt} ${how}${due}; read ${times} since it was queued`;
}

function noNextRead({ call: { settlement } }: CallLineage): string {
  if (settlement === 'open' || settlement === 'settling')
    return 'none is noted, which should not be: `callhouse resync` reads it';
  if (settlement === 'missing') return 'none: it was asked for long enough';
  return 'none by itself, unless a list shows a change; `callhouse resync` reads it now';
}

/** What is there of a settled call, and why the rest never comes. */
function presence(call: CallState): string {
  if (call.startedAt === null)
    return 'It never connected, so its status is all there is, and it was seen in the calm.';
  const there = FACETS.filter(([, isThere]) => isThere(call)).map(([facet]) =>
    facet === 'transcript' ? `transcript (${call.transcriptItems} items)` : facet,
  );
  const gone = absent(call);
  const why = call.optOut
    ? 'it is opted out, so the vendor keeps none'
    : 'calls like it get none, or its time was over';
  const rest = gone.length === 0 ? '' : ` Not awaited: ${gone.join(', ')} (${why}).`;
  return `All that is expected is there: ${['status', ...there].join(', ')}.${rest}`;
}

const FACETS: readonly [Facet, (call: CallState) => boolean][] = [
  ['transcript', ({ transcriptItems }) => transcriptItems !== null],
  ['analysis', ({ hasAnalysis }) => hasAnalysis],
  ['cost', ({ hasCost }) => hasCost],
  ['recording', ({ hasRecording }) => hasRecording],
];

function absent(call: CallState): Facet[] {
  return FACETS.filter(([, isThere]) => !isThere(call)).map(([facet]) => facet);
}

/** The whole answer for one call of one source. */
export function describeLineage(lineage: CallLineage, now: number): string {
  const { source, callId, events, payloads, deadLetters } = lineage;
  return [
    `${callId} of ${source}`,
    ...head(lineage, now).map(([name, value]) => `  ${name.padEnd(14)}${value}`),
    '',
    'its story',
    ...events.flatMap(describeEvent),
    '',
    'kept of it',
    ...indent(
      payloads.map(({ kind, hash, fetchedAt, mappingVersion }) => [
        kind,
        hash,
        `fetched ${fetchedAt}`,
        `mapping ${mappingVersion}`,
      ]),
    ),
    ...(deadLetters.length === 0 ? [] : ['', 'set aside', ...deadLetters.map(describeLetter)]),
    '',
    'stored answers over its time, the last ten',
    ...describeAnswers(lineage),
  ].join('\n');
}

function head(lineage: CallLineage, now: number): [string, string][] {
  const { call, covered, audit } = lineage;
  const { why, next } = explainStanding(lineage, now);
  const word = call.vendorStatus === null ? 'the vendor says none' : `the vendor says ${call.vendorStatus}`;
  const lines: [string, string | null][] = [
    ['status', `${call.status} (${word}${call.endReason === null ? '' : `, ${call.endReason}`})`],
    ['settlement', `${call.settlement}: ${SETTLEMENTS[call.settlement]}`],
    ['why', why],
    ['next read', next],
    ['happened', `${call.occurredAt} (${BASES[call.occurredAtBasis]})`],
    ['first seen', since(call.firstSeenAt, now)],
    ['changed', `${since(call.changedAt, now)}, revision ${call.revision}`],
    ['checked', `${since(call.checkedAt, now)}; a read that finds nothing new does not move this`],
    ['settled', call.settledAt && since(call.settledAt, now)],
    ['missing since', call.missingSince && since(call.missingSince, now)],
    ['opted out', call.optOut ? 'yes: no transcript, recording or analysis is kept' : null],
    [
      'withdrawn',
      call.retracted.length > 0 ? `${call.retracted.join(', ')}; the values told before are kept` : null,
    ],
    [
      'its time',
      covered ? 'was read without a hole' : 'is not covered: it lies in a gap, or was never wanted',
    ],
    ['last audit', audit ? describeAudit(audit) : 'none of its time yet'],
  ];
  return lines.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]));
}

const BASES: Readonly<Record<CallState['occurredAtBasis'], string>> = {
  started: 'when it started',
  created: 'when it was created',
  ended: 'when it ended',
  listed: 'an estimate by its neighbours in the list',
  first_seen: 'an estimate: when it was first seen',
};

function describeEvent({ revision, observedAt, ...event }: CallEvent): string[] {
  const step = event.step === null ? 'not noted what brought it' : (STEPS.get(event.step) ?? event.step);
  const asked =
    event.requestedAt === null || step.startsWith('no request') ? '' : `, asked ${event.requestedAt}`;
  const window = event.readWindow === null ? '' : `, window ${describeRange(event.readWindow)}`;
  const restated = event.restated ? '  RESTATED after it was settled' : '';
  const changes = Object.entries(event.changes).map(([name, change]) => describeChange(name, change));
  if (changes.length === 0) changes.push(revision === 1 ? 'seen for the first time' : 'no field is named');
  return [
    `  ${revision}. ${observedAt}  ${event.status}, ${event.settlement}${restated}`,
    `     by ${step}${asked}${window}`,
    ...changes.map((line) => `       ${line}`),
  ];
}

/** One change of the event log. Personal values were left out when it was written. */
function describeChange(name: string, change: unknown): string {
  const told = (typeof change === 'object' && change !== null ? change : {}) as Record<string, unknown>;
  if (told.retracted === true) return `${name}: withdrawn by the vendor, the value told before is kept`;
  if (told.changed === true) return `${name}: changed (personal, so not in the log)`;
  const unit = name === 'transcript' || name === 'extractions' ? ' items' : '';
  const value = (side: unknown) => (side === null || side === undefined ? '–' : plain(side) + unit);
  return `${name}: ${value(told.from)} → ${value(told.to)}`;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeLetter(letter: Letter): string {
  const { kind, scope, reason, attempts, nextCheckAt, lastSeenAt, resolvedAt } = letter;
  const fate =
    resolvedAt !== null
      ? `a readable form was stored ${resolvedAt}`
      : scope === 'field'
        ? 'the call is stored without it, and `callhouse replay --dead-letters` reads it again'
        : nextCheckAt === null
          ? `not asked for any more after ${attempts} times; \`callhouse resync\` asks now`
          : `asked for again ${nextCheckAt}, ${attempts} times so far`;
  return `  ${kind} of ${lastSeenAt} could not be read: ${reason}; ${fate}`;
}

function describeAudit({ method, auditedAt, outcome, from, to, named }: AuditNote): string {
  const names = named.length === 0 ? '' : `; it named this call: ${named.join(', ')}`;
  return `${auditedAt} by ${method}, ${from} to ${to}: ${outcome}${names}`;
}

function describeAnswers({ answers }: CallLineage): string[] {
  if (answers.length === 0)
    return [
      '  none is kept: they are forgotten after 30 days, and of those that changed nothing few are noted',
    ];
  const rows = answers.map(({ requestedAt, command, step, readWindow, calls, changed }) => [
    requestedAt,
    command ?? '–',
    step,
    readWindow === null ? 'by id' : describeRange(readWindow),
    `${calls} calls`,
    `${changed} changed`,
  ]);
  return indent(rows);
}

function indent(rows: string[][]): string[] {
  return rows.length === 0
    ? ['  nothing']
    : table(rows)
        .split('\n')
        .map((line) => `  ${line}`);
}

function describeRange({ from, to }: ReadRange): string {
  return `${from ?? 'the beginning'} to ${to ?? 'the end'}`;
}

function since(at: string, now: number): string {
  return `${at} (${distance(at, now)})`;
}

function distance(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms > 0 ? `in ${formatDuration(ms)}` : `${formatDuration(-ms)} ago`;
}

/** The answer for an id that no call here has. */
export function describeAbsence(callId: string, { sources, deadLetters, audits }: Absence): string {
  const seen = sources.map(({ source, covered, gaps }) => {
    if (covered.length === 0) return `  ${source}: nothing was read yet, so nobody can say.`;
    const holes = gaps === 0 ? 'without a gap' : `with ${gaps} gaps, where it may lie`;
    const stretches = covered.slice(0, 3).map(describeRange).join(', ');
    const more = covered.length > 3 ? ' and before' : '';
    return `  ${source}: read are ${stretches}${more}, ${holes}. A call that its list showed there would be here.`;
  });
  const [first] = sources;
  const ask = first
    ? `\`callhouse resync ${callId}\` asks ${sources.length === 1 ? first.source : 'every source'} for it now.`
    : 'No source was ever read into this warehouse: run `callhouse sync` first.';
  return [
    `No call ${callId} is in this warehouse. An id does not tell when a call happened.`,
    ...seen,
    ...deadLetters.map((letter) => `  ${letter.source}:${describeLetter(letter).slice(1)}`),
    ...audits.map((audit) => `  ${audit.source}: an audit named it: ${describeAudit(audit)}`),
    callId.startsWith('sha256:')
      ? 'That is the name of a record without an id: nobody can be asked for it.'
      : ask,
  ].join('\n');
}
