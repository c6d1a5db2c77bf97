import { HOUR, MINUTE } from '../../src/clock.ts';
import type { Bench, Figure, Finding } from '../kernel.ts';
import { inVirtualWorld, type VendorName } from '../virtual-world.ts';

const VENDORS: readonly VendorName[] = ['vox', 'voicy', 'diga'];
const PAGE = 100;

/** Requests are what vendors ration: how many history and an hour of new calls take. */
export async function frugal(bench: Bench): Promise<Finding> {
  const history = await requestsForHistory(bench, bench.quick ? 1_000 : 10_000);
  const hours: LiveHour[] = [];
  for (const vendor of VENDORS) hours.push(await liveHour(bench, vendor));
  return {
    figures: [
      {
        name: 'frugal.history_over_pages',
        what: `list requests for a history of ${history.calls} calls over its pages`,
        value: (history.listRequests - history.listRequestsAgain) / (history.calls / PAGE),
        unit: '×',
      },
      {
        name: 'frugal.newest',
        what: 'list requests of the same command for the newest calls',
        value: history.listRequestsAgain,
        unit: 'requests',
      },
      ...hours.flatMap(figuresOf),
    ],
    evidence: { history, hours },
  };
}

/** What the same command asks for when all history is there is no request for history. */
async function requestsForHistory({ processes, postgres }: Bench, calls: number) {
  const vendor = await processes.vendor({ calls, prepared: false });
  const [first, again] = await postgres.withDatabase(async ({ url }) => {
    const read = () => processes.engine({ databaseUrl: url, vendorUrl: vendor.url, only: 'backfill' });
    return [await read(), await read()];
  });
  vendor.close();
  return {
    calls,
    listRequests: first.counts.listRequests,
    listRequestsAgain: again.counts.listRequests,
    otherRequests: first.counts.otherRequests,
  };
}

interface LiveHour {
  vendor: VendorName;
  calls: number;
  settled: number;
  connected: number;
  lists: number;
  details: number;
  others: number;
}

/** An hour in which calls come, and half an hour for what is late. */
function liveHour(bench: Bench, vendor: VendorName): Promise<LiveHour> {
  const liveForMs = bench.quick ? 6 * MINUTE : HOUR;
  const options = { liveCallsPerSecond: 1_000 / 3_600, liveForMs };
  return inVirtualWorld(bench, vendor, options, async ({ runFor, sandbox, database }) => {
    await runFor(liveForMs + 30 * MINUTE);
    const { list, detail, messages, agents, other } = sandbox[vendor].requests.counts;
    const [counted] = await database.query<{ calls: number; settled: number; connected: number }>(
      `select count(*)::integer as calls, count(*) filter (where settlement = 'settled')::integer as settled,
  count(*) filter (where started_at is not null)::integer as connected from callhouse.calls`,
    );
    if (!counted) throw new Error('nothing was counted');
    return { vendor, ...counted, lists: list, details: detail + messages, others: agents + other };
  });
}

function figuresOf({ vendor, calls, settled, lists, details, others }: LiveHour): Figure[] {
  const figure = (name: string, what: string, value: number, unit = 'a call'): Figure => ({
    name: `frugal.${vendor}.${name}`,
    what: `an hour of new calls at ${vendor}: ${what}`,
    value,
    unit,
  });
  return [
    figure('requests', 'requests for a settled call', (lists + details + others) / settled),
    figure('lists', 'of them lists', lists / settled),
    figure('details', 'of them for the call itself', details / settled),
    figure('settled', 'settled half an hour later', (100 * settled) / calls, '%'),
  ];
}
