import { isJsonObject, type Json } from '../../json.ts';
import { REDACTED, redactText } from '../../secrets.ts';

const REASON_MAX = 200;
const VENDOR_KEY = /voicy_sk_\w+/g;
const LONG_NUMBER = /\+?\d(?:[\d\s-]{5,}\d)/g;

/**
 * What Voicy says when it refuses, in either of its two shapes: `{error}` and `{status: "error", message}`. It is free
 * text that may repeat what was sent: credentials and long numbers, which may be a person's phone, are left out.
 */
export function refusal(json: Json): string {
  const { error, message } = isJsonObject(json) ? json : {};
  const reason = [error, message].find((text) => typeof text === 'string' && text.trim() !== '');
  if (typeof reason !== 'string') return 'no reason given';
  return redactText(reason.replace(VENDOR_KEY, REDACTED))
    .replace(LONG_NUMBER, '[NUMBER]')
    .slice(0, REASON_MAX);
}
