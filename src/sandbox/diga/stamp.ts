import { type Dice, hash32 } from '../dice.ts';

/** How a call's dates are spelt: one way throughout the call, another in the next. */
export type DateStyle = 'milliseconds' | 'microseconds' | 'offset' | 'bare';

/** `bare` has no offset at all; it is meant as UTC. */
export function drawDateStyle(dice: Dice): DateStyle {
  return dice.weighted([
    ['milliseconds', 5],
    ['microseconds', 2],
    ['offset', 1],
    ['bare', 2],
  ]);
}

/** An instant (unix ms) as an ISO text. The digits behind the millisecond belong to the instant, not to the call. */
export function stamp(unixMs: number, style: DateStyle): string {
  const text = new Date(unixMs).toISOString();
  if (style === 'milliseconds') return text;
  const micros = String(hash32('micros', unixMs) % 1_000).padStart(3, '0');
  const zone = { microseconds: 'Z', offset: '+00:00', bare: '' }[style];
  return `${text.slice(0, -1)}${micros}${zone}`;
}
