import type { DigaCall } from '../../src/sandbox/diga/call.ts';
import type { SilentSandbox } from '../../src/sandbox/server.ts';
import type { VendorSandbox } from '../../src/sandbox/vendor.ts';
import type { VoicyCall } from '../../src/sandbox/voicy/call.ts';
import type { VoxCall } from '../../src/sandbox/vox/call.ts';
import { expectDiga } from './truth-diga.ts';
import { expectVoicy } from './truth-voicy.ts';
import { expectVox } from './truth-vox.ts';

/** What tests have to know of a vendor to compare the warehouse with its truth. */
export interface VendorCase<Call extends object> {
  /** Of the vendor, and of the source that its settings make. */
  name: 'vox' | 'voicy' | 'diga';
  /** Before its settings, as in `VOX_API_KEY`. */
  prefix: string;
  in(sandbox: SilentSandbox): VendorSandbox<unknown, Call>;
  idOf(call: Call): string;
  /** The row that the warehouse must hold, written by hand. */
  expect(call: Call): Record<string, unknown>;
}

export const VOX: VendorCase<VoxCall> = {
  name: 'vox',
  prefix: 'VOX',
  in: ({ vox }) => vox,
  idOf: ({ id }) => id,
  expect: expectVox,
};

export const VOICY: VendorCase<VoicyCall> = {
  name: 'voicy',
  prefix: 'VOICY',
  in: ({ voicy }) => voicy,
  idOf: ({ call_id }) => call_id,
  expect: expectVoicy,
};

export const DIGA: VendorCase<DigaCall> = {
  name: 'diga',
  prefix: 'DIGA',
  in: ({ diga }) => diga,
  idOf: ({ id }) => id,
  expect: expectDiga,
};

/** What lists show of the truth, while a source does not ask for test calls. */
export function* listedTruth({ name, in: of, idOf }: AnyVendor, sandbox: SilentSandbox, nowMs: number) {
  for (const call of of(sandbox).truth(nowMs)) {
    const isTest = name === 'voicy' && sandbox.voicy.world.planOf(idOf(call), nowMs)?.isTest === true;
    if (!isTest) yield call;
  }
}

/** Of any vendor, where its calls are only handed on. */
// biome-ignore lint/suspicious/noExplicitAny: the calls of a vendor go back to that vendor alone.
export type AnyVendor = VendorCase<any>;
