import fc from 'fast-check';
import { isJsonObject, type Json, type JsonObject } from '../../src/json.ts';
import { TWICE } from './tamper.ts';

/** What can become of a field on its way from a vendor that changes, or breaks. */
const KINDS = ['type', 'null', 'missing', 'extreme', 'twice', 'wrapped', 'inside'] as const;
type MutationKind = (typeof KINDS)[number];

export interface Mutation {
  kind: MutationKind;
  /** The field, such as `call_cost.total_cost`. */
  path: string;
}

/** Mutations of these fields, the same for every run: each kind and each field comes many times. */
export function drawMutations(paths: readonly string[], count: number, seed: number): Mutation[] {
  const mutation = fc.record({ kind: fc.constantFrom(...KINDS), path: fc.constantFrom(...paths) });
  return fc.sample(mutation, { seed, numRuns: count });
}

/** Changes a record in place. Gives the value that the field has now; `undefined` when the record has no such field. */
export function mutate(record: JsonObject, { kind, path }: Mutation): Json | undefined {
  const [name = '', inner] = path.split('.');
  const value = record[name];
  if (inner !== undefined) return isJsonObject(value) ? mutate(value, { kind, path: inner }) : undefined;
  if (value === undefined) return undefined;
  if (kind === 'missing') {
    delete record[name];
    return null;
  }
  if (kind === 'twice') {
    comesTwice(record, name);
    return value;
  }
  const changed = CHANGES[kind](value);
  record[name] = changed;
  return changed;
}

const CHANGES: Readonly<Record<Exclude<MutationKind, 'missing' | 'twice'>, (value: Json) => Json>> = {
  type: swapped,
  null: () => null,
  extreme,
  wrapped: (value) => [value],
  inside: (value) => ({ value }),
};

function swapped(value: Json): Json {
  if (typeof value === 'string') return 7;
  if (typeof value === 'number') return 'a while';
  if (typeof value === 'boolean') return 'perhaps';
  if (value === null) return { none: true };
  return Array.isArray(value) ? 'a list' : ['an object'];
}

function extreme(value: Json): Json {
  if (typeof value === 'string') return `${LONG}\u0000`;
  if (typeof value === 'number') return 1e300;
  if (typeof value === 'boolean') return -1e308;
  if (value === null) return '';
  if (Array.isArray(value)) return Array.from({ length: 3_000 }, () => null);
  return nested(2_500);
}

const LONG = Array.from({ length: 10_000 }, (_, i) =>
  String.fromCharCode(0x4e00 + ((i * 7_919) % 20_000)),
).join('');

/** An object in an object, and so on. */
export function nested(levels: number): JsonObject {
  let value: JsonObject = { said: '네' };
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

/** The key comes before with something else: of a key that comes twice the last value counts. */
function comesTwice(record: JsonObject, name: string): void {
  const members = Object.entries(record);
  for (const [key] of members) delete record[key];
  record[`${TWICE}${name}`] = 'something else';
  for (const [key, value] of members) record[key] = value;
}
