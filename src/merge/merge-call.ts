import type {
  Analysis,
  CallFacts,
  CallReading,
  Cost,
  DriftNote,
  Extraction,
  ToldFacts,
  TranscriptItem,
} from '../call.ts';
import { isTerminal } from '../call.ts';
import { digitsOf, type Json, type JsonObject, plainDecimal } from '../json.ts';

/** Everything that the vendor has told of a call so far. */
export interface CallContent {
  facts: CallFacts;
  analysis: Analysis | null;
  costs: Cost[];
  extractions: Extraction[];
  transcript: TranscriptItem[] | null;
  /** Fields that the vendor once told and no longer does. Their values are kept. */
  retracted: string[];
}

export type RetractionPolicy = 'keep' | 'follow';

/** Old and new value of a field; of long or personal texts only that they changed. */
export type Changes = Record<string, Json>;

export type Merged =
  | { outcome: 'merged'; content: CallContent; changes: Changes }
  /** The reading is older than what is known: a terminal status never regresses. Nothing of it is used. */
  | { outcome: 'stale'; drift: DriftNote };

/** Values of these fields stay out of the event log: numbers, names and texts of people. */
const PERSONAL: ReadonlySet<keyof CallFacts> = new Set([
  'fromNumber',
  'toNumber',
  'presentationNumber',
  'fromE164',
  'toE164',
  'recordingUrl',
  'contactId',
  'metadata',
  'variables',
]);
/** What the vendor may not keep of a call that is opted out, and so nor may we. */
const ERASED_BY_OPT_OUT: ReadonlySet<string> = new Set([
  'recordingUrl',
  'transcript',
  'analysis',
  'summary',
  'sentiment',
  'extractions',
]);

/** Columns of links that are signed anew at every reading: one for another is no change. */
export type Perishable = ReadonlySet<string>;

/** Merges a reading into what is known. Pure; the order of keys in `changes` is that of the columns. */
export function mergeCall(
  known: CallContent | null,
  reading: CallReading,
  policy: RetractionPolicy,
  perishable: Perishable,
): Merged {
  if (known === null) {
    return { outcome: 'merged', content: firstContent(reading), changes: {} };
  }
  const { status } = reading.facts;
  if (status !== undefined && isTerminal(known.facts.status) && !isTerminal(status)) {
    const value = `${known.facts.status} → ${status}`;
    return { outcome: 'stale', drift: { kind: 'status_regressed', path: 'status', value } };
  }
  const changes: Changes = {};
  const retracted = new Set(known.retracted);
  const follows = (field: string) =>
    policy === 'follow' || (reading.facts.optOut === true && ERASED_BY_OPT_OUT.has(field));
  const keep = retractionKeeper(retracted, changes, follows);

  const content: CallContent = {
    facts: mergeFacts(known.facts, reading.facts, keep, changes, perishable),
    analysis: mergeAnalysis(known.analysis, reading.analysis, keep, changes),
    costs: mergePart('costs', orNull(known.costs), orUndefined(reading.costs), keep, changes) ?? [],
    extractions:
      mergePart('extractions', orNull(known.extractions), orUndefined(reading.extractions), keep, changes) ??
      [],
    transcript: mergePart(
      'transcript',
      known.transcript,
      emptied(known, withoutTranscript(reading), follows),
      keep,
      changes,
    ),
    retracted: [],
  };
  content.retracted = [...retracted].sort((a, b) => (a < b ? -1 : 1));
  return { outcome: 'merged', content, changes };
}

function firstContent(reading: CallReading): CallContent {
  return {
    facts: factsOf(reading.facts),
    analysis: reading.analysis ?? null,
    costs: reading.costs ?? [],
    extractions: reading.extractions ?? [],
    transcript: withoutTranscript(reading) ?? null,
    retracted: [],
  };
}

/** What a first reading does not tell is not known. */
function factsOf(told: ToldFacts): CallFacts {
  const entries = Object.entries(told).map(([field, value]) => [field, value === undefined ? null : value]);
  const { channel = 'unknown', direction = 'unknown', status = 'unknown' } = told;
  const { testCall = false, optOut = false } = told;
  return { ...Object.fromEntries(entries), channel, direction, status, testCall, optOut } as CallFacts;
}

/** Decides for one field whether a null after a value is kept, and notes it once. */
type Keeper = (field: string, wasNull: boolean, isNull: boolean) => boolean;

function retractionKeeper(
  retracted: Set<string>,
  changes: Changes,
  follows: (field: string) => boolean,
): Keeper {
  return (field, wasNull, isNull) => {
    const column = columnName(field);
    if (!isNull || wasNull || follows(field)) {
      retracted.delete(column);
      return false;
    }
    if (!retracted.has(column)) changes[column] = { retracted: true };
    retracted.add(column);
    return true;
  };
}

function mergeFacts(
  known: CallFacts,
  read: ToldFacts,
  keep: Keeper,
  changes: Changes,
  perishable: Perishable,
): CallFacts {
  const merged: Record<string, unknown> = { ...read };
  for (const field of Object.keys(read) as (keyof CallFacts)[]) {
    const before = known[field];
    const after = read[field];
    const renewed = before !== null && after !== null && perishable.has(columnName(field));
    if (after === undefined || keep(field, saysNothing(before), after === null)) {
      merged[field] = before;
    } else if (!renewed && !sameValue(before, after)) {
      changes[columnName(field)] = PERSONAL.has(field)
        ? { changed: true }
        : { from: readable(field, before), to: readable(field, after) };
    }
  }
  return merged as unknown as CallFacts;
}

/** An empty text, as earlier versions stored it, is nothing that could be withdrawn. */
function saysNothing(value: unknown): boolean {
  return value === null || value === '';
}

/** Merges a part that is replaced as a whole. `undefined` says nothing, so what is known stays. */
function mergePart<T extends Analysis | Cost[] | Extraction[] | TranscriptItem[]>(
  field: string,
  known: T | null,
  read: T | null | undefined,
  keep: Keeper,
  changes: Changes,
): T | null {
  if (read === undefined || keep(field, known === null, read === null)) return known;
  if (!sameValue(known, read)) changes[field] = describeChange(field, known, read);
  return read;
}

/** As a part, but a summary or sentiment that is withdrawn alone is kept alone. */
function mergeAnalysis(
  known: Analysis | null,
  read: Analysis | null | undefined,
  keep: Keeper,
  changes: Changes,
): Analysis | null {
  const told = read ? { ...read } : read;
  if (told) {
    const before = known ?? NOTHING_TOLD;
    if (keep('summary', saysNothing(before.summary), told.summary === null)) told.summary = before.summary;
    if (keep('sentiment', saysNothing(before.sentiment), told.sentiment === null))
      told.sentiment = before.sentiment;
  }
  const merged = mergePart('analysis', known, told, keep, changes);
  if (merged === null) {
    // Nothing of it is kept any more, so nothing of it is withdrawn.
    keep('summary', true, true);
    keep('sentiment', true, true);
  }
  return merged;
}

const NOTHING_TOLD: Analysis = { summary: null, sentiment: null, details: null };

/** What differs between two states of a call, as the event log tells it. */
export function compareContent(before: CallContent, after: CallContent, perishable: Perishable): Changes {
  const changes: Changes = {};
  const none: Keeper = () => false;
  mergeFacts(before.facts, after.facts, none, changes, perishable);
  mergePart('analysis', before.analysis, after.analysis, none, changes);
  mergePart('costs', orNull(before.costs), orNull(after.costs), none, changes);
  mergePart('extractions', orNull(before.extractions), orNull(after.extractions), none, changes);
  mergePart('transcript', before.transcript, after.transcript, none, changes);
  return changes;
}

function describeChange(field: string, known: unknown, read: unknown): Json {
  if (field === 'costs') return { from: amounts(known), to: amounts(read) };
  const size = (part: unknown): Json =>
    Array.isArray(part) ? String(part.length) : part === null ? null : 'told';
  return { from: size(known), to: size(read) };
}

function amounts(costs: unknown): Json {
  if (!Array.isArray(costs)) return null;
  return (costs as Cost[]).map(({ component, amount, currency }) => `${component} ${amount} ${currency}`);
}

/** The column of a field: `agentId` is `agent_id`. */
export function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function readable(field: string, value: unknown): Json {
  if (typeof value === 'number' && field.endsWith('At')) return new Date(value).toISOString();
  return (value ?? null) as Json;
}

/** An opted-out call has no transcript whatever the kind of payload: what was stored before is erased. */
function withoutTranscript(reading: CallReading): TranscriptItem[] | null | undefined {
  return reading.facts.optOut ? null : reading.transcript;
}

/** A transcript without a word where there were some is one that was withdrawn. */
function emptied(
  { transcript: before }: CallContent,
  told: TranscriptItem[] | null | undefined,
  follows: (field: string) => boolean,
): TranscriptItem[] | null | undefined {
  const isEmptied = told?.length === 0 && (before?.length ?? 0) > 0;
  return isEmptied && !follows('transcript') ? null : told;
}

function orNull<T>(list: T[]): T[] | null {
  return list.length === 0 ? null : list;
}

function orUndefined<T>(list: T[] | null | undefined): T[] | null | undefined {
  return list === undefined ? undefined : orNull(list ?? []);
}

/** Equality of plain values, numbers compared by their digits. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [number, other] = [digitsOf(a as Json), digitsOf(b as Json)];
  if (number !== null || other !== null) {
    return number !== null && other !== null && plainDecimal(number) === plainDecimal(other);
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => sameValue(item, b[i]))
    );
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [members, others] = [a as JsonObject, b as JsonObject];
  const keys = Object.keys(members);
  return (
    keys.length === Object.keys(others).length &&
    keys.every((key) => Object.hasOwn(others, key) && sameValue(members[key] ?? null, others[key] ?? null))
  );
}
