import type { SilentSandbox } from '../../src/sandbox/server.ts';
import type { SyncResult } from '../../src/sync/sync-source.ts';
import type { DatabaseServer } from './database.ts';
import type { Network } from './network.ts';
import type { OperationLog } from './operation-log.ts';
import type { Worker } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { BrokenAnswer, Story } from './story.ts';

/** A story while it is played: the stage, and what has happened on it so far. */
export interface Play {
  readonly story: Story;
  readonly scheduler: Scheduler;
  readonly log: OperationLog;
  readonly sandbox: SilentSandbox;
  readonly network: Network;
  readonly server: DatabaseServer;
  readonly workers: Worker[];
  /** The vendor's clock. */
  vendorNow(): number;
  /** The database's clock minus the true time. */
  databaseSkew: { ms: number };
  readonly chronicle: Chronicle;
}

/** What came to pass, as far as the verdict has to know of it. */
export interface Chronicle {
  /** The call that an incident struck. */
  victims: Map<number, string>;
  /** Calls that the vendor deleted for good. */
  deleted: Set<string>;
  /** Calls whose late fields the vendor took away, with what the warehouse had of them at that moment. */
  retained: Map<string, Stored>;
  /** Calls that the vendor cannot answer for by id, and what it answers. */
  brokenDetails: Map<string, BrokenAnswer>;
  /** When the database's clock was set. True time. */
  clockSetAtMs: number[];
  passes: Pass[];
  /** Errors that a pass threw: `run` would log them as its own fault. */
  broken: string[];
  /** Digests of the calls that were settled when the incidents ended. */
  settledAtRest: Map<string, SettledCall>;
  /** What was not as it must be when the warehouse was quiet, before history was read once more. */
  early: string[];
  /** Calls whose rows are not what their stored payloads say. */
  damaged: string[];
  /** When the world came to rest, and when it was read to the end. True time. */
  restedAtMs: number;
  endedAtMs: number;
  /** Why the warehouse did not come to rest; null when it did. */
  unrest: string | null;
}

/** What the warehouse has of a call that retention takes away. */
export interface Stored {
  recording: boolean;
  analysis: boolean;
  transcriptItems: number | null;
}

export interface SettledCall {
  revision: number;
  digest: string;
}

interface Pass {
  worker: string;
  startedAtMs: number;
  endedAtMs: number;
  outcome: SyncResult['outcome'];
  error: string | null;
}

export function newChronicle(): Chronicle {
  return {
    victims: new Map(),
    deleted: new Set(),
    retained: new Map(),
    brokenDetails: new Map(),
    clockSetAtMs: [],
    passes: [],
    broken: [],
    settledAtRest: new Map(),
    early: [],
    damaged: [],
    restedAtMs: 0,
    endedAtMs: 0,
    unrest: null,
  };
}
