import type { Rights } from '../../src/sandbox/diga/world.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import type { VendorName } from './vendors/vendor.ts';

/** Kinds of trouble that a story is about. */
export const PROFILES = [
  'calm',
  'vendor',
  'data',
  'crashes',
  'workers',
  'clocks',
  'outage',
  'broken',
  'lies',
  'everything',
  'voicy',
  'diga',
  'three',
] as const;
export type Profile = (typeof PROFILES)[number];

/**
 * Everything that happens in one run, as plain data: it can be printed, saved, replayed and made smaller. The
 * story begins at `originMs`; all other instants are milliseconds after it.
 */
export interface Story {
  seed: number;
  profile: Profile;
  /** True time, unix ms. */
  originMs: number;
  /** Incidents happen until then; afterwards the world rests and must be read to the end. */
  horizonMs: number;
  /** Whose calls every worker syncs. */
  vendors: VendorName[];
  /** Alike for all vendors; the calls are those of each. */
  world: StoryWorld;
  settings: StorySettings;
  /** The clock of the vendors minus the true time. */
  vendorSkewMs: number;
  workers: StoryWorker[];
  /** Whether a worker knows that another one is dead, as processes of one machine do. */
  deathIsKnown: boolean;
  incidents: Incident[];
}

export interface StoryWorld
  extends Required<
    Pick<
      SandboxOptions,
      'timings' | 'stuckShare' | 'requestsPerSecond' | 'requestsPerMinute' | 'retryAfterForm'
    >
  > {
  pastCalls: number;
  historyMs: number;
  /** Calls that come into being while the story lasts. */
  liveCalls: number;
  reanalysis: { share: number; afterMs: number } | null;
  /** Rows of a page. Small pages let few calls go the ways of many: cursors, narrow windows, a look-back of its own. */
  pageSize: number;
}

export interface StorySettings {
  pollIntervalMs: number;
  lookbackMs: number;
  /** How far back history goes; null is all of it. */
  sinceAgeMs: number | null;
  stuckAfterMs: number;
  settleDeadlineMs: number;
  requestsPerSecond: number;
  requestsPerMinute: number;
  onRetraction: 'keep' | 'follow';
  /** The rate is left to be learned; those above are what it is learned from. */
  learnsRate?: boolean;
}

export interface StoryWorker {
  /** The machine's clock minus the true time. */
  skewMs: number;
  startsAtMs: number;
  /** `run` ends a pass when the next is due, `sync` works until nothing is left. */
  manner: 'run' | 'sync';
}

/** When an operation of a worker is struck: before it reaches the other side, or when it has and nobody knows. */
export type Moment = 'before' | 'after';

/** Faults of the way to the vendor. The vendor has counted the request. */
export type NetworkFault = 'reset' | 'hang' | 'hang_body' | 'truncated' | 'slow' | 'wrong_date';

/** What comes in the place of a call. */
export type BrokenAnswer = 'server_error' | 'hang' | 'null' | 'without_id';

/** Who is struck, as a share of the calls that fit: 0 is the oldest of them. */
interface Victim {
  victim: number;
}

/** `vendor` is whom trouble of a vendor is of: without one, of the story's first. */
export type Incident = { id: number; atMs: number; vendor?: VendorName } & Trouble;

export type Trouble =
  /** The vendor answers wrongly: `fault.times` requests, or all of them for a while. */
  | { kind: 'vendor'; fault: FaultInput; forMs: number }
  /** Lists that hide calls or show others, or a clock that is wrong, for a while. */
  | { kind: 'lies'; fault: FaultInput; forMs: number }
  /** One call is told wrongly for a while. */
  | ({ kind: 'told_wrongly'; fault: FaultInput; forMs: number } & Victim)
  /** `delayMs` is how late a slow answer comes, or what a wrong `Date` header is wrong by. */
  | { kind: 'network'; fault: NetworkFault; times: number; forMs: number; delayMs: number }
  /** From now on some calls turn up in lists late. */
  | { kind: 'listed_late'; share: number; delayMs: number }
  | ({ kind: 'deleted' } & Victim)
  /** The vendor forgets a call and remembers it again. */
  | ({ kind: 'forgotten'; forMs: number } & Victim)
  | ({ kind: 'retention' } & Victim)
  /** From now on, and for good, the vendor cannot answer for one call when it is asked for by id. */
  | ({ kind: 'detail_broken'; answer: BrokenAnswer } & Victim)
  /** From now on, and for good, the vendor cannot list its agents. */
  | { kind: 'agents_broken'; status: number }
  /** The key may not do one thing for a while. */
  | { kind: 'rights'; part: keyof Rights; forMs: number }
  | { kind: 'crash'; worker: number; operation: number; moment: Moment; downForMs: number }
  /** SIGTERM, and a new process. */
  | { kind: 'stop'; worker: number; downForMs: number }
  | { kind: 'disconnect'; worker: number; operation: number; moment: Moment }
  | { kind: 'serialization_failure'; worker: number; operation: number }
  | { kind: 'database_down'; forMs: number }
  /** Something goes wrong that nobody foresaw: an error of no kind that is known. */
  | { kind: 'break'; worker: number; operation: number }
  /** SIGSTOP and SIGCONT, never inside a transaction. */
  | { kind: 'pause'; worker: number; operation: number; forMs: number; moment: Moment }
  | { kind: 'clock_set'; worker: number; byMs: number }
  | { kind: 'database_clock_set'; byMs: number };

export type IncidentOf<Kind extends Incident['kind']> = Extract<Incident, { kind: Kind }>;

/** Kinds of trouble that one vendor makes: the others do not know of it. */
const OF_VENDOR: ReadonlySet<Incident['kind']> = new Set([
  'vendor',
  'lies',
  'told_wrongly',
  'network',
  'listed_late',
  'deleted',
  'forgotten',
  'retention',
  'detail_broken',
  'agents_broken',
  'rights',
]);

/** Whose trouble an incident is; null when it is not a vendor's. */
export function vendorStruck(story: Pick<Story, 'vendors'>, { kind, vendor }: Incident): VendorName | null {
  return OF_VENDOR.has(kind) ? (vendor ?? story.vendors[0] ?? null) : null;
}

/** What can befall the source of one vendor: its own trouble, and that of the workers. */
export function incidentsOf(story: Story, vendor: VendorName): Incident[] {
  return story.incidents.filter((incident) => (vendorStruck(story, incident) ?? vendor) === vendor);
}
