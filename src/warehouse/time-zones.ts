import { DAY } from '../clock.ts';
import type { Sql } from '../database/database.ts';

export interface ZoneProblem {
  what: string;
  fix: string;
  /** Whether business days would mean something else than the name says. Else only the data of the two differ. */
  isRefused: boolean;
}

const YEARS_BACK = 3;

/**
 * Whether Node and PostgreSQL mean the same by the name of a time zone, on summer and winter instants of some years. Of
 * `CET` Node makes a region with summer time, and PostgreSQL one hour all the year: business days would be wrong without
 * a word. Null when they agree.
 */
export async function zoneProblem(sql: Sql, zone: string, now: number): Promise<ZoneProblem | null> {
  const instants = halfYears(now);
  const offsets = await readOffsets(sql, zone, instants);
  if (offsets === null) {
    return { what: `PostgreSQL knows no time zone '${zone}'`, fix: nameInstead(zone), isRefused: true };
  }
  if (instants.every((at, index) => offsets[index] === offsetMinutes(zone, at))) return null;
  if (!zone.includes('/')) {
    return {
      what: `PostgreSQL reads '${zone}' as an abbreviation, and not as a time zone`,
      fix: nameInstead(zone),
      isRefused: true,
    };
  }
  return {
    what: `Node and PostgreSQL do not agree on the time in ${zone}: one of them has older data`,
    fix: 'Update PostgreSQL or its tzdata, or Node. Business days are those of PostgreSQL meanwhile.',
    isRefused: false,
  };
}

/** The zone that Node takes an abbreviation for, when it says which. */
function nameInstead(zone: string): string {
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
  const region = timeZone !== zone && timeZone.includes('/') ? timeZone : (REGIONS[zone] ?? 'Asia/Seoul');
  return `Set CALLHOUSE_TIMEZONE (timezone in CALLHOUSE_CONFIG) to the name of a region, such as ${region}.`;
}

/** Abbreviations that are the name of a zone for Node as well, so that it says no region. */
const REGIONS: Readonly<Record<string, string>> = {
  CET: 'Europe/Paris',
  EET: 'Europe/Athens',
  MET: 'Europe/Paris',
  WET: 'Europe/Lisbon',
};

function halfYears(now: number): number[] {
  return Array.from({ length: 2 * (YEARS_BACK + 1) }, (_, index) => now + DAY * 182 * (1 - index));
}

/** Minutes east of UTC, as PostgreSQL has them; null when it does not know the zone. */
async function readOffsets(sql: Sql, zone: string, instants: readonly number[]): Promise<number[] | null> {
  try {
    const { rows } = await sql.query<{ minutes: number }>(
      `select (extract(epoch from (i.at at time zone $1) - (i.at at time zone 'UTC')) / 60)::double precision as minutes
from unnest($2::timestamptz[]) with ordinality as i (at, place) order by i.place`,
      [zone, instants.map((at) => new Date(at).toISOString())],
    );
    return rows.map(({ minutes }) => minutes);
  } catch (error) {
    if ((error as { code?: unknown }).code === UNKNOWN_ZONE) return null;
    throw error;
  }
}

const UNKNOWN_ZONE = '22023';

/** The same, as Node has them. */
function offsetMinutes(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(
    at,
  );
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /GMT(?:([+-])(\d+):(\d+))?/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
