import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** E.164, when the number parses as a valid one; else null. The vendor's own spelling is stored beside it. */
export function toE164(number: string | null, country: CountryCode): string | null {
  if (number === null || number === '') return null;
  const parsed = parsePhoneNumberFromString(number, country);
  return parsed?.isValid() ? parsed.number : null;
}

/** National digits without hyphens, when the whole text is a valid number of that country; else null. */
export function toNational(number: string, country: CountryCode): string | null {
  const parsed = parsePhoneNumberFromString(number, { defaultCountry: country, extract: false });
  if (!parsed?.isValid() || parsed.country !== country || parsed.ext) return null;
  return parsed.formatNational().replace(/\D/g, '');
}
