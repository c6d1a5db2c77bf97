import type { Analysis, CallFacts, CallReading, ToldFacts } from '../call.ts';
import { type CallContent, type Changes, columnName, compareContent, type Perishable } from './merge-call.ts';

/**
 * What a call is, by the payloads that are stored of it: as if they had just come, but for what no payload tells any
 * more (fields that the vendor has withdrawn since, or told elsewhere), which is kept as it is known. Pure.
 */
export function rederiveCall(
  known: CallContent,
  reading: CallReading,
  perishable: Perishable,
): { content: CallContent; changes: Changes } {
  const withdrawn = new Set(known.retracted);
  const kept = <T>(field: string, told: T, before: T): T =>
    told === null && withdrawn.has(field) ? before : told;
  // No payload that could tell: what is known stays.
  const told = {
    analysis: reading.analysis === undefined ? known.analysis : reading.analysis,
    costs: reading.costs === undefined ? known.costs : (reading.costs ?? []),
    extractions: reading.extractions === undefined ? known.extractions : (reading.extractions ?? []),
  };
  const content: CallContent = {
    facts: keepFacts(known.facts, reading.facts, withdrawn),
    analysis: keepAnalysis(known.analysis, kept('analysis', told.analysis, known.analysis), withdrawn),
    costs: withdrawn.has('costs') && told.costs.length === 0 ? known.costs : told.costs,
    extractions:
      withdrawn.has('extractions') && told.extractions.length === 0 ? known.extractions : told.extractions,
    transcript: reading.facts.optOut
      ? null
      : reading.transcript === undefined
        ? known.transcript
        : kept(
            'transcript',
            withdrawn.has('transcript') ? orNull(reading.transcript) : reading.transcript,
            known.transcript,
          ),
    retracted: known.retracted,
  };
  return { content, changes: compareContent(known, content, perishable) };
}

function orNull<T>(list: T[] | null): T[] | null {
  return list?.length === 0 ? null : list;
}

function keepFacts(known: CallFacts, told: ToldFacts, withdrawn: ReadonlySet<string>): CallFacts {
  const entries = Object.entries(told).map(([field, value]) => {
    const isKept = value === undefined || (value === null && withdrawn.has(columnName(field)));
    return [field, isKept ? known[field as keyof CallFacts] : value];
  });
  return Object.fromEntries(entries) as CallFacts;
}

function keepAnalysis(
  known: Analysis | null,
  told: Analysis | null,
  withdrawn: ReadonlySet<string>,
): Analysis | null {
  if (told === null || known === null) return told;
  return {
    ...told,
    summary: told.summary ?? (withdrawn.has('summary') ? known.summary : null),
    sentiment: told.sentiment ?? (withdrawn.has('sentiment') ? known.sentiment : null),
  };
}
