import { DAY, HOUR, MINUTE, SECOND } from '../../src/clock.ts';
import type { Dice } from '../../src/sandbox/dice.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { type Incident, type Moment, type Profile, type Story, type Trouble, vendorStruck } from './story.ts';
import type { VendorName } from './vendors/vendor.ts';

type Bones = Omit<Story, 'incidents'>;
type Draw = (dice: Dice, story: Bones) => Trouble;

/** Draws what goes wrong in a story. */
export function drawIncidents(dice: Dice, story: Bones): Incident[] {
  const { profile } = story;
  const groups = MIXED[profile];
  const draws = groups === undefined ? (DRAWS[profile] ?? []) : someOf(dice, groups).flat();
  if (draws.length === 0) return [];
  const failing = story.vendors.length > 1 ? someOf(dice, story.vendors, 1, 2) : [];
  const count = dice.int(1, groups === undefined ? 7 : 10);
  return Array.from({ length: count }, (_, id) => {
    const trouble = dice.weighted(draws)(dice, story);
    // The first pass has the most to do: what strikes then strikes history.
    const atMs = dice.chance(0.35)
      ? dice.int(0, 20 * SECOND)
      : dice.int(0, Math.floor(story.horizonMs * 0.95));
    return { id: id + 1, atMs, ...trouble, ...ofOne(dice, story, failing, trouble) };
  });
}

/** One of the vendors that fail, where there are several. */
function ofOne(
  dice: Dice,
  story: Bones,
  failing: readonly VendorName[],
  trouble: Trouble,
): { vendor?: VendorName } {
  if (failing.length === 0 || vendorStruck(story, { id: 0, atMs: 0, ...trouble }) === null) return {};
  return { vendor: dice.pick(failing) };
}

const vendorFault: Draw = (dice) => {
  const times = dice.int(1, 12);
  const answers: FaultInput[] = [
    {
      kind: 'rate_limited',
      times,
      retryAfter: dice.pick(['seconds', 'http-date', 'zero', 'none']),
      retryAfterMs: dice.pick([500, 3 * SECOND, 40 * SECOND, 20 * MINUTE]),
    },
    { kind: 'server_error', times, status: dice.pick([500, 502, 503, 504]) },
    { kind: dice.pick(['html', 'truncated', 'empty_body', 'unknown_field']), times },
    {
      kind: dice.pick(['cursor_refused', 'empty_page', 'duplicate_rows']),
      times,
      after: dice.int(0, 3),
    },
    { kind: 'repeated_cursor', times, cursor: dice.pick(['sent', 'first']) },
    { kind: 'total_count_wrong', times, totalCount: dice.pick([0, 3, 1_000_000]) },
  ];
  return { kind: 'vendor', fault: dice.pick(answers), forMs: dice.int(1, 24) * HOUR };
};

const networkFault: Draw = (dice) => ({
  kind: 'network',
  fault: dice.pick(['reset', 'hang', 'hang_body', 'truncated', 'slow']),
  times: dice.int(1, 8),
  forMs: dice.int(1, 24) * HOUR,
  delayMs: dice.pick([2 * SECOND, 15 * SECOND, 30 * SECOND, 70 * SECOND]),
});

/** What the lists of a vendor may hide, and how it shows: by its count where it counts. */
const LIES: Readonly<Record<VendorName, (dice: Dice) => FaultInput>> = {
  vox: (dice) =>
    dice.pick<FaultInput>([
      ...hidingCalls(dice),
      ...showingOthers(dice),
      { kind: 'list_lies', lie: 'pages_shift', n: dice.int(1, 3) },
      { kind: 'unplaced_added', firstIn: dice.pick(['asc', 'desc']) },
    ]),
  voicy: (dice) => dice.pick([...hidingCalls(dice), ...showingOthers(dice)]),
  // It does not count: a list that shows the same calls whatever is asked may pass for all that there are.
  diga: (dice) => dice.pick(hidingCalls(dice)),
};

function hidingCalls(dice: Dice): FaultInput[] {
  return [
    { kind: 'list_lies', lie: 'rows_capped', n: dice.int(5, 60) },
    { kind: 'list_lies', lie: 'page_capped', n: dice.int(3, 20) },
    { kind: 'list_lies', lie: 'cursor_depth', n: dice.int(1, 3) },
    { kind: 'empty_end', times: 1, after: dice.int(0, 6), route: 'list' },
  ];
}

function showingOthers(dice: Dice): FaultInput[] {
  return [
    { kind: 'list_lies', lie: 'filter_ignored', n: dice.int(5, 20) },
    { kind: 'list_lies', lie: 'newest_only', n: dice.int(5, 20) },
    { kind: 'list_lies', lie: 'status_ignored' },
  ];
}

/** As far as a clock may be off without being believed. */
const CLOCK_LIES_MS = [-3 * DAY, -HOUR, HOUR, DAY];

const lies: Draw = (dice, { vendors, vendorSkewMs, horizonMs }) => {
  const forMs = Math.min(dice.pick([20 * MINUTE, 3 * HOUR, 30 * HOUR]), horizonMs);
  // Two clocks of a vendor that are wrong in two ways would bear each other out.
  const isRight = Math.abs(vendorSkewMs) < MINUTE / 2;
  const fault: FaultInput =
    isRight && dice.chance(0.25)
      ? { kind: 'date_wrong', byMs: dice.pick(CLOCK_LIES_MS), everyNth: dice.int(1, 2) }
      : LIES[vendors[0] ?? 'vox'](dice);
  return { kind: 'lies', fault, forMs };
};

/** Hours in which nothing comes from the vendor. */
const outage: Draw = (dice, { horizonMs }) => {
  const forMs = Math.min(dice.pick([10 * MINUTE, HOUR, 5 * HOUR, 30 * HOUR]), Math.floor(horizonMs / 2));
  const always = { times: null } as const;
  const answers: FaultInput[] = [
    { kind: 'server_error', status: 503, ...always },
    { kind: 'unauthorized', ...always },
    { kind: 'html', ...always },
    { kind: 'redirect', ...always },
    { kind: 'rate_limited', retryAfter: 'seconds', retryAfterMs: 10 * MINUTE, ...always },
    { kind: 'server_error', status: 500, route: dice.pick(['list', 'detail', 'agents']), ...always },
  ];
  if (dice.chance(0.2)) return { kind: 'network', fault: 'hang', times: 1_000_000, forMs, delayMs: 0 };
  return { kind: 'vendor', fault: dice.pick(answers), forMs };
};

const POISONS = [
  'id_missing',
  'id_number',
  'status_number',
  'status_missing',
  'agent_missing',
  'cost_word',
  'cost_number',
  'cost_exponent',
  'start_word',
  'start_absurd',
  'end_fraction',
  'end_far',
  'agent_long',
  'summary_number',
  'metadata_text',
  'metadata_deep',
  'row_null',
] as const;

/** One call that is told wrongly, for minutes or for days. */
const wrongRecord: Draw = (dice) => {
  const route = dice.pick(['list', 'detail', 'any'] as const);
  const always = { times: null, route };
  const faults: FaultInput[] = [
    { kind: 'poison_row', poison: dice.pick(POISONS), ...always },
    { kind: 'poison_row', poison: dice.pick(POISONS), ...always },
    { kind: 'unknown_status', status: dice.pick(['registered', 'dreaming']), ...always },
    { kind: 'nul_text', ...always },
  ];
  const forMs = dice.pick([MINUTE, 20 * MINUTE, 3 * HOUR, 40 * HOUR]);
  return { kind: 'told_wrongly', fault: dice.pick(faults), forMs, victim: dice.next() };
};

const listedLate: Draw = (dice, { settings }) => ({
  kind: 'listed_late',
  share: dice.pick([0.1, 0.5, 1]),
  delayMs: dice.pick([
    20 * SECOND,
    5 * MINUTE,
    Math.floor(settings.lookbackMs * 0.8),
    3 * settings.lookbackMs,
  ]),
});

const deleted: Draw = (dice) => ({ kind: 'deleted', victim: dice.next() });
const forgotten: Draw = (dice) => ({
  kind: 'forgotten',
  victim: dice.next(),
  forMs: dice.pick([10 * MINUTE, 2 * HOUR, 2 * DAY]),
});
const retention: Draw = (dice) => ({ kind: 'retention', victim: dice.next() });

const detailBroken: Draw = (dice) => ({
  kind: 'detail_broken',
  victim: dice.next(),
  answer: dice.pick(['server_error', 'hang', 'null', 'without_id']),
});
const agentsBroken: Draw = (dice) => ({ kind: 'agents_broken', status: dice.pick([500, 503]) });

const rights: Draw = (dice) => ({
  kind: 'rights',
  part: dice.pick(['messages', 'messages', 'calls', 'phones', 'agents']),
  forMs: dice.pick([20 * MINUTE, 3 * HOUR, 30 * HOUR]),
});

const operation = (dice: Dice): number => dice.pick([dice.int(1, 20), dice.int(1, 120), dice.int(1, 700)]);
const moment = (dice: Dice): Moment => dice.pick(['before', 'after']);
const worker = (dice: Dice, { workers }: Bones): number => dice.int(0, workers.length - 1);

const crash: Draw = (dice, story) => ({
  kind: 'crash',
  worker: worker(dice, story),
  operation: operation(dice),
  moment: moment(dice),
  downForMs: dice.pick([2 * SECOND, 20 * SECOND, 3 * MINUTE, 2 * HOUR]),
});
const stop: Draw = (dice, story) => ({
  kind: 'stop',
  worker: worker(dice, story),
  downForMs: dice.pick([2 * SECOND, 10 * MINUTE]),
});
const disconnect: Draw = (dice, story) => ({
  kind: 'disconnect',
  worker: worker(dice, story),
  operation: operation(dice),
  moment: moment(dice),
});
const serializationFailure: Draw = (dice, story) => ({
  kind: 'serialization_failure',
  worker: worker(dice, story),
  operation: operation(dice),
});
const databaseDown: Draw = (dice) => ({
  kind: 'database_down',
  forMs: dice.pick([5 * SECOND, 2 * MINUTE, 3 * HOUR]),
});
const breaks: Draw = (dice, story) => ({
  kind: 'break',
  worker: worker(dice, story),
  operation: operation(dice),
});
const pause: Draw = (dice, story) => ({
  kind: 'pause',
  worker: worker(dice, story),
  operation: operation(dice),
  moment: moment(dice),
  forMs: dice.pick([10 * SECOND, 35 * SECOND, 2 * MINUTE, HOUR]),
});
const clockSet: Draw = (dice, story) => ({
  kind: 'clock_set',
  worker: worker(dice, story),
  byMs: dice.pick([-1, 1]) * dice.pick([2 * SECOND, 5 * MINUTE, 3 * HOUR, 2 * DAY]),
});

const databaseClockSet: Draw = (dice) => ({
  kind: 'database_clock_set',
  byMs: dice.pick([-1, 1]) * dice.pick([2 * SECOND, 5 * MINUTE, 3 * HOUR, 2 * DAY]),
});
const wrongDate: Draw = (dice) => ({
  kind: 'network',
  fault: 'wrong_date',
  times: dice.int(1, 3),
  forMs: HOUR,
  delayMs: dice.pick([-1, 1]) * dice.pick([5 * SECOND, 10 * MINUTE, 3 * DAY]),
});

type Draws = readonly (readonly [Draw, number])[];

const VENDOR: Draws = [
  [vendorFault, 3],
  [networkFault, 2],
];
const DATA: Draws = [
  [wrongRecord, 4],
  [listedLate, 2],
  [deleted, 1],
  [forgotten, 1],
  [retention, 2],
];
const BROKEN: Draws = [
  [detailBroken, 3],
  [agentsBroken, 1],
];
const LYING: Draws = [[lies, 1]];
const CRASHES: Draws = [
  [crash, 4],
  [breaks, 2],
  [stop, 1],
  [disconnect, 3],
  [serializationFailure, 1],
  [databaseDown, 1],
];
const WORKERS: Draws = [
  [pause, 4],
  [crash, 2],
  [stop, 1],
];
const CLOCKS: Draws = [
  [clockSet, 3],
  [databaseClockSet, 1],
  [wrongDate, 1],
];
const OUTAGE: Draws = [
  [outage, 3],
  [databaseDown, 1],
];

const RIGHTS: Draws = [[rights, 1]];

/** A database that is down would strike all vendors. */
const OUTAGE_OF_ONE: Draws = [[outage, 6]];

const GROUPS: readonly Draws[] = [VENDOR, DATA, CRASHES, WORKERS, CLOCKS, OUTAGE, BROKEN, LYING];

/** Two to all of a kind: incidents of few kinds meet more often than those of many. */
function someOf<T>(dice: Dice, all: readonly T[], min = 2, max = all.length): T[] {
  const left = [...all];
  return Array.from({ length: dice.int(min, max) }, () =>
    left.splice(dice.int(0, left.length - 1), 1),
  ).flat() as T[];
}

/** Profiles that draw from some groups, not from one. */
const MIXED: Readonly<Partial<Record<Profile, readonly Draws[]>>> = {
  everything: GROUPS,
  voicy: GROUPS,
  diga: [...GROUPS, RIGHTS],
};

const DRAWS: Readonly<Partial<Record<Profile, Draws>>> = {
  calm: [],
  vendor: VENDOR,
  data: DATA,
  crashes: CRASHES,
  workers: WORKERS,
  clocks: CLOCKS,
  outage: OUTAGE,
  broken: BROKEN,
  lies: LYING,
  three: [...OUTAGE_OF_ONE, ...VENDOR],
};
