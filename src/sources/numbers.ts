import { CALL_LENGTH_MAX_MS } from '../call.ts';
import { digitsOf, type Json, plainDecimal } from '../json.ts';
import { maybe } from './decode.ts';

/** Numbers as vendors spell them: as JSON numbers, or as text. What has to be guessed is none. */

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The digits of a number without an exponent; null when the value is none. `1,234.50` may be two things, and is none. */
function plainDigits(value: Json | undefined): string | null {
  const spelled = typeof value === 'string' ? value.trim() : digitsOf(value);
  return spelled !== null && NUMBER.test(spelled) ? plainDecimal(spelled) : null;
}

/** Digits before and behind the point that an amount may have: far more than money has. */
const AMOUNT = /^-?\d{1,100}(?:\.\d{1,100})?$/;

function amountOf(value: Json): string | null {
  const digits = plainDigits(value);
  return digits !== null && AMOUNT.test(digits) ? digits : null;
}

/** An exact amount by its digits. */
export const maybeDecimal = maybe(amountOf, 'is not a decimal number');

/** A number as a double, for what is no money and needs no digits; null when it is none. */
export function asNumber(value: Json | undefined): number | null {
  const digits = plainDigits(value);
  return digits === null ? null : Number(digits);
}

/** A number as a whole number that is exact; null when it is none. */
export function wholeNumber(value: Json | undefined): number | null {
  const digits = plainDigits(value);
  return digits !== null && /^\d{1,15}(?:\.0*)?$/.test(digits) ? Number(digits) : null;
}

/** A length in whole milliseconds; null when nothing in a call can last so long. */
export function lengthMs(value: Json | undefined, unitMs: number): number | null {
  const number = asNumber(value);
  if (number === null || number < 0) return null;
  const ms = Math.round(number * unitMs);
  return ms <= CALL_LENGTH_MAX_MS ? ms : null;
}

/** A length that a vendor gives in this unit. */
export function maybeLength(unitMs: number) {
  return maybe((value) => lengthMs(value, unitMs), 'is not the length of a call, of a week at most');
}
