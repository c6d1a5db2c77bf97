import { SourceError } from '../errors.ts';
import type { BudgetLimits } from '../http/budget.ts';
import type { JsonClientDeps } from '../http/json-client.ts';
import type { Source } from '../source.ts';
import { createDigaSource, DIGA_BASE_URL, DIGA_LIMITS } from './diga/source.ts';
import { createVoicySource, VOICY_BASE_URL, VOICY_LIMITS } from './voicy/source.ts';
import { createVoxSource, VOX_BASE_URL, VOX_LIMITS } from './vox/source.ts';

export interface Vendor {
  /** Prefix of its settings, such as `VOX` in `VOX_API_KEY`. */
  settingPrefix: string;
  baseUrl: string;
  limits: BudgetLimits;
  /** Whether the vendor documents no limit, so that these are a first guess, and a safe rate is learned. */
  readonly learnsRate: boolean;
  /** What may be turned on for a source of it, such as `include_test_calls`. All are off by default. */
  readonly switches: readonly string[];
  create(
    options: {
      name: string;
      apiKey: string;
      baseUrl: string;
      switches: Readonly<Record<string, boolean>>;
    },
    deps: JsonClientDeps,
  ): Source;
}

/** The list of vendors. A new one is a folder beside this file, and a line here. */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  vox: {
    settingPrefix: 'VOX',
    baseUrl: VOX_BASE_URL,
    limits: VOX_LIMITS,
    learnsRate: false,
    switches: [],
    create: createVoxSource,
  },
  voicy: {
    settingPrefix: 'VOICY',
    baseUrl: VOICY_BASE_URL,
    limits: VOICY_LIMITS,
    learnsRate: false,
    switches: ['include_test_calls'],
    create: createVoicySource,
  },
  diga: {
    settingPrefix: 'DIGA',
    baseUrl: DIGA_BASE_URL,
    limits: DIGA_LIMITS,
    learnsRate: true,
    switches: [],
    create: createDigaSource,
  },
};

/** The settings that make sources exist, for a hint. */
export function keySettings(): string {
  return Object.values(VENDORS)
    .map(({ settingPrefix }) => `${settingPrefix}_API_KEY`)
    .join(' or ');
}

export function vendorOf(name: string): Vendor {
  const vendor = VENDORS[name];
  if (!vendor) throw new SourceError(`there is no vendor ${name}; known: ${Object.keys(VENDORS).join(', ')}`);
  return vendor;
}
