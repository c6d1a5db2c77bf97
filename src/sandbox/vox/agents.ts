import type { Finding, Scenario } from '../conversation.ts';
import { Dice } from '../dice.ts';
import { admissionLine } from './conversations/admission-line.ts';
import { clinicBooking } from './conversations/clinic-booking.ts';
import { insuranceClaim } from './conversations/insurance-claim.ts';
import { parcelDelivery } from './conversations/parcel-delivery.ts';
import { propertyViewing } from './conversations/property-viewing.ts';
import { restaurantReservation } from './conversations/restaurant-reservation.ts';
import { satisfactionSurvey } from './conversations/satisfaction-survey.ts';
import { telecomPlan } from './conversations/telecom-plan.ts';
import { utilityBill } from './conversations/utility-bill.ts';

/** Who calls whom: the customer, the agent, or the customer through a browser. */
export type Direction = 'inbound' | 'outbound' | 'web';

/** A field that the analysis of an agent's calls draws out. */
interface ExtractionField {
  name: string;
  type: 'string' | 'enum' | 'boolean' | 'number';
  /** What the analysis answers when the conversation does not tell. */
  unknown: Finding;
}

/** What the sandbox knows of an agent beside its identity. */
interface AgentProfile {
  name: string;
  type: 'single_prompt' | 'flow';
  /** Version that is live, as in `v12`. */
  productionVersion: number;
  /** Its share of all calls, relative to the others. */
  traffic: number;
  /** What it is called for, by direction, with relative weights. */
  lines: readonly { direction: Direction; scenario: Scenario; weight: number }[];
  /** The number it is reached at and calls from. */
  number: string;
  /** Whether post-call analysis is set up. Without it no call of the agent ever gets a `call_analysis`. */
  analysed: boolean;
  fields: readonly ExtractionField[];
  /** Share of its calls that opted out of storing sensitive data. */
  optOutShare: number;
  /** Price of a begun minute, in hundredths of a won. */
  jeonPerMinute: number;
}

/** An agent of the organisation. The id is a UUID. */
export interface VoxAgent extends AgentProfile {
  id: string;
}

const INSURANCE_FIELDS: readonly ExtractionField[] = [
  { name: 'accident_type', type: 'enum', unknown: '확인 불가' },
  { name: 'accident_place', type: 'string', unknown: '' },
  { name: 'injured', type: 'boolean', unknown: null },
  { name: 'estimated_cost_krw', type: 'number', unknown: null },
  { name: 'other_vehicle_number', type: 'string', unknown: null },
];

const TELECOM_FIELDS: readonly ExtractionField[] = [
  { name: '상담 결과', type: 'enum', unknown: '미완료' },
  { name: '희망 요금제', type: 'string', unknown: null },
  { name: '만족도 점수', type: 'number', unknown: null },
];

const PROFILES: readonly AgentProfile[] = [
  {
    name: '달고래의원 예약 상담',
    type: 'flow',
    productionVersion: 41,
    traffic: 5,
    lines: [
      { direction: 'inbound', scenario: clinicBooking, weight: 6 },
      { direction: 'web', scenario: clinicBooking, weight: 1 },
    ],
    number: '15880101',
    analysed: true,
    fields: [],
    optOutShare: 0.03,
    jeonPerMinute: 10_000,
  },
  {
    name: '나르샘택배 배송 안내',
    type: 'single_prompt',
    productionVersion: 12,
    traffic: 4,
    lines: [{ direction: 'inbound', scenario: parcelDelivery, weight: 1 }],
    number: '15880102',
    analysed: false,
    fields: [],
    optOutShare: 0.01,
    jeonPerMinute: 5_000,
  },
  {
    name: '다솜콜 예약 대행(식당·부동산)',
    type: 'single_prompt',
    productionVersion: 7,
    traffic: 4,
    lines: [
      { direction: 'inbound', scenario: restaurantReservation, weight: 4 },
      { direction: 'inbound', scenario: propertyViewing, weight: 3 },
      { direction: 'web', scenario: propertyViewing, weight: 1 },
    ],
    number: '07011220003',
    analysed: true,
    fields: [],
    optOutShare: 0.01,
    jeonPerMinute: 7_500,
  },
  {
    name: '든든채손해보험 사고 접수',
    type: 'flow',
    productionVersion: 88,
    traffic: 3,
    lines: [{ direction: 'inbound', scenario: insuranceClaim, weight: 1 }],
    number: '15880104',
    analysed: true,
    fields: INSURANCE_FIELDS,
    optOutShare: 0.03,
    jeonPerMinute: 10_000,
  },
  {
    name: '별무리통신 고객센터',
    type: 'flow',
    productionVersion: 262,
    traffic: 6,
    lines: [
      { direction: 'inbound', scenario: telecomPlan, weight: 2 },
      { direction: 'outbound', scenario: satisfactionSurvey, weight: 3 },
    ],
    number: '07011220005',
    analysed: true,
    fields: TELECOM_FIELDS,
    optOutShare: 0.02,
    jeonPerMinute: 10_000,
  },
  {
    name: '물마루에너지 요금 안내',
    type: 'single_prompt',
    productionVersion: 19,
    traffic: 6,
    lines: [{ direction: 'outbound', scenario: utilityBill, weight: 1 }],
    number: '07011220006',
    analysed: true,
    fields: [],
    optOutShare: 0.85,
    jeonPerMinute: 5_000,
  },
  {
    name: '새늘대학교 입학 상담 🎓',
    type: 'single_prompt',
    productionVersion: 3,
    traffic: 2,
    lines: [
      { direction: 'inbound', scenario: admissionLine, weight: 2 },
      { direction: 'web', scenario: admissionLine, weight: 2 },
    ],
    number: '07011220007',
    analysed: true,
    fields: [],
    optOutShare: 0.02,
    jeonPerMinute: 7_500,
  },
];

/** The agents of the sandbox's organisation. Their ids follow from the seed. */
export function agentsOf(seed: number): VoxAgent[] {
  return PROFILES.map((profile) => ({ ...profile, id: new Dice(seed, 'agent', profile.name).uuid() }));
}
