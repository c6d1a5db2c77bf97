import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { type Clock, MINUTE, SECOND, type SharedNow, steadyClock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { resolveSince } from '../config/since.ts';
import type { SourceSettings } from '../config/source-settings.ts';
import type { Database } from '../database/database.ts';
import { ConfigError } from '../errors.ts';
import type { BudgetLimits } from '../http/budget.ts';
import type { Transport } from '../http/transport.ts';
import type { Logger } from '../log.ts';
import type { RequestCounts } from '../requests.ts';
import { keepSecret } from '../secrets.ts';
import { DEFAULT_SETTLEMENT } from '../settlement/policy.ts';
import { keySettings, vendorOf } from '../sources/index.ts';
import { nothingLearned, nothingPutOff, type SyncSettings } from '../sync/context.ts';
import { newPace } from '../sync/plan-backfill.ts';
import type { SyncedSource } from '../sync/sync-source.ts';
import { createBudget } from '../warehouse/budgets.ts';
import { registerSource } from '../warehouse/sources.ts';
import { zoneProblem } from '../warehouse/time-zones.ts';
import { markOfKey } from './key-mark.ts';

/** Everything outside the engine: where an error of time, chance or network can come from. */
export interface Surroundings {
  clock: Clock;
  sharedNow: SharedNow;
  random: () => number;
  transport: Transport;
  log: Logger;
}

const LEASE_TTL_MS = 30 * SECOND;
/** Details asked for at the same time: enough to use the budget on a slow API, few enough to stay polite. */
const DETAILS_AT_ONCE = { min: 4, max: 64 };
/** An answer is stored in less time than lies between two requests of a slower key: nothing is won there. */
const ASKS_AHEAD_FROM_PER_SECOND = 20;
const STALE_AFTER_MIN_MS = 10 * MINUTE;

/** @throws ConfigError when no source is configured: then nothing is opened, and no database is made */
export function requireSources({ sources }: Settings): void {
  if (sources.length > 0) return;
  throw new ConfigError([
    `there is no source to sync: set ${keySettings()} (or its …_FILE), or try callhouse demo`,
  ]);
}

/** Makes every configured source ready to be synced. */
export async function openSources(
  settings: Settings,
  database: Database,
  surroundings: Surroundings,
): Promise<SyncedSource[]> {
  const worker = `${machineName()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const opened: SyncedSource[] = [];
  for (const source of settings.sources) {
    opened.push(await openSource(source, database, surroundings, worker));
  }
  return opened;
}

/** A zone whose days would be others than its name says is refused; older data of a zone are only told. */
async function refuseOtherZone(
  database: Database,
  { name, timeZone }: SourceSettings,
  now: number,
  log: Logger,
): Promise<void> {
  const problem = await zoneProblem(database, timeZone, now);
  if (problem === null) return;
  if (problem.isRefused) throw new ConfigError([`source ${name}: ${problem.what}. ${problem.fix}`]);
  log.warn({ source: name, reason: problem.what, fix: problem.fix }, 'business days may be off');
}

async function openSource(
  source: SourceSettings,
  database: Database,
  { clock: machineClock, sharedNow, random, transport, log }: Surroundings,
  worker: string,
): Promise<SyncedSource> {
  const clock = steadyClock(machineClock);
  const { name, vendor, apiKey, baseUrl, limits, switches } = source;
  keepSecret(apiKey);
  await refuseOtherZone(database, source, clock.now(), log);
  const sourceId = await registerSource(database, {
    name,
    vendor,
    baseUrl,
    limits,
    timeZone: source.timeZone,
    staleAfterMs: Math.max(STALE_AFTER_MIN_MS, 10 * source.pollIntervalMs),
    now: clock.now(),
  });
  const counts: RequestCounts = { sent: { list: 0, detail: 0, other: 0 }, retries: 0 };
  return {
    database,
    sourceId,
    clock,
    sharedNow,
    log,
    keyMark: markOfKey(apiKey, sourceId),
    worker,
    holderIsGone,
    leaseWatch: { last: null },
    pace: newPace(),
    notBefore: nothingPutOff(),
    lists: nothingLearned(),
    settings: toSyncSettings(source, clock.now()),
    source: vendorOf(vendor).create(
      { name, apiKey, baseUrl, switches },
      {
        transport,
        clock,
        random,
        counts,
        budget: createBudget(database, clock, {
          sourceId,
          limits,
          learns: learnsRate(vendor, limits),
          sharedNow,
        }),
        onRetry: (fault) => log.warn({ source: name, ...fault }, 'request failed, trying again'),
      },
    ),
  };
}

/** A rate is learned where the vendor documents none, unless a setting says one. */
function learnsRate(vendor: string, { requestsPerSecond, requestsPerMinute }: BudgetLimits): boolean {
  const { limits, learnsRate: learns } = vendorOf(vendor);
  const isSet =
    requestsPerSecond !== limits.requestsPerSecond || requestsPerMinute !== limits.requestsPerMinute;
  return learns && !isSet;
}

function toSyncSettings(source: SourceSettings, now: number): SyncSettings {
  return {
    pollIntervalMs: source.pollIntervalMs,
    lookbackMs: source.lookbackMs,
    since: resolveSince(source.since, now),
    settlement: {
      ...DEFAULT_SETTLEMENT,
      deadlineMs: source.settleDeadlineMs,
      stuckAfterMs: source.stuckAfterMs,
    },
    onRetraction: source.onRetraction,
    leaseTtlMs: LEASE_TTL_MS,
    detailsAtOnce: Math.max(
      DETAILS_AT_ONCE.min,
      Math.min(DETAILS_AT_ONCE.max, Math.floor(source.limits.requestsPerSecond / 2)),
    ),
    asksAhead: source.limits.requestsPerSecond >= ASKS_AHEAD_FROM_PER_SECOND,
    backfillWithin: { from: null, to: null },
    requestsPerMinute: source.limits.requestsPerMinute,
  };
}

/**
 * Whether the holder of a lease is a process of this machine that is dead: then its source need not wait for the
 * lease to expire. Our own number with another mark is a process that ran before us.
 */
function holderIsGone(holder: string): boolean {
  const [host, pid] = holder.split(':');
  if (host !== machineName()) return false;
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/** Where process numbers mean the same: two containers may share a host name, and each has a process 1. */
function machineName(): string {
  try {
    return `${hostname()}/${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    return hostname();
  }
}
