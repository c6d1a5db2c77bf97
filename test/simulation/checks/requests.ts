import { DAY } from '../../../src/clock.ts';
import type { Play } from '../play.ts';
import type { Incident } from '../story.ts';

/** What a story costs in requests, and the least that it could cost. */
export interface RequestBill {
  lists: number;
  details: number;
  leastLists: number;
  leastDetails: number;
}

/**
 * The least: every pass lists the open calls and the newest time, history and each closed day are listed once, and
 * once more when all is compared at the end; every call with a transcript is asked for by id once.
 */
export function billOf(play: Play): RequestBill {
  const { sandbox, chronicle, story } = play;
  const { list, detail } = sandbox.requests.counts;
  const passes = chronicle.passes.filter(({ outcome }) => outcome !== 'busy').length;
  const pages = Math.ceil(callsOf(play).length / story.world.pageSize);
  const days = (chronicle.endedAtMs - story.originMs + story.world.historyMs) / DAY;
  return {
    lists: list,
    details: detail,
    leastLists: 2 * passes + pages + 2 * Math.ceil(days),
    leastDetails: callsOf(play).filter(hasTranscript).length,
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
  /** A call that never connected has no place in a list: it is asked for by id when it was seen open. */
  detailsPerUnconnectedCall: 0.5,
} as const;

/** What an incident may cost, besides one request for each answer that was spoilt. */
const GRANTED_PER_INCIDENT: Readonly<Record<Incident['kind'], number>> = {
  // A window that begins again, and up to twelve pages that had to be refused.
  vendor: 15,
  network: 4,
  // A record that cannot be read is asked for again until it is given up, from two queues.
  told_wrongly: 40,
  listed_late: 20,
  // A missing call is probed; what was taken away before it was read is waited for.
  deleted: 10,
  forgotten: 15,
  retention: 30,
  detail_broken: 60,
  agents_broken: 10,
  // The answer in hand is read again, and a pass begins anew.
  crash: 4,
  stop: 4,
  disconnect: 4,
  serialization_failure: 4,
  database_down: 6,
  pause: 6,
  clock_set: 10,
  // What is due comes early or late, and days are compared again.
  database_clock_set: 40,
};

/** Requests stay within a stated bound of the least. */
export function checkRequests(play: Play): string[] {
  const { story, log } = play;
  const bill = billOf(play);
  const calls = callsOf(play);
  const connected = calls.filter(({ start_at }) => start_at !== null).length;
  const hopeless = Math.min(connected, GRANTED.hopelessCallsMax) * GRANTED.listsPerHopelessCall;
  const incidents = story.incidents.reduce((sum, { kind }) => sum + GRANTED_PER_INCIDENT[kind], 0);
  const common = GRANTED.always + log.spoiltAnswers + incidents;
  const again = story.world.reanalysis === null ? 0 : connected;
  const mostLists =
    bill.leastLists * (1 + GRANTED.share) + connected * GRANTED.listsPerConnectedCall + hopeless + common;
  const mostDetails =
    bill.leastDetails * (1 + GRANTED.share) +
    (calls.length - connected) * GRANTED.detailsPerUnconnectedCall +
    again +
    common;
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

function callsOf({ sandbox, vendorNow }: Play) {
  return [...sandbox.world.details(vendorNow())];
}

function hasTranscript(call: { start_at: number | null; opt_out_sensitive_data_storage: boolean }): boolean {
  return call.start_at !== null && !call.opt_out_sensitive_data_storage;
}
