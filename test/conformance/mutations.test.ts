import { expect } from 'vitest';
import { MINUTE } from '../../src/clock.ts';
import { isJsonObject, type Json } from '../../src/json.ts';
import { type ConformanceBench, startConformance } from './bench.ts';
import type { ConformanceCase } from './case.ts';
import { apart, rowsOf } from './dump.ts';
import { drawMutations, type Mutation, mutate } from './mutate-record.ts';
import { row } from './row.ts';

const CALLS = 200;
const SEED = 20_261_128;

/** A mutated call: what its field is now, by the answers that had it. */
interface Mutated extends Mutation {
  value: Json;
  isApplied: boolean;
}

row('mutated', async (vendor) => {
  const bench = await startConformance(vendor, { pastCalls: CALLS + 60 });
  const mutated = mutateEachCall(vendor, bench);

  expect((await bench.pass()).error).toBeNull();
  bench.clock.advance(10 * MINUTE);
  expect((await bench.pass()).error).toBeNull();
  const before = await rowsOf(bench.pool);
  expect((await bench.pass()).error).toBeNull();

  expect(apart(before, await rowsOf(bench.pool))).toEqual([]);
  expect(await bench.storedIds()).toEqual(bench.listedIds());
  const applied = [...mutated].filter(([, { isApplied }]) => isApplied);
  expect(applied.length).toBeGreaterThanOrEqual(CALLS / 2);
  const differences = await bench.differences();
  expect(wrong(vendor, differences, mutated)).toEqual([]);
  expect(await untold(vendor, bench, differences, mutated)).toEqual([]);
});

/** Has each call mutated in one field, in whatever answer shows it. */
function mutateEachCall(vendor: ConformanceCase, bench: ConformanceBench): Map<string, Mutated> {
  const drawn = drawMutations(Object.keys(vendor.documented), CALLS, SEED);
  const ids = bench.listedIds().slice(0, CALLS);
  const mutated = new Map<string, Mutated>();
  for (const [i, id] of ids.entries()) {
    const mutation = drawn[i];
    if (mutation) mutated.set(id, { ...mutation, value: null, isApplied: false });
  }
  bench.tamper(({ calls }) => {
    for (const call of calls) {
      const one = mutated.get(String(call[vendor.fields.id]));
      const value = one && mutate(call, one);
      if (value !== undefined) Object.assign(one ?? {}, { value, isApplied: true });
    }
  });
  return mutated;
}

const columnsOf = (vendor: ConformanceCase, path: string) => {
  const { columns = '', follow = '' } = vendor.documented[path] ?? {};
  return { columns: columns.split(' ').filter(Boolean), follow: follow.split(' ').filter(Boolean) };
};

/** Columns that are not as the vendor says, other than those of the mutated field. */
function wrong(
  vendor: ConformanceCase,
  differences: readonly string[],
  mutated: ReadonlyMap<string, Mutated>,
): string[] {
  return differences.filter((difference) => {
    const [, id = '', column = ''] = /^(\S+) (\S+): is /s.exec(difference) ?? [];
    const one = mutated.get(id);
    if (!one?.isApplied || one.kind === 'twice') return true;
    const { columns, follow } = columnsOf(vendor, one.path);
    return ![...columns, ...follow].includes(column);
  });
}

/** Fields that are null though the vendor said something, and of which nothing was told; and those told without need. */
async function untold(
  vendor: ConformanceCase,
  bench: ConformanceBench,
  differences: readonly string[],
  mutated: ReadonlyMap<string, Mutated>,
): Promise<string[]> {
  const { rows } = await bench.pool.query<{ call_id: string; path: string }>(
    'select call_id, path from callhouse_sync.dead_letters where resolved_at is null',
  );
  const isLost = (id: string, path: string) =>
    columnsOf(vendor, path).columns.some((column) =>
      differences.some((difference) => difference.startsWith(`${id} ${column}: is null`)),
    );
  return [...mutated].flatMap(([id, { kind, path, value, isApplied }]) => {
    const told = rows.filter(({ call_id }) => call_id === id).map((letter) => letter.path);
    const isSilent = !isApplied || value === null || value === '' || kind === 'twice';
    if (isSilent) return told.length > 0 ? [`${id}: ${path} (${kind}) is told without need: ${told}`] : [];
    // A start that is wrong makes impossible what is reckoned from it.
    const [name = ''] = path.split('.');
    const strange = told.filter((one) => !one.startsWith(name) && !one.startsWith('transcript.'));
    if (strange.length > 0) return [`${id}: ${path} (${kind}) is told as ${strange}`];
    // An object in which nothing is known says nothing that could be read: what it holds is counted as drift.
    const isRead = isJsonObject(value) || !isLost(id, path);
    return told.length === 0 && !isRead ? [`${id}: ${path} (${kind}) is neither read nor told`] : [];
  });
}
