import type { ConformanceCase } from './case.ts';
import { DIGA_CASE } from './vendors/diga.ts';
import { VOICY_CASE } from './vendors/voicy.ts';
import { VOX_CASE } from './vendors/vox.ts';

/** The sources under test. A new one is a file in `vendors`, and a line here. */
export const CASES: readonly ConformanceCase[] = [VOX_CASE, VOICY_CASE, DIGA_CASE];
