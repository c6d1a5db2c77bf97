import type { Rights } from '../../src/sandbox/diga/world.ts';
import type { SilentSandbox } from '../../src/sandbox/server.ts';
import type { SyncResult } from '../../src/sync/sync-source.ts';
import type { DatabaseServer } from './database.ts';
import type { Network } from './network.ts';
import type { OperationLog } from './operation-log.ts';
import type { Worker } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { BrokenAnswer, Story } from './story.ts';
import { vendorOf } from './vendors/index.ts';
import type { Course, LateFields, SimulatedCall, SimulatedVendor, VendorName } from './vendors/vendor.ts';

/** A story while it is played: the stage, and what has happened on it so far. */
export interface Play {
  readonly story: Story;
  readonly scheduler: Scheduler;
  readonly log: OperationLog;
  readonly sandbox: SilentSandbox;
  readonly network: Network;
  readonly server: DatabaseServer;
  readonly workers: Worker[];
  /** The clock of the vendors. */
  vendorNow(): number;
  /** The database's clock minus the true time. */
  databaseSkew: { ms: number };
  readonly chronicle: Chronicle;
}

/** One vendor of a story, as it is now. */
export interface Scene {
  readonly play: Play;
  readonly vendor: SimulatedVendor;
  readonly name: VendorName;
}

export function scenesOf(play: Play): Scene[] {
  return play.story.vendors.map((name) => sceneOf(play, name));
}

export function sceneOf(play: Play, name: VendorName): Scene {
  return { play, vendor: vendorOf(name), name };
}

/** What lists show at the end, oldest first, whole. */
export function callsOf({ play, vendor }: Scene): Generator<SimulatedCall> {
  return vendor.calls(play.sandbox, play.vendorNow(), play.story);
}

export function courseOf({ play, vendor }: Scene, callId: string): Course | null {
  return vendor.courseOf(play.sandbox, callId, play.vendorNow(), play.story);
}

/** What came to pass, as far as the verdict has to know of it. */
export interface Chronicle {
  /** The call that an incident struck. */
  victims: Map<number, string>;
  /** Calls that the vendor deleted for good. */
  deleted: Set<string>;
  /** Calls whose late fields the vendor took away, with what the warehouse had of them at that moment. */
  retained: Map<string, LateFields>;
  /** Calls that the vendor cannot answer for by id, and what it answers. */
  brokenDetails: Map<string, BrokenAnswer>;
  /** When the database's clock was set. True time. */
  clockSetAtMs: number[];
  /** When a key could not do what. True time. */
  rightsTaken: { part: keyof Rights; fromMs: number; toMs: number }[];
  passes: Pass[];
  /** Errors that a pass threw: `run` would log them as its own fault. */
  broken: string[];
  /** Passes that broke by an incident, and of which neither their run nor the health of the source tells. */
  unnoted: string[];
  /** Calls that were not stored although their time was covered. */
  lacking: string[];
  /** Digests of the calls that were settled when the incidents ended. */
  settledAtRest: Map<string, SettledCall>;
  /** What was not as it must be when the warehouse was quiet, before history was read once more. */
  early: string[];
  /** Calls whose rows are not what their stored payloads say. */
  damaged: string[];
  /** When the world came to rest, and when it was read to the end. True time. */
  restedAtMs: number;
  endedAtMs: number;
  /** When all of history of a vendor was read once more. True time. */
  rereadAtMs: Map<VendorName, number>;
  /** Why the warehouse did not come to rest; empty when it did. */
  unrest: string[];
}

export interface SettledCall {
  revision: number;
  digest: string;
}

export interface Pass {
  worker: string;
  vendor: VendorName;
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
    rightsTaken: [],
    passes: [],
    broken: [],
    unnoted: [],
    lacking: [],
    settledAtRest: new Map(),
    early: [],
    damaged: [],
    restedAtMs: 0,
    endedAtMs: 0,
    rereadAtMs: new Map(),
    unrest: [],
  };
}
