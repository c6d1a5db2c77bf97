import { readFileSync } from 'node:fs';
import type { CallReading } from '../../../src/call.ts';
import { RecordError } from '../../../src/errors.ts';
import { type JsonObject, parseJson } from '../../../src/json.ts';
import { normalizeVoxCall } from '../../../src/sources/vox/normalize.ts';

/** The text of a fixture, as the vendor would send it. */
export function fixtureText(name: 'detail' | 'list'): string {
  return readFileSync(new URL(`../../fixtures/vox/${name}.json`, import.meta.url), 'utf8');
}

/** A full call, parsed anew for each test. */
export function detail(): JsonObject {
  return parseJson(fixtureText('detail')) as JsonObject;
}

/** A full call with some fields replaced by JSON text; `undefined` takes a field out. */
export function detailWith(fields: Record<string, string | undefined>): JsonObject {
  const record = detail();
  for (const [name, json] of Object.entries(fields)) {
    if (json === undefined) delete record[name];
    else record[name] = parseJson(json);
  }
  return record;
}

export function readWith(fields: Record<string, string | undefined>): CallReading {
  return normalizeVoxCall({ detail: detailWith(fields) });
}

/** Reads the list row of that call. */
export function readRowWith(fields: Record<string, string | undefined>): CallReading {
  const { transcript: _, ...list } = detailWith(fields);
  return normalizeVoxCall({ list });
}

/** The paths at which fields of a record cannot be read, or the one at which the record is refused; else what it was read as. */
export function refusedAt(read: () => unknown): unknown {
  try {
    const told = read();
    const { unread = [] } = (told ?? {}) as Partial<CallReading>;
    return unread.length > 0 ? unread.map(({ path }) => path).join(' ') : told;
  } catch (error) {
    if (error instanceof RecordError) return error.path;
    throw error;
  }
}
