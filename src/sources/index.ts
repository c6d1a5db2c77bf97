import { SourceError } from '../errors.ts';
import type { BudgetLimits } from '../http/budget.ts';
import type { JsonClientDeps } from '../http/json-client.ts';
import type { Source } from '../source.ts';
import { createVoxSource, VOX_BASE_URL, VOX_LIMITS } from './vox/source.ts';

export interface Vendor {
  /** Prefix of its settings, such as `VOX` in `VOX_API_KEY`. */
  settingPrefix: string;
  baseUrl: string;
  limits: BudgetLimits;
  create(options: { name: string; apiKey: string; baseUrl: string }, deps: JsonClientDeps): Source;
}

/** The list of vendors. A new one is a folder beside this file, and a line here. */
export const VENDORS: Readonly<Record<string, Vendor>> = {
  vox: { settingPrefix: 'VOX', baseUrl: VOX_BASE_URL, limits: VOX_LIMITS, create: createVoxSource },
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
