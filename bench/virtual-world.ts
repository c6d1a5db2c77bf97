import { type Clock, MINUTE } from '../src/clock.ts';
import { openSources } from '../src/commands/open-sources.ts';
import { readSettings } from '../src/config/settings.ts';
import { openDatabase } from '../src/database/database.ts';
import { createHttpTransport } from '../src/http/transport.ts';
import { createLogger } from '../src/log.ts';
import type { SandboxOptions } from '../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../src/sandbox/server.ts';
import { type SyncResult, syncSource } from '../src/sync/sync-source.ts';
import type { Bench } from './kernel.ts';
import type { BenchDatabase } from './postgres.ts';

/** The real engine and a simulated vendor on a clock that moves only when somebody waits: hours pass in seconds. */
export interface VirtualWorld {
  clock: Clock;
  sandbox: Sandbox;
  database: BenchDatabase;
  pollIntervalMs: number;
  /** Polls, as the worker does, until so much time has passed. */
  runFor(ms: number): Promise<void>;
}

export type VendorName = 'vox' | 'voicy' | 'diga';

/** Noon in Seoul on a Friday. */
export const ORIGIN_MS = Date.parse('2026-11-20T03:00:00Z');
const PATIENCE_MS = MINUTE;

/** Plays in a vendor's world with the limits that the vendor documents, on both sides. */
export function inVirtualWorld<T>(
  { postgres }: Bench,
  vendor: VendorName,
  options: SandboxOptions,
  work: (world: VirtualWorld) => Promise<T>,
): Promise<T> {
  return postgres.withDatabase(async (database) => {
    const clock = virtualClock(ORIGIN_MS);
    const sandbox = await startSandbox({ originMs: ORIGIN_MS, pastCalls: 0, ...options, now: clock.now });
    const pool = openDatabase(database.url);
    const http = createHttpTransport();
    try {
      const prefix = vendor.toUpperCase();
      const settings = readSettings({
        [`${prefix}_API_KEY`]: 'sandbox-key',
        [`${prefix}_BASE_URL`]: sandbox[vendor].baseUrl,
      });
      const [synced] = await openSources(settings, pool, {
        clock,
        sharedNow: clock.now,
        random: () => 0.5,
        transport: http.transport,
        log: createLogger('error'),
      });
      if (!synced) throw new Error('there is no source');
      // One after the other: a clock that jumps while another request is on its way would break the budget.
      synced.settings.detailsAtOnce = 1;
      synced.settings.asksAhead = false;
      const { pollIntervalMs } = synced.settings;
      const pass = (until: number) =>
        syncSource(synced, {
          command: 'run',
          only: 'everything',
          until,
          leaseWaitMs: 0,
          signal: new AbortController().signal,
        });
      return await work({
        clock,
        sandbox,
        database,
        pollIntervalMs,
        async runFor(ms) {
          const endAt = clock.now() + ms;
          while (clock.now() < endAt) {
            const dueAt = clock.now() + pollIntervalMs;
            mustBeDone(await pass(dueAt));
            await clock.sleep(Math.max(1, dueAt - clock.now()));
          }
        },
      });
    } finally {
      await http.close();
      await pool.end();
      await sandbox.close();
    }
  });
}

function mustBeDone({ outcome, error }: SyncResult): void {
  if (outcome !== 'done') throw error ?? new Error(`a pass ended ${outcome}`);
}

function virtualClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    async sleep(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      nowMs += ms;
    },
    deadline() {
      const controller = new AbortController();
      const timer = setTimeout(
        () => controller.abort(new DOMException('too late', 'TimeoutError')),
        PATIENCE_MS,
      );
      return { signal: controller.signal, clear: () => clearTimeout(timer) };
    },
  };
}
