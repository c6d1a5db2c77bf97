import { invalid, unknownParameter } from './errors.ts';

/** Query parameters by name, each with all its values in order. */
export type QueryValues = ReadonlyMap<string, readonly string[]>;

/** Reads the raw query text and refuses every name that is not allowed. */
export function readQuery(text: string, allowed: readonly string[]): QueryValues {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (!allowed.includes(name)) throw unknownParameter(name, allowed);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return values;
}

/** The value of a parameter that may be given once. */
export function single(values: QueryValues, name: string): string | null {
  const [value, ...more] = values.get(name) ?? [];
  if (more.length > 0) throw invalid(name, 'must be given once');
  return value ?? null;
}

/** The value of a parameter that takes one of these words, or null when it is not given. */
export function choice<Value extends string>(
  values: QueryValues,
  name: string,
  allowed: readonly Value[],
): Value | null {
  const value = single(values, name);
  return value === null ? null : oneOf(name, value, allowed);
}

/** Every value of a repeatable parameter, or null when it is not given. */
export function choices<Value extends string>(
  values: QueryValues,
  name: string,
  allowed: readonly Value[],
): ReadonlySet<Value> | null {
  const given = values.get(name);
  return given === undefined ? null : new Set(given.map((value) => oneOf(name, value, allowed)));
}

/** Every value of a repeatable parameter of this form, or null when it is not given. */
export function patterned(
  values: QueryValues,
  name: string,
  pattern: RegExp,
  reason: string,
): ReadonlySet<string> | null {
  const given = values.get(name);
  if (given === undefined) return null;
  if (given.some((value) => !pattern.test(value))) throw invalid(name, reason);
  return new Set(given);
}

/** The page size: 1 to 100, 50 when it is not given. */
export function limitOf(values: QueryValues): number {
  const value = single(values, 'limit');
  if (value === null) return 50;
  const limit = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (limit < 1 || limit > 100) throw invalid('limit', 'must be an integer between 1 and 100');
  return limit;
}

/** An instant in unix ms; ten or eleven digits are read as seconds. */
export function instant(values: QueryValues, name: string): number | null {
  const value = single(values, name);
  if (value === null) return null;
  if (!/^\d{1,15}$/.test(value)) throw invalid(name, 'must be a unix timestamp in milliseconds');
  return value.length === 10 || value.length === 11 ? Number(value) * 1_000 : Number(value);
}

function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw invalid(name, `must be one of: ${allowed.join(', ')}`);
  return found;
}
