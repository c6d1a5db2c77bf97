import { DAY, MINUTE } from '../../../src/clock.ts';
import { callsOf, type Scene } from '../play.ts';
import type { StoredCall } from '../stored-calls.ts';
import { type Incident, incidentsOf } from '../story.ts';
import type { Course, SimulatedCall, VendorName } from '../vendors/vendor.ts';

/** What a story costs in requests, and the least that it could cost. */
export interface RequestBill {
  lists: number;
  details: number;
  leastLists: number;
  leastDetails: number;
}

/** What a vendor's API asks of the engine. */
interface Needs {
  /** Lists of a pass that finds nothing new. */
  listsPerPass: number;
  /** Requests without which a call is not known whole. */
  detailsOf(call: SimulatedCall): number;
  /** Requests beyond those that are granted for a call. */
  detailsGrantedFor(call: SimulatedCall, play: { endedAtMs: number; known: StoredCall | undefined }): number;
  /** Lists that are granted for a call that never ends, by how often it is looked after until it is called stuck. */
  listsPerStuckCall(looks: number): number;
}

/** A call that never connected has no place in a list: it is asked for by id when it was seen open. */
const UNPLACED_DETAILS = 0.5;

const NEEDS: Readonly<Record<VendorName, Needs>> = {
  vox: {
    // The open calls, and the newest time.
    listsPerPass: 2,
    // A transcript is told by the call alone; all else by lists.
    detailsOf: ({ course }) => (course.connectMs !== null && !course.isOptedOut ? 1 : 0),
    detailsGrantedFor: ({ course }) => (course.connectMs === null ? UNPLACED_DETAILS : 0),
    listsPerStuckCall: () => 0,
  },
  voicy: {
    // As above.
    listsPerPass: 2,
    // Lists are light: even of a call that nobody answered they do not tell the variables.
    detailsOf: () => 1,
    // The first look is a guess: who comes too early looks again after as long, and again after twice as long. A call
    // without a start has no place in lists while it rings, and is asked for to follow it.
    detailsGrantedFor: ({ course }, { endedAtMs, known }) =>
      course.connectMs === null ? 2 : looksUntil(course.lateMs) + rechecksOf(course, endedAtMs, known),
    listsPerStuckCall: () => 0,
  },
  diga: {
    // The newest time; it has no list of the open calls.
    listsPerPass: 1,
    // What was said is told by the messages alone, which there are of a call that connected.
    detailsOf: ({ course }) => (course.connectMs !== null ? 1 : 0),
    // A call without a word is asked for again a little later (docs/settlement.md).
    detailsGrantedFor: ({ course, row }) => {
      if (course.connectMs === null) return UNPLACED_DETAILS;
      return Array.isArray(row.items) && row.items.length === 0 ? 1 : 0;
    },
    // A call that goes on is looked after by listing its time, a minute after the last look.
    listsPerStuckCall: (looks) => looks,
  },
};

function looksUntil(lateMs: number): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(lateMs / MINUTE)));
}

/** Ages at which a settled call is asked for once more (src/sync/recheck.ts). */
const RECHECKED_AT_MS = [1, 7, 30, 90].map((days) => days * DAY);

function rechecksOf({ birthMs }: Course, endedAtMs: number, known: StoredCall | undefined): number {
  if (known === undefined) return 0;
  const between = (atMs: number) => atMs > known.firstSeenAtMs && atMs <= endedAtMs;
  return RECHECKED_AT_MS.filter((ageMs) => between(birthMs + ageMs)).length;
}

/**
 * The least: every pass lists the newest time, and the open calls where the vendor lists them; history and each closed
 * day are listed once, and once more when all is compared at the end; a call is asked for by id once where that tells
 * what lists do not. Where lists do not show changes, the end of a story lists and asks once more for all.
 */
export function billOf(scene: Scene): RequestBill {
  const { sandbox, chronicle, story } = scene.play;
  const { list, detail, messages } = scene.vendor.case.in(sandbox).requests.counts;
  const { listsPerPass, detailsOf } = NEEDS[scene.name];
  const calls = [...callsOf(scene)];
  const own = chronicle.passes.filter(({ vendor, outcome }) => vendor === scene.name && outcome !== 'busy');
  const pages = Math.ceil(calls.length / story.world.pageSize);
  const days = (chronicle.endedAtMs - story.originMs + story.world.historyMs) / DAY;
  const again = scene.name === 'voicy' ? 1 : 0;
  const connected = calls.filter(({ course }) => course.connectMs !== null).length;
  return {
    lists: list,
    details: detail + messages,
    leastLists: listsPerPass * own.length + (1 + again) * pages + 2 * Math.ceil(days),
    leastDetails: calls.reduce((sum, call) => sum + detailsOf(call), 0) + again * connected,
  };
}

/** Requests beyond the least that are granted, by what they are granted for. */
const GRANTED = {
  /** Of the least, for what falls between two passes. */
  share: 0.05,
  always: 6,
  /** A call whose late fields are not there at the first look is listed again, alone or with others. */
  listsPerConnectedCall: 1,
  /** A call that waits for what never comes is listed again after half its age, up to its deadline. */
  listsPerHopelessCall: 25,
  /** So many calls of an agent without analysis wait until it is known that none comes. */
  hopelessCallsMax: 10,
} as const;

/** What an incident may cost, besides one request for each answer that was spoilt. */
const GRANTED_PER_INCIDENT: Readonly<Record<Incident['kind'], number>> = {
  // A window that begins again, and up to twelve pages that had to be refused.
  vendor: 15,
  network: 4,
  // Time that does not prove itself is read again, in halves, and then every hour or more rarely.
  lies: 250,
  // A record that cannot be read is asked for again until it is given up, from two queues.
  told_wrongly: 40,
  listed_late: 20,
  // A missing call is probed; what was taken away before it was read is waited for.
  deleted: 10,
  forgotten: 15,
  retention: 30,
  detail_broken: 60,
  agents_broken: 10,
  // What could not be read is caught up: a window, and what waits in the queue.
  rights: 30,
  // The answer in hand is read again, and a pass begins anew.
  crash: 4,
  stop: 4,
  break: 4,
  disconnect: 4,
  serialization_failure: 4,
  database_down: 6,
  pause: 6,
  clock_set: 10,
  // What is due comes early or late, and days are compared again.
  database_clock_set: 40,
};

/** Requests stay within a stated bound of the least. */
export function checkRequests(scene: Scene, stored: ReadonlyMap<string, StoredCall>): string[] {
  const { story, log, chronicle } = scene.play;
  const { detailsGrantedFor, listsPerStuckCall } = NEEDS[scene.name];
  const bill = billOf(scene);
  const calls = [...callsOf(scene)];
  const connected = calls.filter(({ course }) => course.connectMs !== null).length;
  const hopeless = Math.min(connected, GRANTED.hopelessCallsMax) * GRANTED.listsPerHopelessCall;
  const own = incidentsOf(story, scene.name);
  const incidents = own.reduce((sum, { kind }) => sum + GRANTED_PER_INCIDENT[kind], 0);
  const common = GRANTED.always + log.spoiltAnswers[scene.name] + incidents;
  const again = story.world.reanalysis === null ? 0 : connected;
  const passes = chronicle.passes.filter(({ vendor }) => vendor === scene.name).length;
  const stuck = calls.filter(({ course }) => course.finishMs === null).length;
  const looks = Math.min(passes, story.settings.stuckAfterMs / MINUTE);
  const mostLists =
    bill.leastLists * (1 + GRANTED.share) +
    connected * GRANTED.listsPerConnectedCall +
    stuck * listsPerStuckCall(looks) +
    hopeless +
    common;
  const endedAtMs = scene.play.vendorNow();
  const details = calls.reduce(
    (sum, call) => sum + detailsGrantedFor(call, { endedAtMs, known: stored.get(call.course.id) }),
    0,
  );
  const mostDetails = bill.leastDetails * (1 + GRANTED.share) + details + again + common;
  return [
    ...tooMany('lists', bill.lists, mostLists, bill.leastLists),
    ...tooMany('details', bill.details, mostDetails, bill.leastDetails),
  ];
}

function tooMany(what: string, count: number, most: number, least: number): string[] {
  return count <= most
    ? []
    : [`${count} ${what}, at most ${Math.floor(most)} are granted (${least} is the least)`];
}
