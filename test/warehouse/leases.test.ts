import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/clock.ts';
import { inTransaction } from '../../src/database/database.ts';
import { LeaseLostError } from '../../src/errors.ts';
import { acquireLease, fence, type Lease, readLease, releaseLease } from '../../src/warehouse/leases.ts';
import { useTestDatabase } from '../support/database.ts';

const NOON = Date.parse('2026-11-20T03:00:00Z');
const TTL = 30 * SECOND;
const database = useTestDatabase();
let sourceId = 0;

beforeEach(() => {
  sourceId += 1;
});

function acquire(holder: string, options: { now?: number; gone?: string } = {}) {
  return acquireLease(database.pool, {
    sourceId,
    holder,
    now: options.now ?? NOON,
    ttlMs: TTL,
    holderIsGone: (name) => name === options.gone,
    unrenewed: null,
  });
}

/** Takes a lease that must be free. */
async function take(holder: string, options: { now?: number; gone?: string } = {}): Promise<Lease> {
  const answer = await acquire(holder, options);
  if ('heldBy' in answer) throw new Error(`it is held by ${answer.heldBy.holder}`);
  return answer.lease;
}

describe('the lease of a source', () => {
  test('is taken by the first, and the second is told who has it until when', async () => {
    expect(await acquire('a')).toEqual({ lease: { sourceId, holder: 'a', token: 1 } });
    expect(await acquire('b')).toMatchObject({ heldBy: { holder: 'a', expiresAt: NOON + TTL } });
    expect(await readLease(database.pool, sourceId)).toMatchObject({ holder: 'a', expiresAt: NOON + TTL });
  });

  test('is taken by one alone when many ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => acquire(`worker-${i}`)));
    expect(answers.filter((answer) => 'lease' in answer)).toHaveLength(1);
  });

  test('is not shared with a second worker of the same name: a process has one', async () => {
    await take('a');
    expect(await acquire('a')).toMatchObject({ heldBy: { holder: 'a', expiresAt: NOON + TTL } });
  });

  test('of one source says nothing of another', async () => {
    await take('a');
    sourceId += 1;
    expect((await take('b')).token).toBe(1);
  });

  test('of nobody is held by nobody', async () => {
    expect(await readLease(database.pool, sourceId)).toBe(null);
  });
});

// Holds invariant 10.
describe('a lease is taken over', () => {
  test('when it has expired, not a millisecond before, with a higher token', async () => {
    await take('a');
    expect(await acquire('b', { now: NOON + TTL - 1 })).toHaveProperty('heldBy');
    expect(await take('b', { now: NOON + TTL })).toMatchObject({ sourceId, holder: 'b', token: 2 });
  });

  test('at once when its holder is known to be dead', async () => {
    await take('a');
    expect(await acquire('b', { gone: 'c' })).toHaveProperty('heldBy');
    expect(await take('b', { gone: 'a' })).toMatchObject({ token: 2 });
  });

  test('by one alone, when the holder that is dead was followed by another meanwhile', async () => {
    await take('a');
    const answers = await Promise.all(Array.from({ length: 6 }, (_, i) => acquire(`b${i}`, { gone: 'a' })));
    expect(answers.filter((answer) => 'lease' in answer)).toHaveLength(1);
  });

  test('later when it was renewed', async () => {
    const lease = await take('a');
    await fence(database.pool, lease, NOON + TTL - 1, TTL);
    expect(await acquire('b', { now: NOON + TTL })).toMatchObject({
      heldBy: { holder: 'a', expiresAt: NOON + TTL - 1 + TTL },
    });
  });
});

// Holds invariant 10.
describe('the fence', () => {
  test('lets the holder write, though its time is over, as long as nobody took over', async () => {
    const lease = await take('a');
    await fence(database.pool, lease, NOON + 10 * MINUTE, TTL);
    expect((await readLease(database.pool, sourceId))?.expiresAt).toBe(NOON + 10 * MINUTE + TTL);
  });

  test('stops a worker that wakes up after another took over, and rolls back what it wrote', async () => {
    const late = await take('a');
    await take('b', { now: NOON + TTL });
    const write = inTransaction(database.pool, async (tx) => {
      await tx.query("insert into callhouse_sync.leases (source_id, holder, token) values (-1, 'ghost', 1)");
      await fence(tx, late, NOON + TTL, TTL);
    });
    await expect(write).rejects.toEqual(new LeaseLostError('lease 1 of a was taken over by another worker'));
    expect(await readLease(database.pool, -1)).toBe(null);
    expect(await readLease(database.pool, sourceId)).toMatchObject({
      holder: 'b',
      expiresAt: NOON + 2 * TTL,
    });
  });

  test('stops a worker whose name came back with a new token', async () => {
    const first = await take('a');
    await releaseLease(database.pool, first);
    const second = await take('a');
    expect(second.token).toBe(first.token + 1);
    await expect(fence(database.pool, first, NOON, TTL)).rejects.toBeInstanceOf(LeaseLostError);
    await fence(database.pool, second, NOON, TTL);
  });

  test('makes a take-over wait for the transaction that is being written', async () => {
    const lease = await take('a');
    const order: string[] = [];
    let takeover: Promise<void> = Promise.resolve();
    await inTransaction(database.pool, async (tx) => {
      await fence(tx, lease, NOON, TTL);
      takeover = acquire('b', { now: NOON + TTL }).then(() => void order.push('taken over'));
      await tx.query('select 1');
      order.push('written');
    });
    await takeover;
    expect(order).toEqual(['written', 'taken over']);
  });
});

describe('letting go', () => {
  test('frees the lease at once, and the token goes on growing', async () => {
    await releaseLease(database.pool, await take('a'));
    expect(await readLease(database.pool, sourceId)).toBe(null);
    expect(await take('b')).toMatchObject({ token: 2 });
  });

  test('twice, or after the lease was lost, changes nothing', async () => {
    const lost = await take('a');
    await take('b', { now: NOON + TTL });
    await releaseLease(database.pool, lost);
    await releaseLease(database.pool, lost);
    expect(await readLease(database.pool, sourceId)).toMatchObject({ holder: 'b' });
  });
});
