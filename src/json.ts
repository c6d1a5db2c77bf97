import { createHash } from 'node:crypto';
import { isLosslessNumber, type LosslessNumber, parse } from 'lossless-json';

/**
 * JSON with its digits intact. `JSON.parse` turns 0.1234567890123456789 into a double; here a number stays the
 * text that the vendor wrote until PostgreSQL reads it as `numeric`.
 */
export type Json = string | number | boolean | null | LosslessNumber | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Parses JSON text. Throws `SyntaxError` when it is not JSON. */
export function parseJson(text: string): Json {
  return parse(text) as Json;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isLosslessNumber(value);
}

/** One spelling for equal values: keys sorted, no spaces, numbers as they were written. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (isLosslessNumber(value)) return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
