import type { Scenario } from '../conversation.ts';
import { Dice } from '../dice.ts';
import type { CallType } from './call.ts';
import { clinicAppointment } from './conversations/clinic-appointment.ts';
import { energyBill } from './conversations/energy-bill.ts';
import { insuranceClaim } from './conversations/insurance-claim.ts';
import { parcelDelivery } from './conversations/parcel-delivery.ts';
import { restaurantBooking } from './conversations/restaurant-booking.ts';

interface AgentLine {
  type: CallType;
  /** Whether the other side calls by phone or through a browser. */
  channel: 'call' | 'web';
  scenario: Scenario;
  weight: number;
}

interface AgentProfile {
  name: string;
  mode: 'free' | 'path';
  /** Number of the version that is live. */
  publishedVersion: number;
  /** Its share of all calls, relative to the others. */
  traffic: number;
  lines: readonly AgentLine[];
  /** Which of our own numbers it is reached at and calls from, by position. */
  phone: number;
}

/** An agent of the project. The id is a UUID. */
export interface DigaAgent extends AgentProfile {
  id: string;
}

const PROFILES: readonly AgentProfile[] = [
  {
    name: 'Clínica Nogalera · citas',
    mode: 'path',
    publishedVersion: 23,
    traffic: 6,
    lines: [
      { type: 'inbound', channel: 'call', scenario: clinicAppointment, weight: 5 },
      { type: 'inbound', channel: 'web', scenario: clinicAppointment, weight: 1 },
    ],
    phone: 0,
  },
  {
    name: 'La Parra Azul · reservas 🍇',
    mode: 'free',
    publishedVersion: 8,
    traffic: 4,
    lines: [
      { type: 'inbound', channel: 'call', scenario: restaurantBooking, weight: 6 },
      { type: 'inbound', channel: 'web', scenario: restaurantBooking, weight: 1 },
    ],
    phone: 1,
  },
  {
    name: 'Lumbrea Energía · facturas',
    mode: 'free',
    publishedVersion: 41,
    traffic: 6,
    lines: [{ type: 'outbound', channel: 'call', scenario: energyBill, weight: 1 }],
    phone: 2,
  },
  {
    name: 'Seguros Peñarrubia · partes',
    mode: 'path',
    publishedVersion: 112,
    traffic: 3,
    lines: [{ type: 'inbound', channel: 'call', scenario: insuranceClaim, weight: 1 }],
    phone: 3,
  },
  {
    name: 'Envíos Vencejo · entregas',
    mode: 'free',
    publishedVersion: 15,
    traffic: 4,
    lines: [{ type: 'outbound', channel: 'call', scenario: parcelDelivery, weight: 1 }],
    phone: 3,
  },
];

/** The agents of the sandbox's project. Their ids follow from the seed. */
export function agentsOf(seed: number): DigaAgent[] {
  return PROFILES.map((profile) => ({ ...profile, id: new Dice(seed, 'agent', profile.name).uuid() }));
}

/** The id of one version of an agent. */
export function versionId(agent: DigaAgent, number: number): string {
  return new Dice(agent.id, 'version', number).uuid();
}
