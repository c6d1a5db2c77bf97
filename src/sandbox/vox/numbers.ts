import type { Dice } from '../dice.ts';

/** A mobile number out of a made-up block, national format without hyphens. */
export function customerNumber(dice: Dice): string {
  return `0101234${dice.digits(4)}`;
}

/** Numbers that the organisation may show to whom it calls. */
export const APPROVED_PRESENTATION_NUMBERS = ['15880100', '15880200'] as const;

/** A number with an active traffic split: a call from it may be placed without naming an agent. */
export const TRAFFIC_SPLIT_NUMBER = '07011220099';

/** Korean national format without hyphens: area, mobile and internet numbers, or an eight-digit line. */
export const NATIONAL_NUMBER = /^(0\d{8,10}|1[5-9]\d{6})$/;
