import { afterEach } from 'vitest';
import { type Clock, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import { openSources } from '../../src/commands/open-sources.ts';
import { readSettings, type Settings } from '../../src/config/settings.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { createHttpTransport, type Transport } from '../../src/http/transport.ts';
import { createLogger } from '../../src/log.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { VendorSandbox } from '../../src/sandbox/vendor.ts';
import {
  type SyncedSource,
  type SyncOptions,
  type SyncResult,
  syncSource,
} from '../../src/sync/sync-source.ts';
import { readGaps } from '../../src/warehouse/checkpoints.ts';
import { summarizeQueue } from '../../src/warehouse/settlements.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { differencesFromTruth } from '../support/truth.ts';
import { type AnyVendor, listedTruth, VOX } from '../support/vendors.ts';

/** Noon in Seoul on a Friday. */
const ORIGIN_MS = Date.parse('2026-11-20T03:00:00Z');

/** A clock that moves only when the engine waits or the test says so; deadlines are short real ones. */
interface TestClock extends Clock {
  advance(ms: number): void;
  /** Sets our clock, and the vendor's time goes on as if nothing had happened. */
  jump(ms: number): void;
  /** True time: ours without the jumps. */
  trueNow(): number;
}

function createTestClock(startMs: number, deadlineMs: number): TestClock {
  let nowMs = startMs;
  let jumpedMs = 0;
  return {
    now: () => nowMs + jumpedMs,
    trueNow: () => nowMs,
    jump(ms) {
      jumpedMs += ms;
    },
    advance(ms) {
      nowMs += ms;
    },
    async sleep(ms, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      nowMs += ms;
    },
    deadline() {
      const controller = new AbortController();
      const timer = setTimeout(
        () => controller.abort(new DOMException('too late', 'TimeoutError')),
        deadlineMs,
      );
      return { signal: controller.signal, clear: () => clearTimeout(timer) };
    },
  };
}

export interface Bench {
  clock: TestClock;
  sandbox: Sandbox;
  pool: Database;
  /** The source under test; `openAgain` makes a second worker for it. */
  synced: SyncedSource;
  /** Its vendor. */
  vendor: VendorSandbox<unknown, object>;
  openAgain(options?: {
    database?: Database;
    /** What the clock of its machine is wrong by. */
    wrongByMs?: number;
  }): Promise<SyncedSource>;
  /** A worker with another key, and the vendor that takes it: the same account where the seed is the same. */
  openWithKey(apiKey: string, seed?: number): Promise<{ worker: SyncedSource; vendor: Bench['vendor'] }>;
  databaseUrl: string;
  /** One pass. */
  pass(options?: Partial<SyncOptions>, worker?: SyncedSource): Promise<SyncResult>;
  /** Passes at the poll interval until nothing is open, due or missing, within `limitMs` of the test's time. */
  settle(limitMs?: number): Promise<SyncResult>;
  /** What differs from the vendor's truth now. */
  differences(): Promise<string[]>;
  /** First column of the first row. */
  value<T>(sql: string, values?: unknown[]): Promise<T>;
}

interface BenchOptions extends SandboxOptions {
  /** Default vox.ai. */
  vendor?: AnyVendor;
  env?: Record<string, string>;
  transport?: (real: Transport) => Transport;
  deadlineMs?: number;
  /** The vendor's clock runs ahead of ours by so much. */
  skewMs?: number;
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The real engine, real sockets, a real PostgreSQL, and a clock in hand. */
export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const {
    vendor: vendorCase = VOX,
    env,
    transport: wrap,
    deadlineMs = 20_000,
    skewMs = 0,
    ...world
  } = options;
  const vendorNow = () => clock.trueNow() + skewMs;
  const clock = createTestClock(ORIGIN_MS, deadlineMs);
  const database: TestDatabase = await createTestDatabase();
  closers.push(() => database.drop());
  const startWorld = async (more: SandboxOptions = {}) => {
    const started = await startSandbox({
      originMs: ORIGIN_MS,
      pastCalls: 150,
      historyDays: 3,
      requestsPerSecond: 0,
      requestsPerMinute: 0,
      ...world,
      ...more,
      now: vendorNow,
    });
    closers.push(() => started.close());
    return started;
  };
  const sandbox = await startWorld();
  const pool = openDatabase(database.url);
  closers.push(() => pool.end());
  const http = createHttpTransport();
  closers.push(() => http.close());
  const transport = wrap ? wrap(http.transport) : http.transport;
  const { prefix } = vendorCase;
  const vendor = vendorCase.in(sandbox);
  const defaults = {
    [`${prefix}_API_KEY`]: 'sandbox-key',
    [`${prefix}_BASE_URL`]: vendor.baseUrl,
    [`${prefix}_REQUESTS_PER_SECOND`]: '5000',
    [`${prefix}_REQUESTS_PER_MINUTE`]: '300000',
    ...env,
  };
  const log = createLogger('silent');
  const open = async (settings: Settings, own = pool, wrongByMs = 0): Promise<SyncedSource> => {
    const machine = { ...clock, now: () => clock.now() + wrongByMs };
    const surroundings = { clock: machine, sharedNow: clock.now, random: () => 0.5, transport, log };
    const [source] = await openSources(settings, own, surroundings);
    if (!source) throw new Error('the bench has no source');
    // One after the other: a clock that jumps while another request is on its way would break the budget.
    source.settings.detailsAtOnce = 1;
    source.settings.asksAhead = false;
    return { ...source, worker: `bench:${closers.length}:${clock.now()}`, holderIsGone: () => false };
  };
  const openAgain: Bench['openAgain'] = ({ database: own, wrongByMs } = {}) =>
    open(readSettings(defaults), own, wrongByMs);
  const synced = await openAgain();
  const pass: Bench['pass'] = (more = {}, worker = synced) =>
    syncSource(worker, {
      command: 'sync',
      only: 'everything',
      until: null,
      leaseWaitMs: 0,
      signal: new AbortController().signal,
      ...more,
    });
  return {
    clock,
    sandbox,
    pool,
    synced,
    vendor,
    openAgain,
    async openWithKey(apiKey, seed) {
      const account = vendorCase.in(await startWorld({ apiKey, ...(seed && { seed }) }));
      const own = { [`${prefix}_API_KEY`]: apiKey, [`${prefix}_BASE_URL`]: account.baseUrl };
      return { worker: await open(readSettings({ ...defaults, ...own })), vendor: account };
    },
    databaseUrl: database.url,
    pass,
    async settle(limitMs = HOUR) {
      const giveUpAt = clock.now() + limitMs;
      for (;;) {
        const result = await pass({ until: clock.now() + 10 * MINUTE });
        const queue = await summarizeQueue(pool, synced.sourceId);
        const gaps = await readGaps(pool, synced.sourceId);
        const over = clock.now() >= giveUpAt || result.outcome !== 'done';
        if (over || queue.pending + gaps.length === 0) return result;
        clock.advance(15 * SECOND);
      }
    },
    differences() {
      return differencesFromTruth(pool, listedTruth(vendorCase, sandbox, vendorNow()), vendorCase);
    },
    async value<T>(sql: string, values: unknown[] = []) {
      const { rows } = await pool.query<Record<string, T>>(sql, values);
      return Object.values(rows[0] ?? {})[0] as T;
    },
  };
}
