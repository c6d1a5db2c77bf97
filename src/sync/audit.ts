import { DAY, HOUR, MINUTE } from '../clock.ts';
import { type AuditRule, type AuditWindow, differs, dueAudit, saveAudit } from '../warehouse/audits.ts';
import { type AuditOptions, auditWindow } from './audit-window.ts';
import type { SyncContext } from './context.ts';
import { fenced } from './fenced.ts';
import { patient } from './patient.ts';

/** Calls that one audit by id may hold: a few requests, so that new calls never wait long for it. */
const CALLS_MAX = 400;
/** What one audit by count may hold: one request while the totals agree. */
const COUNTED_CALLS_MAX = 1_000_000;
const HISTORY = { callsMax: 5_000, spanMaxMs: 31 * DAY };

/**
 * Days of history are compared by count soon after they are read. Every business day is read again when it is over, and when it is a week, and one, two and three months old: late
 * overwrites and deletions come to light. What is older is compared by count, one request a day, every three months.
 */
const RULES: readonly AuditRule[] = [
  ...[
    { ageMs: 0, reachMs: 7 * DAY },
    { ageMs: 7 * DAY, reachMs: 23 * DAY },
    { ageMs: 30 * DAY, reachMs: 30 * DAY },
    { ageMs: 60 * DAY, reachMs: 30 * DAY },
    { ageMs: 90 * DAY, reachMs: 30 * DAY },
  ].map((age) => ({
    ...age,
    method: 'ids' as const,
    everyMs: null,
    callsMax: CALLS_MAX,
    spanMaxMs: DAY,
    ofHistory: false,
  })),
  { method: 'count', ageMs: 0, reachMs: null, everyMs: null, ...HISTORY, ofHistory: true },
  {
    method: 'count',
    ageMs: 90 * DAY,
    reachMs: null,
    everyMs: 90 * DAY,
    callsMax: COUNTED_CALLS_MAX,
    spanMaxMs: DAY,
    ofHistory: false,
  },
];
/** A day is over when this has passed since its midnight: its last calls have ended, and the night is quiet. */
const CLOSED_AFTER_MS = 3 * HOUR;
const LOOK_EVERY_MS = 10 * MINUTE;

/** Makes the next audit that is due. Gives false when none is. */
export async function auditNext(context: SyncContext): Promise<boolean> {
  const { clock, notBefore } = context;
  if (clock.now() < notBefore.audit) return false;
  for (const rule of RULES) {
    const window = await nextDue(context, rule);
    if (window === null) continue;
    await audit(patient(context).context, window, { method: rule.method, heal: true });
    return true;
  }
  notBefore.audit = clock.now() + LOOK_EVERY_MS;
  return false;
}

function nextDue({ database, sourceId, clock, vendorClock }: SyncContext, rule: AuditRule) {
  const now = clock.now();
  const times = { now, vendorNow: vendorClock.toVendor(now), closedAfterMs: CLOSED_AFTER_MS };
  return dueAudit(database, sourceId, rule, times);
}

/** Compares one window, heals it when told to, and records what came of it. */
export async function audit(context: SyncContext, window: AuditWindow, options: AuditOptions) {
  const { sourceId, runId, source, clock, log } = context;
  const auditedAt = clock.now();
  const before = source.requests.sent.list + source.requests.sent.detail;
  const comparison = await auditWindow(context, window, options);
  const requests = source.requests.sent.list + source.requests.sent.detail - before;
  await fenced(context, (tx) =>
    saveAudit(tx, {
      ...comparison,
      sourceId,
      runId,
      window,
      method: options.method,
      auditedAt,
      healed: options.heal,
      requests,
    }),
  );
  const { notStored, notListed, unproved } = comparison;
  if (differs(comparison) || unproved.length > 0) {
    log.warn(
      {
        source: source.name,
        from: new Date(window.from).toISOString(),
        to: new Date(window.to).toISOString(),
        notStored: notStored.length,
        notListed: notListed.length,
        unproved: unproved.length,
        healed: options.heal,
      },
      'an audit found a difference, or lists that do not prove themselves; callhouse_sync.audits has it',
    );
  }
  return comparison;
}
