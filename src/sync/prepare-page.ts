import type { CallPayloads, Instant, PayloadKind } from '../call.ts';
import { canonicalJson, isJsonObject, type Json, sha256 } from '../json.ts';
import type { ListedCall, TimeWindow } from '../source.ts';

/** A record of a page, ready to be compared with what is stored. */
export interface PreparedCall {
  /** The vendor's id, or `sha256:…` of the record when it has none. */
  callId: string;
  hasId: boolean;
  payloads: CallPayloads;
  hashes: Partial<Record<PayloadKind, string>>;
  /** Payloads as JSON, as they were spelled for the hash: stored as they are. Absent where that says less, or is too much to keep. */
  texts: Partial<Record<PayloadKind, string>>;
  /** Length of its payloads as text: about what handling it takes of memory, many times over. */
  textLength: number;
  cleanedTexts: number;
  /** About when the call happened, judged by its neighbours, for records that show no time of their own. */
  listedAt: Instant | null;
}

/** Characters of a page that are kept as they were spelled. A usual page has a quarter of it; larger ones are spelled again. */
const TEXTS_KEPT_MAX = 1_000_000;

/** Hashes records and drops doubles: a key that comes twice in one upsert is an error in PostgreSQL. */
export function preparePage(
  calls: readonly ListedCall[],
  window: TimeWindow | null,
  perishable: ReadonlySet<string>,
): PreparedCall[] {
  const times = calls.map((call) => call.listedAt);
  // Neighbours in the list of open calls may be days apart: only in a window do they say when a call happened.
  const places = window === null ? times : placeByNeighbours(times, window);
  const prepared = new Map<string, PreparedCall>();
  let kept = 0;
  for (const [i, call] of calls.entries()) {
    const hashes: PreparedCall['hashes'] = {};
    const texts: PreparedCall['texts'] = {};
    let textLength = 0;
    for (const [kind, payload] of Object.entries(call.payloads) as [
      PayloadKind,
      CallPayloads[PayloadKind],
    ][]) {
      if (payload === undefined) continue;
      const whatLasts = lasting(payload, perishable);
      const text = canonicalJson(whatLasts);
      hashes[kind] = sha256(text);
      textLength += text.length;
      kept += text.length;
      if (whatLasts === payload && kept <= TEXTS_KEPT_MAX) texts[kind] = text;
    }
    const callId = call.callId ?? `sha256:${Object.values(hashes)[0] ?? ''}`;
    prepared.set(callId, {
      callId,
      hasId: call.callId !== null,
      payloads: call.payloads,
      hashes,
      texts,
      textLength,
      cleanedTexts: call.cleanedTexts,
      listedAt: places[i] ?? null,
    });
  }
  return [...prepared.values()];
}

/**
 * Calls in their order, cut so that no slice has more text than this, but for a call that has more by itself: what
 * is made of records on their way into the database takes many times their size.
 */
export function* sliceByText(calls: readonly PreparedCall[], textMax: number): Generator<PreparedCall[]> {
  let slice: PreparedCall[] = [];
  let textLength = 0;
  for (const call of calls) {
    if (slice.length > 0 && textLength + call.textLength > textMax) {
      yield slice;
      slice = [];
      textLength = 0;
    }
    slice.push(call);
    textLength += call.textLength;
  }
  if (slice.length > 0) yield slice;
}

/** A record without what is worded anew at each reading: of that counts only whether it is there. */
function lasting(payload: Json, perishable: ReadonlySet<string>): Json {
  if (!isJsonObject(payload)) return payload;
  const worded = [...perishable].filter((key) => (payload[key] ?? null) !== null);
  if (worded.length === 0) return payload;
  return { ...payload, ...Object.fromEntries(worded.map((key) => [key, true])) };
}

/**
 * Calls that never connected show no start, but a list is in order of time: they happened about when their
 * neighbours did, or within the window that they were found in.
 */
export function placeByNeighbours(
  times: readonly (Instant | null)[],
  window: TimeWindow | null,
): (Instant | null)[] {
  const fallback = window?.to ?? null;
  return times.map((time, i) => {
    if (time !== null) return time;
    for (let distance = 1; distance < times.length; distance += 1) {
      const neighbour = times[i - distance] ?? times[i + distance] ?? null;
      if (neighbour !== null) return neighbour;
    }
    return fallback;
  });
}
