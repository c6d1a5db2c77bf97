import { REDACTED, redactText } from './secrets.ts';

/**
 * What a vendor wrote, as it may stand in an error, in the log or in `status`. More is taken out here than from what is
 * stored: a word that is lost from a message costs nothing, a number of a person that is told does.
 */

/** No message needs more: what lies beyond is not even looked at, so that a refusal of megabytes takes no time. */
const LOOKED_AT_MAX = 10_000;

/** Keys by what they begin with, however short. */
const KEY = /\b(?:\w{1,40}_)?(?:sk|pk|rk)_\w{3,}/g;
const EMAIL = /[^\s@<>"'(),;:]{1,64}@[^\s@<>"'(),;:]{1,255}/g;
/** Four digits in a row, or six with what people put between the digits of a phone number; ids of records may be told. */
const UUID_OR_NUMBER =
  /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|\+?\p{Nd}(?:[\p{Zs}\t()./\p{Pd}]{0,3}\p{Nd}){5,}|\+?\p{Nd}{4,}/giu;

/** The first characters of a vendor's text, on one line, without secrets, addresses and numbers of people. */
export function told(text: string, lengthMax: number): string {
  const clean = redactText(text.slice(0, LOOKED_AT_MAX).replace(KEY, REDACTED))
    .replace(EMAIL, '[EMAIL]')
    .replace(UUID_OR_NUMBER, (found) => (/[a-f]/i.test(found) ? found : '[NUMBER]'))
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return shortened(clean, lengthMax);
}

/** Characters of a fault that are stored: what it is stands at its beginning. */
export const FAULT_LENGTH_MAX = 500;

/** A text, or its beginning with a mark where it was cut. A character that takes two units is never cut in two. */
export function shortened(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return `${text.slice(0, lengthMax - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
