import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { MINUTE } from '../../src/clock.ts';
import { PROFILES, type Profile } from './story.ts';

export const USAGE = `usage: npm run simulate -- [options]

  --seeds N            stories to play (50)
  --from S             seed of the first (1)
  --profile NAME       ${PROFILES.join(', ')};
                       without it every second story is mixed (everything, voicy, diga, three), and the
                       others take turns; all but those last three are of vox.ai alone
  --jobs J             stories side by side (as many as there are cores)
  --story FILE         plays the story of a file instead
  --trace FILE         plays one story and writes down every operation of it
  --shrink-for MINUTES how long a story that fails is made smaller (3; 0 does not)
  --fail-fast          ends at the first story that fails, and only says so
  --out FOLDER         where the smallest stories that fail are written; nothing is written without it
  --database URL       a PostgreSQL of your own where databases may be created, instead of the embedded one
`;

export interface Options {
  seeds: number;
  from: number;
  profile: Profile | null;
  jobs: number;
  shrinkForMs: number;
  story: string | null;
  trace: string | null;
  out: string | null;
  failFast: boolean;
  database: string | undefined;
}

/** Reads what was typed; null when it is not understood. */
export function readOptions(): Options | null {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: 'string', default: '50' },
        from: { type: 'string', default: '1' },
        profile: { type: 'string' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        'shrink-for': { type: 'string', default: '3' },
        story: { type: 'string' },
        trace: { type: 'string' },
        out: { type: 'string' },
        'fail-fast': { type: 'boolean', default: false },
        database: { type: 'string' },
      },
    });
    const profile = PROFILES.find((name) => name === values.profile) ?? null;
    const numbers = [values.seeds, values.from, values.jobs, values['shrink-for']].map(Number);
    const [seeds = 0, from = 0, jobs = 0, shrinkFor = 0] = numbers;
    const isUsable = numbers.every((number) => number >= 0) && jobs >= 1;
    if (!isUsable || (values.profile !== undefined && profile === null)) return null;
    const { story = null, trace = null, out = null, 'fail-fast': failFast, database } = values;
    return {
      seeds,
      from,
      profile,
      jobs,
      shrinkForMs: shrinkFor * MINUTE,
      story,
      trace,
      out,
      failFast,
      database,
    };
  } catch {
    return null;
  }
}
