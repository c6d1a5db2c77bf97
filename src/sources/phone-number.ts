import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** What was found out of numbers: our own stands in every call, and others call again. */
const known = new Map<string, string | null>();
const KNOWN_MAX = 10_000;

/** E.164, when the number parses as a valid one; else null. The vendor's own spelling is stored beside it. */
export function toE164(number: string | null, country: CountryCode): string | null {
  if (number === null || number === '') return null;
  const key = `${country} ${number}`;
  let e164 = known.get(key);
  if (e164 === undefined) {
    const parsed = parseWhole(number.replace(/^\s*tel:/i, ''), country);
    e164 = parsed?.isValid() ? parsed.number : null;
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, e164);
  }
  return e164;
}

/** National digits without hyphens, when the whole text is a valid number of that country; else null. */
export function toNational(number: string, country: CountryCode): string | null {
  const parsed = parseWhole(number, country);
  if (!parsed?.isValid() || parsed.country !== country || parsed.ext) return null;
  return parsed.formatNational().replace(/\D/g, '');
}

/** A text is a number as a whole, or none: digits that stand in an address or a name are no number. */
function parseWhole(text: string, country: CountryCode): PhoneNumber | undefined {
  return parsePhoneNumberFromString(text.trim(), { defaultCountry: country, extract: false });
}
