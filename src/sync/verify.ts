import type { Instant } from '../call.ts';
import type { TimeWindow } from '../source.ts';
import {
  type AuditWindow,
  type Comparison,
  countPlaced,
  daysWithin,
  readOldestCall,
  saveAudit,
} from '../warehouse/audits.ts';
import { readCoveredTo, readGaps } from '../warehouse/checkpoints.ts';
import { countPartlyRead } from '../warehouse/status.ts';
import { audit } from './audit.ts';
import { join } from './audit-window.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { patient } from './patient.ts';
import { CEILING_MARGIN_MS } from './plan-live.ts';
import { allSlices, newReplay, replayCalls } from './replay.ts';
import { settleByDetail } from './settle.ts';

export interface VerifyOptions {
  /** Null is the start of history. */
  from: Instant | null;
  /** Null is now. */
  to: Instant | null;
  /** Compares every call by its id, whatever it costs. */
  ids: boolean;
  heal: boolean;
}

export interface Verified extends Comparison {
  window: AuditWindow;
  windows: number;
  method: 'count' | 'ids';
  requests: number;
  /** Calls whose stored payload this version cannot read. */
  unreadable: string[];
  /** Calls of the whole source that are stored without a field that could not be read. */
  partlyRead: number;
  /** What of the window is not covered when all is compared. */
  gaps: TimeWindow[];
}

/** Before any vendor of calls by AI. */
const BEGINNING = Date.UTC(2015, 0, 1);
/** While all ids cost no more requests than this, they are compared: a minute of a usual budget. */
const IDS_REQUESTS_MAX = 120;
const DETAILS_AT_ONCE = 50;

/**
 * Compares the warehouse with the vendor, business day by business day, and its tables with the payloads that are
 * stored. Everything that was compared is recorded in `audits`; what differs is mended when `heal` says so.
 */
export async function verify(
  hasty: SyncContext,
  options: VerifyOptions,
  onProgress: (done: number, total: number) => void,
): Promise<Verified> {
  const { context, keepFresh } = patient(hasty);
  const { source } = context;
  const { sent } = source.requests;
  const before = sent.list + sent.detail;
  const window = windowOf(context, options);
  const windows = await windowsOf(context, window);
  const method = options.ids || (await isCheap(context, window, windows)) ? 'ids' : 'count';
  const parts: Comparison[] = [];
  for (const one of windows) {
    await keepFresh();
    parts.push(await audit(context, one, { method, heal: options.heal }));
    onProgress(parts.length, windows.length);
  }
  const tables = await compareTables(context, window, options.heal, keepFresh);
  if (options.heal) {
    while ((await settleByDetail(context, DETAILS_AT_ONCE, () => false)) > 0) await keepFresh();
  }
  return {
    ...join(parts),
    damaged: tables.differing,
    unreadable: tables.unreadable,
    window,
    windows: windows.length,
    method,
    requests: sent.list + sent.detail - before,
    partlyRead: await countPartlyRead(context.database, context.sourceId),
    gaps: await gapsWithin(context, window),
  };
}

/** What is not covered of a window, up to the newest time that is. */
async function gapsWithin({ database, sourceId }: SyncContext, window: AuditWindow): Promise<TimeWindow[]> {
  const coveredTo = (await readCoveredTo(database, sourceId)) ?? window.to;
  return readGaps(database, sourceId, {
    from: window.from,
    to: Math.max(window.from, Math.min(window.to, coveredTo)),
  });
}

function windowOf({ clock, vendorClock, settings }: SyncContext, { from, to }: VerifyOptions): AuditWindow {
  const now = vendorClock.toVendor(clock.now()) - CEILING_MARGIN_MS;
  const end = Math.min(to ?? now, now);
  return { from: Math.min(from ?? settings.since ?? BEGINNING, end), to: end };
}

/** A window for each business day since the first call, and one for all the time before it. */
async function windowsOf(context: SyncContext, window: AuditWindow): Promise<AuditWindow[]> {
  const { database, sourceId } = context;
  const oldest = (await readOldestCall(database, sourceId)) ?? window.to;
  const firstCall = Math.min(Math.max(window.from, oldest), window.to);
  const days = await daysWithin(database, sourceId, { from: firstCall, to: window.to });
  const before = { from: window.from, to: firstCall - 1 };
  return before.to > before.from ? [before, ...days] : days;
}

async function isCheap(
  { database, sourceId, source }: SyncContext,
  window: AuditWindow,
  windows: readonly AuditWindow[],
): Promise<boolean> {
  const calls = await countPlaced(database, sourceId, window);
  return windows.length + calls / source.pageSize <= IDS_REQUESTS_MAX;
}

/** The tables against the stored payloads: rows that somebody changed or deleted beside the calls themselves. */
async function compareTables(
  context: SyncContext,
  window: AuditWindow,
  heal: boolean,
  keepFresh: () => Promise<void>,
) {
  const { sourceId, runId, clock } = context;
  const auditedAt = clock.now();
  const options = { since: null, within: window, write: heal, step: 'heal' } as const;
  const result = newReplay();
  await allSlices(context, replayCalls(options, result), keepFresh);
  await fenced(context, (tx) =>
    saveAudit(tx, {
      sourceId,
      runId,
      window,
      method: 'payloads',
      auditedAt,
      vendorCalls: null,
      storedCalls: result.calls,
      notStored: [],
      notListed: [],
      damaged: result.differing,
      differsIn: [],
      unproved: [],
      healed: heal,
      requests: 0,
    }),
  );
  return result;
}
