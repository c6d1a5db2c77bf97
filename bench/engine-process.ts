import { systemClock } from '../src/clock.ts';
import { openSources } from '../src/commands/open-sources.ts';
import { readSettings } from '../src/config/settings.ts';
import { openDatabase } from '../src/database/database.ts';
import { createHttpTransport } from '../src/http/transport.ts';
import { createLogger } from '../src/log.ts';
import { syncSource } from '../src/sync/sync-source.ts';
import type { RunCounts } from '../src/warehouse/runs.ts';
import { type ProfileTable, profiled } from './profile.ts';
import { type StatementTime, watchStatements } from './statements.ts';

/** The engine as the worker runs it, in a process of its own: compiled, with nothing else that costs time or memory. */
export interface EngineJob {
  databaseUrl: string;
  vendorUrl: string;
  only: 'everything' | 'backfill';
  profile: boolean;
}

export interface EngineResult {
  seconds: number;
  cpuSeconds: number;
  counts: RunCounts;
  /** Memory of the process at its largest, and as it grew with the calls. */
  peakRssBytes: number;
  memory: { calls: number; rssBytes: number }[];
  profile: ProfileTable | null;
  statements: StatementTime[] | null;
}

const SAMPLE_EVERY_CALLS = 1_000;
const job = JSON.parse(process.argv[2] ?? '') as EngineJob;
process.send?.({ result: await run(job) });
process.disconnect?.();

async function run({ databaseUrl, vendorUrl, only, profile }: EngineJob): Promise<EngineResult> {
  const settings = readSettings({
    VOX_API_KEY: 'bench-key',
    VOX_BASE_URL: vendorUrl,
    VOX_REQUESTS_PER_SECOND: '10000',
    VOX_REQUESTS_PER_MINUTE: '600000',
  });
  const database = openDatabase(databaseUrl, { connections: 8 });
  const http = createHttpTransport();
  const [vox] = await openSources(settings, database, {
    clock: systemClock,
    sharedNow: () => null,
    random: Math.random,
    transport: http.transport,
    log: createLogger('warn'),
  });
  if (!vox) throw new Error('there is no source');
  const memory: EngineResult['memory'] = [{ calls: 0, rssBytes: process.memoryUsage.rss() }];
  const sync = () =>
    syncSource(vox, {
      command: only === 'backfill' ? 'backfill' : 'sync',
      only,
      until: null,
      leaseWaitMs: 0,
      signal: new AbortController().signal,
      onProgress: ({ step, done }) => {
        const seen = memory.at(-1)?.calls ?? 0;
        if (step !== 'backfill' || done < seen + SAMPLE_EVERY_CALLS) return;
        memory.push({ calls: done, rssBytes: process.memoryUsage.rss() });
      },
    });
  const statements = profile ? watchStatements() : () => null;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const measured = profile ? await profiled(sync) : { result: await sync(), profile: null };
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  const { outcome, error, counts } = measured.result;
  if (outcome !== 'done') throw error ?? new Error(`the engine ended ${outcome}`);
  await database.end();
  await http.close();
  return {
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    counts,
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    memory,
    profile: measured.profile,
    statements: statements(),
  };
}
