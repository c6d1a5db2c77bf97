import type { Scenario } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { clinicBooking } from './conversations/clinic-booking.ts';
import { clinicReminder } from './conversations/clinic-reminder.ts';
import { insuranceClaim } from './conversations/insurance-claim.ts';
import { parcelDelivery } from './conversations/parcel-delivery.ts';
import { restaurantTable } from './conversations/restaurant-table.ts';
import { waterBill } from './conversations/water-bill.ts';

/** How a call comes about: the customer calls, the agent calls, or the customer clicks. */
export type Line = 'incoming' | 'outgoing' | 'web';

/** What the sandbox knows of an agent beside its id. */
interface AgentProfile {
  name: string;
  type: 'singlePrompt' | 'conversationalFlow';
  /** The newest one; calls carry it or one of the two before. */
  version: number;
  voice: string;
  active: boolean;
  /** Its share of all calls, relative to the others. */
  traffic: number;
  /** How its calls come about, with relative weights. */
  lines: readonly (readonly [line: Line, weight: number])[];
  scenario: Scenario;
  /** The number it is reached at and calls from. */
  number: string;
  /** Where its functions send their requests. */
  host: string;
  /** What is extracted from its calls after their end. */
  fields: readonly string[];
}

/** An agent of the account. The id is a UUID. */
export interface VoicyAgent extends AgentProfile {
  id: string;
}

/** The name of two agents that have nothing else in common, as it happens where agents are copied. */
const SHARED_NAME = 'נציגת שירות';

const PROFILES: readonly AgentProfile[] = [
  {
    name: 'מרפאת תלתן – זימון תורים',
    type: 'conversationalFlow',
    version: 14,
    voice: 'maya',
    active: true,
    traffic: 5,
    lines: [
      ['incoming', 6],
      ['web', 1],
    ],
    scenario: clinicBooking,
    number: '+97235550101',
    host: 'api.tiltan.example',
    fields: ['customer_name', 'doctor', 'סיבת הפנייה', 'appointment_date', 'appointment_time'],
  },
  {
    name: 'מרפאת תלתן – תזכורות',
    type: 'singlePrompt',
    version: 3,
    voice: 'maya',
    active: true,
    traffic: 4,
    lines: [['outgoing', 1]],
    scenario: clinicReminder,
    number: '+97235550102',
    host: 'api.tiltan.example',
    fields: ['confirmed', 'new_date', 'callback_wanted'],
  },
  {
    name: SHARED_NAME,
    type: 'conversationalFlow',
    version: 27,
    voice: 'noga',
    active: true,
    traffic: 4,
    lines: [['incoming', 1]],
    scenario: parcelDelivery,
    number: '+97285550103',
    host: 'hooks.dror-couriers.example',
    fields: ['parcel_number', 'pickup_point', 'damaged_item', 'הערה לשליח'],
  },
  {
    name: SHARED_NAME,
    type: 'conversationalFlow',
    version: 27,
    voice: 'adi',
    active: true,
    traffic: 3,
    lines: [['incoming', 1]],
    scenario: insuranceClaim,
    number: '+97245550104',
    host: 'claims.magen-tzafon.example',
    fields: ['policy_holder', 'סוג האירוע', 'accident_place', 'claim_number'],
  },
  {
    name: 'הזית והגפן 🍇',
    type: 'conversationalFlow',
    version: 8,
    voice: 'noga',
    active: true,
    traffic: 4,
    lines: [
      ['incoming', 4],
      ['web', 2],
    ],
    scenario: restaurantTable,
    number: '+97225550105',
    host: 'tables.zayit-gefen.example',
    fields: ['שם המזמין', 'guests', 'allergies'],
  },
  {
    name: 'מעיינות הגבעה – גבייה',
    type: 'singlePrompt',
    version: 5,
    voice: 'adi',
    active: false,
    traffic: 6,
    lines: [['outgoing', 1]],
    scenario: waterBill,
    number: '+97245550106',
    host: 'billing.maayanot.example',
    fields: ['promised', 'already_paid', 'payments', 'wrong_number'],
  },
];

/** The agents of the sandbox's account. Their ids follow from the seed. */
export function agentsOf(seed: number): VoicyAgent[] {
  return PROFILES.map((profile) => ({ ...profile, id: new Dice(seed, 'agent', profile.number).uuid() }));
}
