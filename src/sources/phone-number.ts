import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** E.164, when the number parses as a valid one; else null. The vendor's own spelling is stored beside it. */
export function toE164(number: string | null, country: CountryCode): string | null {
  if (number === null || number === '') return null;
  const parsed = parsePhoneNumberFromString(number, country);
  return parsed?.isValid() ? parsed.number : null;
}
