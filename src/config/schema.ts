import { z } from 'zod';
import { DAY, HOUR, MINUTE, SECOND } from '../clock.ts';
import { VENDORS, type Vendor } from '../sources/index.ts';
import type { Since } from './since.ts';
import {
  apiKey,
  baseUrl,
  checked,
  databaseUrl,
  duration,
  hostName,
  logLevel,
  onRetraction,
  since,
  sourceName,
  timeZone,
  trueOrFalse,
  wholeNumber,
} from './validators.ts';

/**
 * Every setting with what it accepts, by its name in a configuration file. The environment says the same in capital
 * letters and with a prefix, so that there is one list for both.
 */

/** How a source is synced. What it does not say for itself is as `otherwise` says. */
export const syncShape = (otherwise: SyncValues) => ({
  since: since.default(otherwise.since),
  poll_interval: duration(SECOND, DAY).default(otherwise.poll_interval),
  lookback: duration(MINUTE, 31 * DAY).default(otherwise.lookback),
  settle_deadline: duration(MINUTE, 90 * DAY).default(otherwise.settle_deadline),
  stuck_after: duration(MINUTE, 90 * DAY).default(otherwise.stuck_after),
  on_retraction: onRetraction.default(otherwise.on_retraction),
  timezone: timeZone.default(otherwise.timezone),
});

export interface SyncValues {
  since: Since;
  poll_interval: number;
  lookback: number;
  settle_deadline: number;
  stuck_after: number;
  on_retraction: 'keep' | 'follow';
  timezone: string;
}

export const SYNC_DEFAULTS: SyncValues = {
  since: { kind: 'all' },
  poll_interval: 15 * SECOND,
  lookback: 2 * HOUR,
  settle_deadline: 48 * HOUR,
  stuck_after: DAY,
  on_retraction: 'keep',
  timezone: 'Asia/Seoul',
};

/** What is set once for the whole process. The README's table is tested against it. */
export const GLOBALS = {
  database_url: databaseUrl.optional(),
  data_dir: z.string().default('./.callhouse'),
  ...syncShape(SYNC_DEFAULTS),
  ops_host: hostName.default('127.0.0.1'),
  port: wholeNumber(0, 65_535).default(8_080),
  log_level: logLevel.default('info'),
};

type VendorChoices = Pick<Vendor, 'baseUrl' | 'limits' | 'switches'>;

/** The account of a vendor, and how much may be asked of it. */
export const accountShape = ({ baseUrl: address, limits }: VendorChoices) => ({
  api_key: apiKey.optional(),
  base_url: baseUrl.default(address),
  requests_per_second: wholeNumber(1, 10_000).default(limits.requestsPerSecond),
  requests_per_minute: wholeNumber(1, 600_000).default(limits.requestsPerMinute),
});

/** What a vendor lets choose besides: each is off when nothing is said. */
export const switchShape = ({ switches }: VendorChoices) =>
  Object.fromEntries(switches.map((name) => [name, trueOrFalse.default(false)]));

export const VENDOR_HELP = `one of ${Object.keys(VENDORS).join(', ')}`;

/** What a source of a file is called, and whose it is. */
export const identityShape = {
  name: sourceName.optional(),
  vendor: checked(isVendor, VENDOR_HELP).optional(),
};

/**
 * What a vendor lets choose. Of one that is not known it is all that any of them does, so that the rest of what is
 * said of its source is checked all the same.
 */
export function choicesOf(vendorName: string): VendorChoices {
  const vendor = isVendor(vendorName) ? VENDORS[vendorName] : undefined;
  const switches = Object.values(VENDORS).flatMap((one) => one.switches);
  return vendor ?? { baseUrl: '', limits: { requestsPerSecond: 1, requestsPerMinute: 1 }, switches };
}

/** Not all that an object has is a vendor: think of `constructor`. */
function isVendor(name: string): boolean {
  return Object.hasOwn(VENDORS, name);
}

/** Names in the environment, by name in a file. Those that every host of programs knows have no prefix. */
export const GLOBAL_NAMES = Object.fromEntries(
  Object.keys(GLOBALS).map((key) => {
    const name = key.toUpperCase();
    return [key, ['DATABASE_URL', 'PORT', 'LOG_LEVEL'].includes(name) ? name : `CALLHOUSE_${name}`];
  }),
);

export function vendorNames(vendor: Vendor): Record<string, string> {
  const keys = [...Object.keys(accountShape(vendor)), ...vendor.switches];
  return Object.fromEntries(keys.map((key) => [key, `${vendor.settingPrefix}_${key.toUpperCase()}`]));
}
