import type { BudgetLimits } from '../http/budget.ts';
import type { RetractionPolicy } from '../merge/merge-call.ts';
import { type Given, parseAll } from './given.ts';
import { accountShape, choicesOf, type SyncValues, switchShape, syncShape } from './schema.ts';
import type { Since } from './since.ts';

/** How a source is synced: said once for all of them, or by each for itself. */
export interface SyncChoices {
  since: Since;
  pollIntervalMs: number;
  lookbackMs: number;
  settleDeadlineMs: number;
  stuckAfterMs: number;
  onRetraction: RetractionPolicy;
  timeZone: string;
}

/** One account of a vendor. */
export interface SourceSettings extends SyncChoices {
  name: string;
  vendor: string;
  apiKey: string;
  baseUrl: string;
  limits: BudgetLimits;
  /** What its vendor lets choose, by name. */
  switches: Readonly<Record<string, boolean>>;
}

export function toSyncChoices(values: SyncValues): SyncChoices {
  return {
    since: values.since,
    pollIntervalMs: values.poll_interval,
    lookbackMs: values.lookback,
    settleDeadlineMs: values.settle_deadline,
    stuckAfterMs: values.stuck_after,
    onRetraction: values.on_retraction,
    timeZone: values.timezone,
  };
}

/** A source of what was given for it. Null without a key, or when something is wrong with it, which is then told. */
export function readSource(
  name: string,
  vendorName: string,
  given: ReadonlyMap<string, Given>,
  otherwise: SyncValues,
  problems: string[],
): SourceSettings | null {
  const vendor = choicesOf(vendorName);
  const account = parseAll(accountShape(vendor), given, problems);
  const switches = parseAll(switchShape(vendor), given, problems);
  const sync = parseAll(syncShape(otherwise), given, problems);
  if (!(account && switches && sync) || account.api_key === undefined) return null;
  return {
    name,
    vendor: vendorName,
    apiKey: account.api_key,
    baseUrl: account.base_url,
    limits: {
      requestsPerSecond: account.requests_per_second,
      requestsPerMinute: account.requests_per_minute,
    },
    switches,
    ...toSyncChoices(sync),
  };
}
