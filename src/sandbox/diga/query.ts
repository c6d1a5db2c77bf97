import { type Problem, unprocessable } from './errors.ts';

/** Reads query parameters one by one, and refuses all that were not understood together. Unknown names are let be. */
export class QueryReader {
  readonly #values: URLSearchParams;
  readonly #problems: Problem[] = [];

  constructor(text: string) {
    this.#values = new URLSearchParams(text);
  }

  uuid(name: string): string | null {
    return this.#read(name, asUuid, 'uuid_parsing', 'Input should be a valid UUID');
  }

  oneOf<Value extends string>(name: string, allowed: readonly Value[]): Value | null {
    const find = (text: string) => allowed.find((value) => value === text) ?? null;
    const spelt = allowed.map((value) => `'${value}'`).join(', ');
    return this.#read(name, find, 'enum', `Input should be one of ${spelt}`);
  }

  integer(name: string, least: number, most: number): number | null {
    const parse = (text: string) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : null;
    };
    return this.#read(name, parse, 'int_range', `Input should be an integer from ${least} to ${most}`);
  }

  boolean(name: string): boolean | null {
    const parse = (text: string) => ({ true: true, '1': true, false: false, '0': false })[text] ?? null;
    return this.#read(name, parse, 'bool_parsing', 'Input should be a valid boolean');
  }

  /** Unix ms; what lies behind the millisecond is dropped, and a time without an offset is UTC. */
  instant(name: string): number | null {
    return this.#read(name, asInstant, 'datetime_parsing', 'Input should be a valid datetime');
  }

  /** Throws a DigaRefusal when anything that was read so far made no sense. */
  finish(): void {
    if (this.#problems.length > 0) throw unprocessable(this.#problems);
  }

  /** Of a name that is given more than once, the last value counts. */
  #read<Value>(name: string, parse: (text: string) => Value | null, type: string, msg: string): Value | null {
    const text = this.#values.getAll(name).at(-1);
    if (text === undefined) return null;
    const value = parse(text);
    if (value === null) this.#problems.push({ loc: ['query', name], msg, type });
    return value;
  }
}

/** The id of a path, in one spelling. Throws a DigaRefusal when it is no UUID. */
export function pathId(name: string, text: string): string {
  const id = asUuid(text);
  if (id !== null) return id;
  throw unprocessable([{ loc: ['path', name], msg: 'Input should be a valid UUID', type: 'uuid_parsing' }]);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?$/i;

function asUuid(text: string): string | null {
  return UUID.test(text) ? text.toLowerCase() : null;
}

function asInstant(text: string): number | null {
  const [, day, time, fraction = '', zone = 'Z'] = INSTANT.exec(text) ?? [];
  const unixMs = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(unixMs) ? null : unixMs;
}
