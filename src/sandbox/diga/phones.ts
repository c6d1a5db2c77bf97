import { DAY } from '../../clock.ts';
import { Dice } from '../dice.ts';
import type { DigaAgent } from './agents.ts';
import { type Envelope, pageOf, pagingOf, soundPaging } from './paging.ts';
import { QueryReader } from './query.ts';
import { stamp } from './stamp.ts';

/** One of our own numbers, as the API prints it. */
export interface PhoneRow {
  id: string;
  nickname: string | null;
  number: string;
  telephony_provider: 'netelip' | 'custom';
  status: 'assigned';
  released_at: string | null;
  scheduled_release_at: string | null;
  assigned_at: string | null;
  inbound_agent_id: string | null;
  outbound_agent_id: string | null;
  sip_config: { termination_uri: string; username: string } | null;
  checkout_url: string | null;
  reservation_expires_at: string | null;
  region_codes: string[];
}

const PROFILES = [
  { number: '+34910001201', nickname: 'Citas Madrid', region: ['MD'], imported: false },
  { number: '+34930001202', nickname: 'Reservas Barcelona', region: ['CT'], imported: false },
  { number: '+34960001203', nickname: null, region: ['VC'], imported: true },
  { number: '+34900001204', nickname: 'Línea gratuita', region: [], imported: false },
] as const;

/** Our own numbers, oldest first. An agent is reached at the number that its profile points to. */
export function phonesOf(seed: number, originMs: number, agents: readonly DigaAgent[]): PhoneRow[] {
  return PROFILES.map(({ number, nickname, region, imported }, position) => {
    const served = agents.filter((agent) => agent.phone === position);
    const lineOf = (type: string) =>
      served.find((agent) => agent.lines.some((line) => line.type === type))?.id ?? null;
    return {
      id: new Dice(seed, 'phone', number).uuid(),
      nickname,
      number,
      telephony_provider: imported ? 'custom' : 'netelip',
      status: 'assigned',
      released_at: null,
      scheduled_release_at: null,
      assigned_at: stamp(originMs - (500 - 40 * position) * DAY, 'milliseconds'),
      inbound_agent_id: lineOf('inbound'),
      outbound_agent_id: lineOf('outbound'),
      sip_config: imported ? { termination_uri: 'sip.centralita.invalid', username: 'centralita' } : null,
      checkout_url: null,
      reservation_expires_at: null,
      region_codes: [...region],
    };
  });
}

/** Answers `GET /phone/`. */
export function phonePage(phones: readonly PhoneRow[], text: string): Envelope<PhoneRow> {
  const reader = new QueryReader(text);
  const paging = pagingOf(reader, 20, 100);
  const inbound = reader.uuid('inbound_agent_id');
  const outbound = reader.uuid('outbound_agent_id');
  soundPaging(reader, paging);
  const matching = phones.filter(
    (phone) =>
      (inbound === null || phone.inbound_agent_id === inbound) &&
      (outbound === null || phone.outbound_agent_id === outbound),
  );
  return pageOf(matching, ({ id }) => id, paging);
}
