import { canonicalJson, type Json, plainDecimal } from '../json.ts';

/** Any value as the text that a person would search for: text as it is, a number by its digits, the rest as JSON. */
export function plainText(value: Json): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  // Its keys in one order, so that the payload as it is stored reads as the payload that was sent.
  return canonicalJson(value, plainDecimal);
}
